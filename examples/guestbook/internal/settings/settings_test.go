package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!db-1a2b-AbCdEf"

func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		m[name] = value
	}
	return func(name string) string { return m[name] }
}

func TestReadWeb(t *testing.T) {
	web, err := ReadWeb(env("APP_URL=https://app.example.com/", "RELEASE=abc"))
	require.NoError(t, err)
	assert.Equal(t, ":8443", web.ListenAddress)
	assert.Equal(t, "https://app.example.com", web.AppURL.String())
	assert.Equal(t, "abc", web.Release)
}

func TestReadApp(t *testing.T) {
	app, err := ReadApp(env("DATABASE_HOST=db.internal", "DATABASE_NAME=guestbook", "DATABASE_SECRET_ARN="+arn))
	require.NoError(t, err)
	assert.Equal(t, ":9443", app.ListenAddress)
	assert.Equal(t, Database{
		Engine: "postgres", Host: "db.internal", Port: 5432, Name: "guestbook", SecretARN: arn, Region: "eu-west-1",
	}, app.Database)

	app, err = ReadApp(env("DATABASE_ENGINE=mysql", "DATABASE_HOST=db.internal", "DATABASE_NAME=guestbook",
		"DATABASE_SECRET_ARN="+arn, "AWS_REGION=us-east-1"))
	require.NoError(t, err)
	assert.Equal(t, 3306, app.Database.Port)
	assert.Equal(t, "us-east-1", app.Database.Region)
}

func TestEveryProblemIsReportedAtOnce(t *testing.T) {
	_, err := ReadApp(env("LISTEN_ADDRESS=9443", "DATABASE_ENGINE=oracle", "DATABASE_PORT=0", "DATABASE_CA_FILE=/absent.pem"))
	for _, piece := range []string{
		`LISTEN_ADDRESS: "9443" is not host:port`,
		"DATABASE_HOST: is not set",
		"DATABASE_NAME: is not set",
		`DATABASE_ENGINE: "oracle" is not an engine; write postgres or mysql`,
		`DATABASE_PORT: "0" is not a port`,
		"DATABASE_CA_FILE: cannot be read",
		"DATABASE_SECRET_ARN: is not set",
	} {
		assert.ErrorContains(t, err, piece)
	}
}

func TestProblems(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	app := func(pairs ...string) error {
		_, err := ReadApp(env(append([]string{"DATABASE_HOST=db", "DATABASE_NAME=g"}, pairs...)...))
		return err
	}
	web := func(pairs ...string) error {
		_, err := ReadWeb(env(pairs...))
		return err
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{web(), "APP_URL: is not set; set it, for example APP_URL=https://app.example.com"},
		{web("APP_URL=http://app.example.com"), "is not https://host[:port]"},
		{web("APP_URL=https://app.example.com/path"), "is not https://host[:port]"},
		{web("APP_URL=https://user:pw@app.example.com"), "is not https://host[:port]"},
		{web("APP_URL=https://a", "APP_CA_FILE=/absent"), "APP_CA_FILE: cannot be read"},
		{web("APP_URL=https://a", "LISTEN_ADDRESS=:65536"), "LISTEN_ADDRESS"},
		{web("APP_URL=https://a", "TLS_KEY_FILE="+file), "set both, or neither"},
		{app("DATABASE_SECRET_ARN=arn:aws:s3:::bucket"), "is not the ARN of a secret"},
		{app("DATABASE_SECRET_ARN="+arn, "DATABASE_SECRET_FILE="+file), "set one of them"},
		{app("DATABASE_SECRET_ARN="+arn, "DATABASE_HOST=db:5432"), "the port goes to DATABASE_PORT"},
	} {
		assert.ErrorContains(t, c.err, c.want)
	}
	assert.NoError(t, app("DATABASE_SECRET_FILE="+file))
}
