package platform

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/stacks"
)

// proposal is a change of a deployed stack that somebody could propose: in its settings, in what the components declare, or in
// what was written beside them. What the engine previews of each is kept for the tests of package review.
type proposal struct {
	lines  []string
	edit   func(p *declared, name string, args any)
	beside func(ctx *pulumi.Context, p *declared) error // in place of what stands beside the platform
	after  *proposal                                    // what was deployed in between
}

const (
	bigZone  = `dns: {zone: example.com, provider: route53, create: true, names: [www.shop.example.com]}`
	nobodies = `<img src=x onerror=alert(1)> **[x](https://evil.example)** @octocat | a`
)

var proposals = map[string]*proposal{
	"nothing":                 {},
	"a-tag-on-everything":     {lines: []string{`tags: {owner: checkout}`}},
	"another-network":         {lines: []string{`network: {cidr: 10.60.0.0/16}`}},
	"logs-for-a-month":        {lines: []string{`network: {cidr: 10.40.0.0/16, logDays: 30}`, `waivers: {` + waived("shortLogs") + `}`}},
	"mysql":                   {lines: []string{`database: {engine: mysql}`}},
	"aurora":                  {lines: []string{`database: {engine: aurora-postgresql}`}},
	"an-older-version":        {lines: []string{`database: {version: "16"}`}},
	"unprotected":             {lines: []string{`protect: false`, `waivers: {` + waived("unprotected") + `}`}},
	"backups-for-a-month":     {lines: []string{`database: {backupDays: 30}`}},
	"a-type-without-a-price":  {lines: []string{`web: {release: web.sh, instanceType: m9g.large}`}},
	"a-larger-type":           {lines: []string{`web: {release: web.sh, instanceType: m7g.xlarge, maxSize: 20}`}},
	"the-zone-removed":        {lines: []string{`dns: {zone: example.com, provider: route53, names: [www.shop.example.com]}`}},
	"a-name-less":             {lines: []string{`dns: {zone: example.com, provider: route53, create: true}`}},
	"no-web-acl":              {lines: []string{`edge: {webAcl: false}`, `waivers: {` + waived("noWebAcl") + `}`}},
	"no-internet-for-the-app": {lines: []string{`app: {release: app.sh, internet: false}`}},
	"a-bucket-and-a-secret": {lines: []string{`web: {release: web.sh, buckets: {uploads: {}}, ` +
		`secrets: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:shop-AbCdEf"]}`}},
	"a-worker": {lines: []string{
		`workers: {mail: {release: web.sh, egress: [{to: 198.51.100.0/24, port: 587, why: mail by the provider}]}}`,
	}},
	"two-zones": {lines: []string{`network: {cidr: 10.40.0.0/16, zones: 2}`}},
	"markup": {beside: both(theirs("reports", nobodies, true), func(ctx *pulumi.Context, p *declared) error {
		args := &s3.BucketV2Args{Bucket: pulumi.String("nobodies"), Tags: pulumi.StringMap{nobodies: pulumi.String(nobodies)}}
		_, err := s3.NewBucketV2(ctx, nobodies, args, p.provider())
		return err
	})},
	"the-database-by-another-name": {beside: theirs("reporting", "reports", true)},
	"a-hand-written-protection":    {beside: theirs("reports", "reports", false)},
	"the-unprotected-deleted":      {after: &proposal{beside: theirs("reports", "reports", false)}, beside: nothingBeside},
	"a-rule-beside": {beside: both(theirs("reports", "reports", true), admits("debug", &vpc.SecurityGroupIngressRuleArgs{
		IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(5433), ToPort: pulumi.Int(5433), CidrIpv4: pulumi.String("0.0.0.0/0"),
	}, "database"))},
	"pass-role": {beside: both(theirs("reports", "reports", true),
		grants("pass", "web", `{"Effect": "Allow", "Action": ["iam:PassRole", "ec2:RunInstances"], "Resource": "*"}`))},
	"a-second-provider": {beside: both(theirs("reports", "reports", true), func(ctx *pulumi.Context, _ *declared) error {
		other, err := aws.NewProvider(ctx, "other", &aws.ProviderArgs{
			Region: pulumi.String("us-east-1"),
		})
		if err != nil {
			return err
		}
		_, err = s3.NewBucketV2(ctx, "elsewhere", &s3.BucketV2Args{ForceDestroy: pulumi.Bool(true)}, pulumi.Provider(other))
		return err
	})},
	"no-key-rotation": {edit: in("prod-data", func(a *kms.KeyArgs) { a.EnableKeyRotation = pulumi.Bool(false) })},
	"no-versioning": {edit: in("prod-logs", func(a *s3.BucketVersioningV2Args) {
		a.VersioningConfiguration = s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Suspended")}
	})},
	"a-database-s-user": {edit: in("prod-database", func(a *rds.InstanceArgs) { a.Username = pulumi.String("owner") })},
	"fewer-servers": {edit: in("prod-web", func(a *autoscaling.GroupArgs) {
		a.MinSize, a.MaxSize = pulumi.Int(1), pulumi.Int(1)
	})},
}

