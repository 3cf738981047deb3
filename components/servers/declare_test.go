package servers_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/infratest"
	"github.com/causeway-iac/causeway/infra/release"
)

const (
	groupType    = "aws:autoscaling/group:Group"
	policyType   = "aws:autoscaling/policy:Policy"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
	objectType   = "aws:s3/bucketObjectv2:BucketObjectv2"
	rolePolicy   = "aws:iam/rolePolicy:RolePolicy"
	logType      = "aws:cloudwatch/logGroup:LogGroup"
	secret       = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func key(name string) *keys.Key { return &keys.Key{ARN: text("arn:" + name), ID: text(name)} }

// build is a release whose content is the given text.
func build(t *testing.T, content string) *release.Release {
	t.Helper()
	path := filepath.Join(t.TempDir(), "run")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+content), 0o755))
	r, err := release.Open(path, "")
	require.NoError(t, err)
	return &r
}

var (
	workers = firewall.Party{Name: "worker-mail", Kind: firewall.Servers, Tier: infra.TierWorker, Description: "Workers called mail"}
	jobs    = firewall.Party{Name: "worker-report", Kind: firewall.Servers, Tier: infra.TierWorker, Description: "Workers called report"}
)

// Nobody asks workers anything, so that only EC2 can tell that one is ill, and none waits for it.
func TestWorkersHaveNoLoadBalancer(t *testing.T) {
	all := infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		_, err := tierOf(ctx, "prod-worker-mail", workers, servers.Args{Release: build(t, "")})
		return err
	})
	group := plain(t, all, groupType)
	assert.Equal(t, "EC2", group["healthCheckType"])
	assert.NotContains(t, group, "targetGroupArns")
	assert.NotContains(t, group, "minElbCapacity")
	assert.Equal(t, 100.0, group["instanceMaintenancePolicy"].(map[string]any)["minHealthyPercentage"])
	assert.Contains(t, plain(t, all, objectType)["key"], "worker-mail/releases/")
	assert.Contains(t, policyOf(t, all), "/worker-mail/releases/*")
	assert.Len(t, infratest.OfType(all, logType), 2, "its own and the network's")
	userData, err := base64.StdEncoding.DecodeString(plain(t, all, templateType)["userData"].(string))
	require.NoError(t, err)
	assert.NotContains(t, string(userData), "LISTEN_ADDRESS")
}

// Two servers would both run a job, so the old one goes before the new one comes.
func TestAJobRunsOnOneServer(t *testing.T) {
	all := infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		_, err := tierOf(ctx, "prod-worker-report", jobs, servers.Args{Release: build(t, ""), Schedule: "*-*-* 03:30:00", MinSize: 1,
			MaxSize: 1})
		return err
	})
	group := plain(t, all, groupType)
	for _, bounds := range []any{group["instanceMaintenancePolicy"], group["instanceRefresh"].(map[string]any)["preferences"]} {
		assert.Equal(t, 0.0, bounds.(map[string]any)["minHealthyPercentage"])
		assert.Equal(t, 100.0, bounds.(map[string]any)["maxHealthyPercentage"])
	}
	assert.Empty(t, infratest.OfType(all, policyType), "nothing scales it")
	infratest.Named(t, all, logType, "prod-worker-report-done")
	assert.Contains(t, policyOf(t, all), "prod-worker-report-done")
	assert.ErrorContains(t, servers.Args{Release: build(t, ""), Schedule: "*-*-* 03:30:00"}.Validate().Err(),
		"maxSize: what runs by a schedule runs on one server")
}

func policyOf(t *testing.T, all []infratest.Declared) string {
	t.Helper()
	var text string
	for _, d := range infratest.OfType(all, rolePolicy) {
		policy, _ := d.Plain()["policy"].(string)
		text += policy
	}
	return text
}

