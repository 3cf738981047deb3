package platform

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cost"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/causeway-iac/causeway/stacks"
)

// applications are the settings of programs, all in one stack.
var applications = []string{
	`web: {container: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:` + strings.Repeat("a", 64) + `", protocol: http, ` +
		`port: 3000, rollout: replace, stickySeconds: 600, buckets: {uploads: {expireDays: 30}}, ` +
		`permissions: [{actions: [sqs:SendMessage], resources: ["arn:aws:sqs:eu-west-1:123456789012:mail"]}]}`,
	`app: {release: app.sh, port: 7443, egress: [{to: 198.51.100.0/24, port: 587, why: mail by the provider}, ` +
		`{to: internet, port: 123, protocol: udp, why: time of day}]}`,
	`edge: {routes: [{paths: [/api/*], to: app}]}`,
	`workers: {mail: {release: web.sh, egress: [{to: app, why: what was ordered}]}, ` +
		`report: {release: web.sh, schedule: "30 3 * * *", internet: true}}`,
}

// spoken is what a setting makes: what is paid for it, and which checks speak when it is gone.
var spoken = []struct{ setting, kind, name, fails, paid string }{
	{"container", endpoint, "prod-endpoints-ecr.api", "I26 I28", "interface endpoint"},
	{"container", endpoint, "prod-endpoints-ecr.dkr", "I26 I28", "interface endpoint"},
	{"permissions", endpoint, "prod-endpoints-sqs", "I26 I28", "interface endpoint"},
	{"port", "vpc/securityGroupEgressRule:SecurityGroupEgressRule", "prod-internal-to-app-7443", "I12 I15 I26", ""},
	{"egress", "vpc/securityGroupEgressRule:SecurityGroupEgressRule", "prod-app-to-198.51.100.0-24-587", "I16 I27", ""},
	{"egress", "ec2/networkAclRule:NetworkAclRule", "prod-network-app-to-udp-123-internet", "I15 I16", ""},
	{"routes", "vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-edge-to-app-7443", "W I12 I15 I27", ""},
	{"buckets", "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "prod-web-uploads", "C160", ""},
	{"buckets", "s3/bucketPolicy:BucketPolicy", "prod-web-uploads", "C163", ""},
	{"buckets", "s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2", "prod-web-uploads", "C167", ""},
	{"workers", "vpc/securityGroupIngressRule:SecurityGroupIngressRule", "prod-worker-mail-to-database-5433", "I15", ""},
	{"workers", "vpc/securityGroupEgressRule:SecurityGroupEgressRule", "prod-worker-mail-to-internal-443", "I15 I26", ""},
	{"workers", "iam/rolePolicy:RolePolicy", "prod-worker-mail", "I26 C096", ""},
	{"workers", "cloudwatch/logGroup:LogGroup", "prod-worker-mail", "I26", ""},
	{"schedule", "cloudwatch/logGroup:LogGroup", "prod-worker-report-done", "I26", ""},
	{"internet", "vpc/securityGroupEgressRule:SecurityGroupEgressRule", "prod-worker-report-to-internet-443", "I16", ""},
	{"workers", "", "prod-worker-mail", "", "ec2 m7g.large"}, {"schedule", "", "prod-worker-report", "", "ec2 m7g.large"},
	{"workers", "", "prod-worker-mail-silent", "", "alarm"}, {"routes", "", "prod-app-other-1-healthy", "", "alarm"},
}

const endpoint = "ec2/vpcEndpoint:VpcEndpoint"

func TestWhatSettingsMakeIsPaidAndProved(t *testing.T) {
	tr := newTrial(t, t.TempDir(), "prod", append(slices.Clone(applications), `waivers: {`+waived("edgeToApp")+`}`)...)
	r, outcome, err := tr.deploy(stacks.Deploy)
	require.NoError(t, err, "%+v", outcome.Problems)
	ids, why := failing(r)
	require.Empty(t, ids, why)
	state, err := tr.engine.Export()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(path, state, 0o600))
	whole := specimen.Read(t, path)
	bill := cost.Of(whole.Graph())
	assert.Empty(t, bill.Unpriced)
	for _, c := range spoken {
		if c.paid != "" {
			assert.True(t, slices.ContainsFunc(bill.Lines, func(l cost.Line) bool {
				return l.Name == c.name && l.What == c.paid && l.Most > 0
			}), "%s: nothing is paid for %s", c.setting, c.name)
		}
		if c.kind == "" {
			continue
		}
		s := whole.Copy()
		s.Remove(c.kind, c.name)
		ids, why := failing(proof.Verify(s.Graph(), report.FromDeclared, time.Now()))
		assert.Equal(t, strings.Fields(c.fails), ids, "%s: %s is gone: %s", c.setting, c.name, why)
	}
}