func nothingBeside(*pulumi.Context, *declared) error { return nil }

func both(all ...func(*pulumi.Context, *declared) error) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) (err error) {
		for _, one := range all {
			err = errors.Join(err, one(ctx, p))
		}
		return err
	}
}

// theirs is a database and a bucket that somebody wrote beside the platform's own.
func theirs(name, title string, protect bool) func(*pulumi.Context, *declared) error {
	return func(ctx *pulumi.Context, p *declared) error {
		_, err := rds.NewInstance(ctx, name, &rds.InstanceArgs{
			Engine: pulumi.String("postgres"), EngineVersion: pulumi.String("17"), InstanceClass: pulumi.String("db.t4g.micro"),
			AllocatedStorage: pulumi.Int(20), Username: pulumi.String("reports"), ManageMasterUserPassword: pulumi.Bool(true),
			DbSubnetGroupName:   p.id("rds/subnetGroup:SubnetGroup", "database"),
			VpcSecurityGroupIds: pulumi.StringArray{p.group("database")}, DeletionProtection: pulumi.Bool(protect),
			FinalSnapshotIdentifier: pulumi.String("reports-last"), StorageEncrypted: pulumi.Bool(true),
			Tags: pulumi.StringMap{"Name": pulumi.String(title)},
		}, p.provider(), pulumi.Protect(protect))
		if err != nil {
			return err
		}
		_, err = s3.NewBucketV2(ctx, "exports", &s3.BucketV2Args{Tags: pulumi.StringMap{"Name": pulumi.String(title)}}, p.provider())
		return err
	}
}

// program is the platform with the change.
func (c *proposal) program() pulumi.RunFunc {
	beside := c.beside
	if beside == nil {
		beside = theirs("reports", "reports", true)
	}
	return codeMistake{edit: c.edit, below: beside}.programOf(stacks.Review)
}

// TestRecordProposals has the engine preview each proposal, and keeps what it says for the tests of package review:
// what stays as it is once, and what does not of each.
func TestRecordProposals(t *testing.T) {
	if !*update {
		t.Skip("it records what package review tests: -update")
	}
	folder, err := filepath.Abs("../../../../review/testdata/proposals")
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(folder, 0o755))
	s := newSite(t, "prod", oncall, bigZone)
	s.with((&proposal{}).program())
	s.up()
	deployed := &proposal{}
	for _, last := range []bool{false, true} { // what is deployed in between comes last
		for name, c := range proposals {
			if (c.after != nil) != last || os.Getenv("ONLY") != "" && !strings.Contains(os.Getenv("ONLY"), name) {
				continue
			}
			if c.after != nil && c.after != deployed {
				s.with(c.after.program(), c.after.lines...)
				s.up()
				deployed = c.after
			}
			s.with(c.program(), c.lines...)
			said, outcome, err := s.engine.Digest(t.Context(), nil)
			if err != nil {
				t.Logf("%s: %v: %+v", name, err, outcome.Problems)
				continue
			}
			keep(t, filepath.Join(folder, name+".json.gz"), withoutPlace(said, s.project.Root), name != "nothing")
		}
	}
}

// Both name what a review tells as a reason to stop.
func TestWhatIsRefusedIsReadAsSuch(t *testing.T) { require.Equal(t, stacks.Refused, graph.Refused) }

// with opens the stack for a program under settings.
func (s *site) with(program pulumi.RunFunc, lines ...string) {
	s.t.Helper()
	s.write(append([]string{oncall, bigZone}, lines...)...)
	command, err := filepath.Abs("../../../../bin/pulumi")
	require.NoError(s.t, err)
	s.engine, err = engine.Open(s.t.Context(), engine.Options{
		Project: s.project, Stack: s.stack, Program: program, Attach: s.twin.Attach(), Command: command, IgnoreProtect: true,
	})
	require.NoError(s.t, err)
}

// keep writes what a preview said, without what stays as it is where that is kept once already.
func keep(t *testing.T, path string, said []byte, changesOnly bool) {
	t.Helper()
	var digest map[string]any
	require.NoError(t, json.Unmarshal(said, &digest))
	if changesOnly {
		digest["steps"] = slices.DeleteFunc(digest["steps"].([]any), func(step any) bool { return stays(step.(map[string]any)) })
	}
	said, err := json.Marshal(digest)
	require.NoError(t, err)
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	require.NoError(t, err)
	_, err = w.Write(said)
	require.NoError(t, errors.Join(err, w.Close()))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
}

// withoutPlace is what was recorded of a project, with its files named as they are from its folder.
func withoutPlace(recorded []byte, root string) []byte {
	return bytes.ReplaceAll(recorded, []byte(`"`+root+"/"), []byte(`"`))
}

// stays says that a step leaves a resource as it is, in what it depends on too.
func stays(step map[string]any) bool {
	was, _ := step["oldState"].(map[string]any)
	is, _ := step["newState"].(map[string]any)
	return step["op"] == "same" && reflect.DeepEqual(was["dependencies"], is["dependencies"]) &&
		reflect.DeepEqual(was["propertyDependencies"], is["propertyDependencies"])
}