func tierOf(ctx *pulumi.Context, name string, party firewall.Party, args servers.Args) (*servers.Group, error) {
	p := infratest.Platform("prod")
	k := &keys.Keys{Data: key("data"), Logs: key("logs"), Topics: key("topics")}
	boundary := &identity.Boundary{ARN: text("arn:boundary")}
	net, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary},
		network.Args{ZoneNames: []string{"eu-west-1a", "eu-west-1b"}})
	if err != nil {
		return nil, err
	}
	rule, err := lb.NewListenerRule(ctx, "rule", &lb.ListenerRuleArgs{
		ListenerArn: pulumi.String("arn:listener"), Actions: lb.ListenerRuleActionArray{}, Conditions: lb.ListenerRuleConditionArray{},
	})
	if err != nil {
		return nil, err
	}
	exit, err := vpc.NewSecurityGroupEgressRule(ctx, "exit", &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: pulumi.String("sg"), IpProtocol: pulumi.String("tcp"),
	})
	if err != nil {
		return nil, err
	}
	group := &firewall.Group{Party: party, ID: text("sg-" + party.Name), Rules: []pulumi.Resource{exit}}
	target := &loadbalancer.TargetGroup{
		ARN: text("arn:target"), Port: 8443, RequestLabel: text("app/lb/1/targetgroup/tg/2"), Rules: []pulumi.Resource{rule},
	}
	if party.Tier == infra.TierWorker {
		target = nil
	}
	return servers.New(ctx, name, p, servers.Wiring{
		Network: net, Group: group, Keys: k, Boundary: boundary, Target: target,
		Releases: &bucket.Bucket{Name: text("releases-1a2b3c4"), ARN: text("arn:aws:s3:::releases-1a2b3c4"), Key: key("data")},
	}, args)
}

func outputs(d infratest.Declared) map[string]any {
	if d.Type == templateType {
		return map[string]any{"latestVersion": 7.0}
	}
	return nil
}

func declared(t *testing.T, args servers.Args) []infratest.Declared {
	t.Helper()
	if args.Release == nil {
		args.Release = build(t, "")
	}
	return infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		_, err := tierOf(ctx, "prod-web", firewall.Web, args)
		return err
	})
}

func plain(t *testing.T, all []infratest.Declared, token string) map[string]any {
	t.Helper()
	return infratest.One(t, all, token).Plain()
}

// Controls 74 to 87.
func TestLaunchTemplateControls(t *testing.T) {
	template := plain(t, declared(t, servers.Args{}), templateType)
	assert.Equal(t, map[string]any{
		"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1.0,
		"httpProtocolIpv6": "disabled", "instanceMetadataTags": "disabled",
	}, template["metadataOptions"])
	assert.Equal(t, []any{map[string]any{"deviceName": "/dev/xvda", "ebs": map[string]any{
		"encrypted": "true", "kmsKeyId": "arn:data", "volumeType": "gp3", "volumeSize": 10.0, "deleteOnTermination": "true",
	}}}, template["blockDeviceMappings"])
	assert.Equal(t, []any{map[string]any{
		"associatePublicIpAddress": "false", "securityGroups": []any{"sg-web"}, "deviceIndex": 0.0, "deleteOnTermination": "true",
	}}, template["networkInterfaces"])
	assert.Equal(t, map[string]any{"enabled": true}, template["monitoring"])
	assert.Equal(t, "true", template["ebsOptimized"])
	assert.Equal(t, map[string]any{"arn": "arn:aws:iam:eu-west-1:123456789012:prod-web"}, template["iamInstanceProfile"])
	assert.NotContains(t, template, "keyName")
	assert.NotContains(t, template, "vpcSecurityGroupIds", "the network interface names it")
	assert.Equal(t, "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64", template["imageId"])
}

// Controls 88 to 95.
func TestGroupControls(t *testing.T) {
	all := declared(t, servers.Args{})
	group := plain(t, all, groupType)
	assert.Equal(t, []any{"prod-network-web-a-id", "prod-network-web-b-id"}, group["vpcZoneIdentifiers"], "private, in two zones")
	assert.Equal(t, 14.0*24*60*60, group["maxInstanceLifetime"])
	assert.Contains(t, group, "instanceRefresh")
	logs := infratest.Named(t, all, logType, "prod-web").Plain()
	assert.Equal(t, "arn:logs", logs["kmsKeyId"])
	assert.Equal(t, 365.0, logs["retentionInDays"])
}

