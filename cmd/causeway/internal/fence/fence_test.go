package fence

import (
	"net"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile is what the environment of an engineer with real accounts looks like.
var hostile = []string{
	"PATH=/usr/bin", "HOME=/home/ada", "LC_ALL=C", "CAUSEWAY_PROJECT_DIR=/repo",
	"AWS_ACCESS_KEY_ID=LEAK", "AWS_SECRET_ACCESS_KEY=LEAK", "AWS_SESSION_TOKEN=LEAK", "AWS_PROFILE=LEAK",
	"AWS_WEB_IDENTITY_TOKEN_FILE=LEAK", "AWS_ROLE_ARN=LEAK", "AWS_CONTAINER_CREDENTIALS_FULL_URI=LEAK",
	"AWS_ENDPOINT_URL_S3=LEAK", "AWS_CONFIG_FILE=LEAK", "AWS_SHARED_CREDENTIALS_FILE=LEAK", "AWS_ENDPOINT_URL=LEAK",
	"CLOUDFLARE_API_TOKEN=LEAK", "CLOUDFLARE_API_KEY=LEAK", "CLOUDFLARE_EMAIL=LEAK", "CF_API_TOKEN=LEAK",
	"PULUMI_ACCESS_TOKEN=LEAK", "PULUMI_BACKEND_URL=LEAK", "PULUMI_CONFIG_PASSPHRASE=LEAK", "PULUMI_HOME=LEAK",
	"GITHUB_TOKEN=LEAK", "ACTIONS_ID_TOKEN_REQUEST_TOKEN=LEAK", "GOOGLE_APPLICATION_CREDENTIALS=LEAK", "HTTPS_PROXY=LEAK",
	"GOPROXY=https://user:LEAK@example.com", "SSH_AUTH_SOCK=LEAK", "WHATEVER_COMES_NEXT=LEAK",
}

func TestEnvironmentPassesNoCredential(t *testing.T) {
	vars := Environment(hostile)
	for name, value := range vars {
		assert.NotContains(t, value, "LEAK", name)
	}
	assert.Equal(t, "/usr/bin", vars["PATH"])
	assert.Equal(t, "C", vars["LC_ALL"])
	assert.Equal(t, "/repo", vars["CAUSEWAY_PROJECT_DIR"])
	assert.Equal(t, os.DevNull, vars["AWS_SHARED_CREDENTIALS_FILE"])
	assert.Equal(t, "true", vars["AWS_EC2_METADATA_DISABLED"])
}

func TestTheFenceLeadsNowhere(t *testing.T) {
	conn, err := net.Dial("tcp", strings.TrimPrefix(nowhere, "http://"))
	if err == nil {
		conn.Close()
	}
	require.Error(t, err, "something listens where the clouds' SDKs are sent")
}

func TestEnterClearsThisProcess(t *testing.T) {
	before := os.Environ()
	t.Cleanup(func() {
		os.Clearenv()
		for _, kv := range before {
			name, value, _ := strings.Cut(kv, "=")
			os.Setenv(name, value)
		}
	})
	t.Setenv("AWS_SECRET_ACCESS_KEY", "LEAK")
	require.NoError(t, Enter())
	assert.NotContains(t, strings.Join(os.Environ(), "\n"), "LEAK")
	assert.Equal(t, nowhere, os.Getenv("AWS_ENDPOINT_URL"))
}

func TestCredentialsToDropFromAShell(t *testing.T) {
	assert.Equal(t, []string{"AWS_PROFILE", "CLOUDFLARE_API_TOKEN", "PULUMI_ACCESS_TOKEN", "PULUMI_CONFIG_PASSPHRASE"},
		Credentials([]string{
			"CLOUDFLARE_API_TOKEN=x", "AWS_PROFILE=x", "AWS_CONFIG_FILE=/dev/null", "PATH=/bin", "PULUMI_ACCESS_TOKEN=x", "PULUMI_HOME=x",
			"PULUMI_CONFIG_PASSPHRASE=x",
		}))
}
