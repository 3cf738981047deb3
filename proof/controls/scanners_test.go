package controls

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/userdata"
)

func verdicts(t *testing.T, g *graph.Graph, number int) []report.Verdict {
	t.Helper()
	for _, c := range All {
		if c.Number == number {
			var all []report.Verdict
			for _, f := range c.findings(newView(g)) {
				all = append(all, f.Verdict)
			}
			return all
		}
	}
	t.Fatalf("there is no control %d", number)
	return nil
}

// What other scanners let pass, each with the control that they say it passes.
func TestWhereOtherScannersAreWrong(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*edit)
		controls []int
	}{
		"Checkov CKV_AWS_277, CKV_AWS_24: a rule of all protocols has no ports": {func(s *edit) {
			s.add(ingressType, "open", in{"securityGroupId": s.the(groupType, "prod-app"), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
		}, []int{32, 33, 35, 36, 37, 38}},
		"Checkov CKV_AWS_382: a way out of all protocols has no ports": {func(s *edit) {
			s.add(egressType, "open", in{"securityGroupId": s.the(groupType, "prod-database"), "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})
		}, []int{41}},
		"Checkov CKV_AWS_103: TLS13-1-0 takes TLS 1.0": {func(s *edit) {
			s.set(listenerType, https, "sslPolicy", "ELBSecurityPolicy-TLS13-1-0-2021-06")
		}, []int{52}},
		"Checkov CKV2_AWS_69: no parameter group is AWS's default one": {func(s *edit) {
			s.set(databaseType, db, "parameterGroupName", nil)
		}, []int{130, 134}},
		"Checkov CKV_AWS_8, Trivy AWS-0008: a launch template's volumes are not read": {func(s *edit) {
			s.set(templateType, "prod-app", "blockDeviceMappings[0].ebs.encrypted", nil)
		}, []int{77}},
		"Checkov CKV_AWS_341: no metadata options are AWS's defaults": {func(s *edit) {
			s.set(templateType, "prod-app", "metadataOptions", nil)
		}, []int{74, 75}},
		"Checkov CKV_AWS_283: no endpoint policy is AWS's, which allows all": {func(s *edit) {
			s.set(endpointType, endpoint, "policy", nil)
		}, []int{9}},
		"Checkov CKV_AWS_378: plain HTTP behind a listener of HTTPS": {func(s *edit) {
			s.set(targetGroupType, "prod-app", "protocol", "HTTP")
		}, []int{70}},
		"all: the internet in two halves": {func(s *edit) {
			for name, half := range map[string]string{"low": "0.0.0.0/1", "high": "128.0.0.0/1"} {
				s.add(ingressType, name, in{"securityGroupId": s.the(groupType, "prod-app"), "ipProtocol": "tcp", "fromPort": 22,
					"toPort": 22, "cidrIpv4": half})
			}
		}, []int{32, 35, 36}},
	} {
		s := begin(t, "prod")
		c.change(s)
		g := s.graph()
		for _, number := range c.controls {
			assert.Contains(t, verdicts(t, g, number), report.Broken, "%s (control %d)", name, number)
		}
	}
}

func TestSecretsAreFoundAndOnlySecrets(t *testing.T) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write([]byte("-----BEGIN PRIVATE KEY-----"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	for text, want := range map[string]string{
		"AKIAIOSFODNN7EXAMPLE": "an AWS access key",
		"aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY": "an AWS secret key",
		"-----BEGIN OPENSSH PRIVATE KEY-----":                              "a private key",
		"postgresql://app:s3cr3t@db.example/app":                           "a password in a URL",
		"ghp_0123456789abcdefghijABCDEFGHIJ012345":                         "a token of GitHub",
		"export DB_PASSWORD='correct horse'":                               "a password",
		`"api_key": "0123456789"`:                                          "a password",
		zipped.String():                                                    "a private key",
	} {
		assert.Contains(t, findSecrets(userdata.Unpack(base64.StdEncoding.EncodeToString([]byte(text)))), want, text)
	}
	for _, text := range []string{
		"https://app.internal.example.com:443/path@x", "DATABASE_SECRET_ARN=arn:aws:secretsmanager:eu-west-1:1:secret:rds!db",
		"PASSWORD=$(fetch secret)", `password: "${DATABASE_PASSWORD}"`,
		"-----BEGIN CERTIFICATE-----", "read -r password < /run/secret", "token=$TOKEN",
		"sha256=d8f14f44fc567e62d673f4bb64e8ad05a7e67a177f5a366e70fbc774493d13b8", "curl http://user@host/",
	} {
		assert.Empty(t, findSecrets(text), text)
	}
}

// A waiver of the settings covers the controls that answer to its name, on what carries it.
func TestAWaiverCoversAControl(t *testing.T) {
	s := begin(t, "prod")
	s.set(databaseType, db, "multiAz", false)
	judged := report.New(s.graph(), report.FromState, Check(s.graph()), today)
	assert.Equal(t, 1, judged.Counts[report.Broken])
	s.the(databaseType, db).Inputs["tags"].(in)["causeway:waiver:singleZoneDatabase"] = "2027-06-30 the old cluster is being moved"
	judged = report.New(s.graph(), report.FromState, Check(s.graph()), today)
	assert.Zero(t, judged.Counts[report.Broken])
	assert.Equal(t, 1, judged.Counts[report.Waived])
}

// A production stack is not relaxed by calling itself something else in one tag.
func TestProdRelaxesNothing(t *testing.T) {
	s := begin(t, "prod")
	s.set(databaseType, db, "deletionProtection", false)
	s.the(databaseType, db).Inputs["tags"].(in)[report.RelaxedTag] = "unprotected"
	judged := report.New(s.graph(), report.FromState, Check(s.graph()), today)
	assert.NotZero(t, judged.Counts[report.Broken])
}