// Pain 8: the group's template version is the template's own output, a number.
func TestPain8VersionIsPinned(t *testing.T) {
	group := plain(t, declared(t, servers.Args{}), groupType)
	assert.Equal(t, map[string]any{"id": "prod-web-id", "version": "7"}, group["launchTemplate"])
}

// Pain 9: the provider's rollback returns to the new template, so it is not asked for.
func TestPain9NoAutomaticRollback(t *testing.T) {
	group := plain(t, declared(t, servers.Args{}), groupType)
	preferences := group["instanceRefresh"].(map[string]any)["preferences"].(map[string]any)
	assert.Equal(t, false, preferences["autoRollback"])
}

// Pain 10: the provider cannot wait for a refresh; what it can do is gate it on
// health, and wait for the first servers of a group.
func TestPain10HealthGatesEveryReplacement(t *testing.T) {
	all := declared(t, servers.Args{MinSize: 3, WarmupSeconds: 240})
	d := infratest.One(t, all, groupType)
	group := d.Plain()
	assert.Equal(t, 3.0, group["minElbCapacity"])
	assert.Equal(t, "18m", group["waitForCapacityTimeout"])
	assert.NotContains(t, group, "waitForElbCapacity", "it waits for exactly so many, and the scaler may have made more")
	preferences := group["instanceRefresh"].(map[string]any)["preferences"].(map[string]any)
	assert.Equal(t, 100.0, preferences["minHealthyPercentage"])
	assert.Equal(t, 200.0, preferences["maxHealthyPercentage"])
	assert.Equal(t, "240", preferences["instanceWarmup"])
	assert.Equal(t, true, preferences["skipMatching"])
	assert.Equal(t, map[string]any{"minHealthyPercentage": 100.0, "maxHealthyPercentage": 200.0}, group["instanceMaintenancePolicy"])
	for _, needed := range []string{"ListenerRule::rule", "SecurityGroupEgressRule::exit", "RolePolicy::prod-web",
		"BucketObjectv2::prod-web"} {
		assert.True(t, slices.ContainsFunc(d.Options.GetDependencies(), func(urn string) bool { return strings.HasSuffix(urn, needed) }),
			needed)
	}
}

func TestTheWaitFollowsTheWarmup(t *testing.T) {
	for warmup, wait := range map[int]string{60: "9m", 100: "11m", 180: "15m", 3600: "186m"} {
		assert.Equal(t, wait, plain(t, declared(t, servers.Args{WarmupSeconds: warmup}), groupType)["waitForCapacityTimeout"])
	}
}

// A group that failed is replaced too, or the next deployment would change it in place, wait for nothing, and end the one
// that serves.
func TestTheRolloutDecidesWhatIsReplaced(t *testing.T) {
	for rollout, forces := range map[string][]string{servers.Rolling: nil, servers.Replace: {"launchTemplate", "#initerror"}} {
		d := infratest.One(t, declared(t, servers.Args{Rollout: rollout}), groupType)
		assert.Equal(t, forces, d.Options.GetReplaceOnChanges(), rollout)
	}
}

func TestAContainerInPlaceOfARelease(t *testing.T) {
	const image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:" +
		"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	record := func(args servers.Args) []infratest.Declared {
		return infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
			_, err := tierOf(ctx, "prod-web", firewall.Web, args)
			return err
		})
	}
	all := record(servers.Args{Container: image})
	assert.Empty(t, infratest.OfType(all, objectType), "nothing is uploaded")
	text, err := base64.StdEncoding.DecodeString(plain(t, all, templateType)["userData"].(string))
	require.NoError(t, err)
	assert.Contains(t, string(text), "docker pull")
	assert.Contains(t, string(text), image)
	all = record(servers.Args{Container: image, Before: []string{"migrate"}, Once: build(t, "once")})
	assert.Equal(t, "prod-web-before", infratest.One(t, all, objectType).Name)
	for where, args := range map[string]servers.Args{
		"container: ": {Container: "shop/web:1"}, "release: ": {Container: image, Release: build(t, "x")},
		"Once: ": {Container: image, Before: []string{"x"}},
	} {
		assert.ErrorContains(t, args.Validate().Err(), where)
	}
}

// Pain 11: the number of servers is the scaler's.
func TestPain11NoDesiredCapacity(t *testing.T) {
	all := declared(t, servers.Args{MinSize: 2, MaxSize: 9, TargetCPU: 40})
	group := plain(t, all, groupType)
	assert.NotContains(t, group, "desiredCapacity")
	assert.Equal(t, []any{2.0, 9.0}, []any{group["minSize"], group["maxSize"]})
	cpu := infratest.Named(t, all, policyType, "prod-web-cpu").Plain()
	assert.Equal(t, "TargetTrackingScaling", cpu["policyType"])
	assert.Equal(t, 40.0, cpu["targetTrackingConfiguration"].(map[string]any)["targetValue"])
	assert.Len(t, infratest.OfType(declared(t, servers.Args{}), policyType), 1)
}

// Pain 12: servers join the target group by the group's list alone.
func TestPain12OneAttachment(t *testing.T) {
	all := declared(t, servers.Args{})
	group := plain(t, all, groupType)
	assert.Equal(t, []any{"arn:target"}, group["targetGroupArns"])
	assert.NotContains(t, group, "trafficSources")
	for _, d := range all {
		assert.NotContains(t, strings.ToLower(d.Type), "attachment")
	}
}

// Pain 13: a server that does not answer is replaced, though EC2 finds it well.
func TestPain13LoadBalancerHealth(t *testing.T) {
	group := plain(t, declared(t, servers.Args{WarmupSeconds: 90}), groupType)
	assert.Equal(t, "ELB", group["healthCheckType"])
	assert.Equal(t, 90.0, group["healthCheckGracePeriod"])
}

// Pain 14: one map of tags, on the group, the instances, the volumes and the
// network interfaces.
func TestPain14TagsReachInstancesAndVolumes(t *testing.T) {
	all := declared(t, servers.Args{})
	want := map[string]any{
		"Name": "prod-web", "team": "platform", "causeway:platform": "prod", "causeway:environment": "prod", "causeway:tier": "web",
	}
	template := plain(t, all, templateType)
	assert.Equal(t, want, template["tags"])
	var kinds []string
	for _, s := range template["tagSpecifications"].([]any) {
		specification := s.(map[string]any)
		kinds = append(kinds, specification["resourceType"].(string))
		assert.Equal(t, want, specification["tags"])
	}
	assert.Equal(t, []string{"instance", "network-interface", "volume"}, kinds)
	got := map[string]any{}
	for _, tag := range plain(t, all, groupType)["tags"].([]any) {
		tag := tag.(map[string]any)
		got[tag["key"].(string)] = tag["value"]
		assert.Equal(t, true, tag["propagateAtLaunch"])
	}
	assert.Equal(t, want, got)
}

// Pain 22 and controls 97 to 107: what the servers may do, in full.
func TestRoleIsLeastPrivilege(t *testing.T) {
	r := build(t, "")
	all := declared(t, servers.Args{Release: r, Secrets: []pulumi.StringInput{pulumi.String(secret)}})
	var policy struct{ Statement []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(infratest.Named(t, all, rolePolicy, "prod-web").Plain()["policy"].(string)), &policy))
	got := map[any][]any{}
	for _, s := range policy.Statement {
		got[s["Sid"]] = []any{s["Action"], s["Resource"], s["Condition"]}
	}
	assert.Equal(t, map[any][]any{
		"ReadReleases": {"s3:GetObject", "arn:aws:s3:::releases-1a2b3c4/web/releases/*", nil},
		"WriteLogs": {
			[]any{"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"},
			"arn:aws:cloudwatch:eu-west-1:123456789012:prod-web:*", nil,
		},
		"RegisterWithSessionManager": {"ssm:UpdateInstanceInformation", "arn:aws:ec2:eu-west-1:123456789012:instance/*", nil},
		"AnswerSessionManager": {[]any{
			"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel", "ssmmessages:OpenControlChannel",
			"ssmmessages:OpenDataChannel",
		}, "*", nil},
		"ReadSecrets": {"secretsmanager:GetSecretValue", secret, nil},
		"Decrypt": {"kms:Decrypt", "arn:data", map[string]any{"StringEquals": map[string]any{
			"kms:ViaService": []any{"s3.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"},
		}}},
	}, got)

	without := infratest.Named(t, declared(t, servers.Args{}), rolePolicy, "prod-web").Plain()["policy"].(string)
	assert.NotContains(t, without, "secretsmanager")
}

// A tier's own buckets are its role's to use, objects only; what it is permitted besides stands in its policy as written.
func TestRoleUsesItsOwnBuckets(t *testing.T) {
	queue := "arn:aws:sqs:eu-west-1:123456789012:mail"
	all := declared(t, servers.Args{
		Buckets: map[string]*bucket.Bucket{"uploads": {Name: text("up"), ARN: text("arn:aws:s3:::up")},
			"scans": {Name: text("scans"), ARN: text("arn:aws:s3:::scans")}},
		Permissions: []infra.Statement{{Actions: []string{"sqs:SendMessage"}, Resources: pulumi.StringArray{pulumi.String(queue)}}},
	})
	policy := infratest.Named(t, all, rolePolicy, "prod-web").Plain()["policy"].(string)
	for _, statement := range []string{
		`{"Sid":"ListBuckets","Effect":"Allow","Action":"s3:ListBucket","Resource":["arn:aws:s3:::scans","arn:aws:s3:::up"]}`,
		`{"Sid":"UseBuckets","Effect":"Allow","Action":["s3:AbortMultipartUpload","s3:DeleteObject","s3:GetObject","s3:PutObject"],` +
			`"Resource":["arn:aws:s3:::scans/*","arn:aws:s3:::up/*"]}`,
		`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"` + queue + `"}`,
		`"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":"arn:data"`,
	} {
		assert.Contains(t, policy, statement)
	}
	refused := servers.Args{Permissions: []infra.Statement{{Actions: []string{"iam:PassRole"},
		Resources: pulumi.StringArray{pulumi.String("*")}}}}
	assert.ErrorContains(t, refused.Validate().Err(), "permissions[0].actions: iam:PassRole changes who may do what")
}

// The same build changes nothing; another one is another object and other user
// data, under the same logical names, and the old object stays.
func TestReleaseIsNamedByItsContent(t *testing.T) {
	seen := func(content string) (keys, userData string, names []string) {
		all := declared(t, servers.Args{Release: build(t, content)})
		object := infratest.One(t, all, objectType)
		assert.True(t, object.Options.GetRetainOnDelete())
		for _, d := range all {
			names = append(names, d.Type+" "+d.Name)
		}
		return object.Plain()["key"].(string), plain(t, all, templateType)["userData"].(string), names
	}
	key1, data1, names1 := seen("one")
	again, dataAgain, _ := seen("one")
	key2, data2, names2 := seen("two")
	assert.Equal(t, key1, again)
	assert.Equal(t, data1, dataAgain)
	assert.NotEqual(t, key1, key2)
	assert.NotEqual(t, data1, data2)
	assert.Equal(t, names1, names2)
}

// While a deployment runs, and when it fails half-way, servers start from the template before. Their role, which they share with
// the new ones, lets them fetch what that template names: a new release changes nothing about it.
func TestBothReleasesCanBeFetchedDuringARollout(t *testing.T) {
	seen := func(content string) (policy, key string) {
		all := declared(t, servers.Args{Release: build(t, content)})
		return infratest.Named(t, all, rolePolicy, "prod-web").Plain()["policy"].(string), infratest.One(t, all, objectType).
			Plain()["key"].(string)
	}
	before, old := seen("one")
	after, _ := seen("two")
	assert.Equal(t, before, after)
	allowed, err := path.Match("web/releases/*", old)
	require.NoError(t, err)
	assert.True(t, allowed, "%s is below what the policy allows", old)
}

func TestReleaseIsEncrypted(t *testing.T) {
	object := infratest.One(t, declared(t, servers.Args{}), objectType)
	got := object.Plain()
	assert.Equal(t, "aws:kms", got["serverSideEncryption"])
	assert.Equal(t, "arn:data", got["kmsKeyId"])
	assert.True(t, object.Inputs["source"].IsAsset())
	assert.LessOrEqual(t, len(got["tags"].(map[string]any)), 10, "S3's most for an object")
}

func TestUserDataTellsTheServerWhatToRun(t *testing.T) {
	r := build(t, "")
	var shown string
	all := infratest.Record(t, outputs, func(ctx *pulumi.Context) error {
		g, err := tierOf(ctx, "prod-web", firewall.Web, servers.Args{
			Release: r, Arguments: []string{"web"}, Environment: map[string]pulumi.StringInput{"APP_URL": text("https://app.example.com")},
		})
		if err == nil {
			g.UserData.ApplyT(func(s string) string { shown = s; return s })
		}
		return err
	})
	decoded, err := base64.StdEncoding.DecodeString(plain(t, all, templateType)["userData"].(string))
	require.NoError(t, err)
	assert.Equal(t, shown, string(decoded))
	for _, part := range []string{"#cloud-config", "s3://releases-1a2b3c4/web/" + r.Key, r.SHA256, `APP_URL="https://app.example.com"`,
		`LISTEN_ADDRESS=":8443"`} {
		assert.Contains(t, shown, part)
	}
}

// An archive is unpacked and its command run, with the packages that it needs.
func TestUserDataRunsAnArchive(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "server.js"), []byte("serve()"), 0o644))
	r, err := release.Open(folder, t.TempDir())
	require.NoError(t, err)
	all := declared(t, servers.Args{Release: &r, Command: []string{"node", "server.js"}, Packages: []string{"nodejs22"}})
	decoded, err := base64.StdEncoding.DecodeString(plain(t, all, templateType)["userData"].(string))
	require.NoError(t, err)
	for _, part := range []string{`ExecStart=node "server.js"`, "dnf --assumeyes install nodejs22", "tar --extract --gzip", r.SHA256} {
		assert.Contains(t, string(decoded), part)
	}
	assert.NotContains(t, string(decoded), "MemoryDenyWriteExecute", "V8 makes code as it runs")
}

// Whoever may describe the launch template reads its user data.
func TestControl79SecretsAreRefused(t *testing.T) {
	_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
		_, err := tierOf(ctx, "prod-web", firewall.Web, servers.Args{
			Release:     build(t, ""),
			Environment: map[string]pulumi.StringInput{"GREETING": pulumi.ToSecret(pulumi.String("hush")).(pulumi.StringOutput)},
		})
		return err
	})
	assert.ErrorContains(t, err, "list the secret's ARN under secrets instead")
}

func TestOrderOfTheEnvironmentMeansNothing(t *testing.T) {
	r := build(t, "")
	environment := map[string]pulumi.StringInput{}
	for _, name := range []string{"B", "A", "D", "C", "E"} {
		environment[name] = pulumi.String(name)
	}
	first := plain(t, declared(t, servers.Args{Release: r, Environment: environment}), templateType)["userData"]
	for range 5 {
		assert.Equal(t, first, plain(t, declared(t, servers.Args{Release: r, Environment: maps.Clone(environment)}),
			templateType)["userData"])
	}
}

func TestOnlyServersAreServers(t *testing.T) {
	_, err := infratest.TryRecord(outputs, func(ctx *pulumi.Context) error {
		_, err := tierOf(ctx, "prod-edge", firewall.Edge, servers.Args{Release: build(t, "")})
		return err
	})
	assert.ErrorContains(t, err, "Group: is the security group of edge, which has no servers")
}
