package twin_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin"
)

// site is a small platform: a network, a balancer with a validated certificate, and a group.
type site struct {
	targetPort int
	image      string
	owner      string
	more       func(ctx *pulumi.Context, vpc *bare) error
}

func (s site) program(ctx *pulumi.Context) (failed error) {
	add := func(typ, name string, in pulumi.Map, opts ...pulumi.ResourceOption) *bare {
		r, err := resource(ctx, typ, name, in, opts...)
		if err != nil && failed == nil {
			failed = err
		}
		return r
	}
	text := func(s string) pulumi.String { return pulumi.String(s) }
	vpc := add("aws:ec2/vpc:Vpc", "main", pulumi.Map{"cidrBlock": text("10.0.0.0/16"), "tags": pulumi.StringMap{"owner": text(s.owner)}})
	igw := add("aws:ec2/internetGateway:InternetGateway", "main", pulumi.Map{"vpcId": vpc.ID()})
	add("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "main", pulumi.Map{"vpcId": vpc.ID()})
	var subnets pulumi.Array
	for i, zone := range []string{"a", "b"} {
		subnets = append(subnets, add("aws:ec2/subnet:Subnet", zone, pulumi.Map{"vpcId": vpc.ID(),
			"cidrBlock": pulumi.Sprintf("10.0.%d.0/24", i), "availabilityZone": text("eu-central-1" + zone)}).ID())
	}
	edge := add("aws:ec2/securityGroup:SecurityGroup", "edge", pulumi.Map{"vpcId": vpc.ID()})
	web := add("aws:ec2/securityGroup:SecurityGroup", "web", pulumi.Map{"vpcId": vpc.ID()})
	add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "edge-to-web", pulumi.Map{"securityGroupId": web.ID(),
		"referencedSecurityGroupId": edge.ID(), "ipProtocol": text("tcp"), "fromPort": pulumi.Int(8443), "toPort": pulumi.Int(8443)})
	zone := add("cloudflare:index/zone:Zone", "zone",
		pulumi.Map{"accountId": text("0123456789abcdef0123456789abcdef"), "zone": text("example.test")})
	certificate := add("aws:acm/certificate:Certificate", "site",
		pulumi.Map{"domainName": text("example.test"), "validationMethod": text("DNS")})
	option := certificate.DomainValidationOptions.Index(pulumi.Int(0))
	record := add("cloudflare:index/record:Record", "validation",
		pulumi.Map{"zoneId": zone.ID(), "name": option.MapIndex(text("resourceRecordName")),
			"type": text("CNAME"), "content": option.MapIndex(text("resourceRecordValue")), "ttl": pulumi.Int(60)})
	valid := add("aws:acm/certificateValidation:CertificateValidation", "site", pulumi.Map{"certificateArn": certificate.Arn},
		pulumi.DependsOn([]pulumi.Resource{record}))
	balancer := add("aws:lb/loadBalancer:LoadBalancer", "site", pulumi.Map{"subnets": subnets, "securityGroups": pulumi.Array{edge.ID()}},
		pulumi.DependsOn([]pulumi.Resource{igw}))
	target := add("aws:lb/targetGroup:TargetGroup", "web",
		pulumi.Map{"vpcId": vpc.ID(), "port": pulumi.Int(s.targetPort), "protocol": text("HTTPS")})
	add("aws:lb/listener:Listener", "https", pulumi.Map{"loadBalancerArn": balancer.Arn, "port": pulumi.Int(443), "protocol": text("HTTPS"),
		"certificateArn": valid.CertificateArn,
		"defaultActions": pulumi.Array{pulumi.Map{"type": text("forward"), "targetGroupArn": target.Arn}}})
	template := add("aws:ec2/launchTemplate:LaunchTemplate", "web", pulumi.Map{"imageId": text(s.image), "instanceType": text("t4g.micro"),
		"vpcSecurityGroupIds": pulumi.Array{web.ID()}})
	add("aws:autoscaling/group:Group", "web", pulumi.Map{"minSize": pulumi.Int(1), "maxSize": pulumi.Int(2), "vpcZoneIdentifiers": subnets,
		"targetGroupArns": pulumi.Array{target.Arn},
		"launchTemplate":  pulumi.Map{"id": template.ID(), "version": pulumi.Sprintf("%d", template.LatestVersion)}})
	ctx.Export("address", balancer.DnsName)
	ctx.Export("vpc", vpc.ID())
	if s.more != nil && failed == nil {
		failed = s.more(ctx, vpc)
	}
	return failed
}

const siteResources = 18 // with the stack itself

func first(t *testing.T, tw *twin.Twin, typ string) twin.Resource {
	t.Helper()
	for _, r := range tw.Resources() {
		if r.Type == typ {
			return r
		}
	}
	require.FailNow(t, "no "+typ)
	return twin.Resource{}
}

func TestLifeOfAStack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "twin.db")
	tw, err := twin.Start(context.Background(), twin.Options{Path: path})
	require.NoError(t, err)
	defer func() { tw.Close() }()
	s := site{targetPort: 8443, image: "ami-1", owner: "one"}
	e := newEngine(t, tw, s.program)

	t.Run("a preview shows everything and makes nothing", func(t *testing.T) {
		assert.Equal(t, siteResources, e.preview().ChangeSummary["create"])
		assert.Empty(t, tw.Resources())
	})
	t.Run("up makes it", func(t *testing.T) {
		r := e.up()
		assert.Equal(t, map[string]int{"create": siteResources}, *r.Summary.ResourceChanges)
		assert.Regexp(t, `^site-[0-9a-f]{7}-\d+\.eu-central-1\.elb\.amazonaws\.com$`, r.Outputs["address"].Value)
		assert.Equal(t, "ISSUED", first(t, tw, "aws:acm/certificate:Certificate").Outputs["status"])
	})
	t.Run("up again changes nothing", func(t *testing.T) {
		assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
	})
	t.Run("a refresh of an untouched world finds no drift", func(t *testing.T) {
		assert.Equal(t, map[string]int{"same": siteResources}, *e.refresh().Summary.ResourceChanges)
		assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
	})
	t.Run("a restart loses nothing", func(t *testing.T) {
		before := tw.Resources()
		require.NoError(t, tw.Close())
		tw, err = twin.Start(context.Background(), twin.Options{Path: path})
		require.NoError(t, err)
		e.attach(tw)
		assert.Equal(t, before, tw.Resources())
		assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
	})
	t.Run("an update in place keeps ids and moves the template's version through the group", func(t *testing.T) {
		id := first(t, tw, "aws:ec2/launchTemplate:LaunchTemplate").ID
		s.image, s.owner = "ami-2", "two"
		e.program(s.program)
		assert.Equal(t, 3, (*e.up().Summary.ResourceChanges)["update"], "the VPC's tag, the template, the group")
		template := first(t, tw, "aws:ec2/launchTemplate:LaunchTemplate")
		assert.Equal(t, id, template.ID)
		assert.EqualValues(t, 2, template.Outputs["latestVersion"])
		assert.Equal(t, "2", first(t, tw, "aws:autoscaling/group:Group").Outputs["launchTemplate"].(map[string]any)["version"])
		assert.Equal(t, "two", first(t, tw, "aws:ec2/vpc:Vpc").Outputs["tagsAll"].(map[string]any)["owner"])
	})
	t.Run("a replacement is created before the old one is deleted", func(t *testing.T) {
		old := first(t, tw, "aws:lb/targetGroup:TargetGroup").ID
		seen := len(tw.Events())
		s.targetPort = 9443
		e.program(s.program)
		assert.Equal(t, 1, (*e.up().Summary.ResourceChanges)["replace"])
		var order []string
		for _, event := range tw.Events()[seen:] {
			switch {
			case event.Answer != "ok":
			case event.Type == "aws:lb/targetGroup:TargetGroup" && (event.Operation == "create" || event.Operation == "delete"):
				order = append(order, event.Operation)
				assert.Equal(t, event.Operation == "delete", event.ID == old)
			case event.Type == "aws:lb/listener:Listener" && event.Operation == "update":
				order = append(order, "listener")
			}
		}
		assert.Equal(t, []string{"create", "listener", "delete"}, order)
	})
	t.Run("drift is seen and repaired", func(t *testing.T) {
		rule := first(t, tw, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule")
		group := first(t, tw, "aws:autoscaling/group:Group")
		require.NoError(t, tw.Remove(rule.Type, rule.ID))
		require.NoError(t, tw.Alter(group.Type, group.ID, map[string]any{"maxSize": 9.0}))
		changes := *e.refresh().Summary.ResourceChanges
		assert.Equal(t, 1, changes["delete"])
		assert.Equal(t, 1, changes["update"])
		changes = *e.up().Summary.ResourceChanges
		assert.Equal(t, 1, changes["create"])
		assert.Equal(t, 1, changes["update"])
		assert.EqualValues(t, 2, first(t, tw, group.Type).Outputs["maxSize"])
		assert.Equal(t, map[string]int{"same": siteResources}, *e.up().Summary.ResourceChanges)
	})
	t.Run("a resource is let go, looked up and imported", func(t *testing.T) {
		logs := pulumi.Map{"name": pulumi.String("/site/web"), "retentionInDays": pulumi.Int(30)}
		with := func(opts ...pulumi.ResourceOption) {
			s.more = func(ctx *pulumi.Context, _ *bare) error {
				_, err := resource(ctx, "aws:cloudwatch/logGroup:LogGroup", "logs", logs, opts...)
				return err
			}
			e.program(s.program)
		}
		with(pulumi.RetainOnDelete(true))
		e.up()
		s.more = func(ctx *pulumi.Context, vpc *bare) error {
			found := &bare{}
			err := ctx.ReadResource("aws:cloudwatch/logGroup:LogGroup", "found", pulumi.ID("/site/web"), nil, found)
			ctx.Export("found", found.Arn)
			return err
		}
		e.program(s.program)
		assert.Equal(t, "arn:aws:logs:eu-central-1:000000000000:log-group:/site/web", e.up().Outputs["found"].Value)
		with(pulumi.Import(pulumi.ID("/site/web")))
		assert.Equal(t, 1, (*e.up().Summary.ResourceChanges)["import"])
		with()
		assert.Equal(t, map[string]int{"same": siteResources + 1}, *e.up().Summary.ResourceChanges)
	})
	t.Run("destroy leaves nothing", func(t *testing.T) {
		e.destroy()
		assert.Empty(t, tw.Resources())
	})
}

func TestWhatTheTwinDoesNotKnowIsAnError(t *testing.T) {
	tw, err := twin.Start(context.Background(), twin.Options{})
	require.NoError(t, err)
	defer tw.Close()
	cases := map[string]struct {
		program pulumi.RunFunc
		want    []string
	}{
		"type": {func(ctx *pulumi.Context) error {
			_, err := resource(ctx, "aws:ec2/vpcs:Vpcs", "x", pulumi.Map{})
			return err
		}, []string{`does not know the resource type "aws:ec2/vpcs:Vpcs"`, `"aws:ec2/vpc:Vpc"`}},
		"property": {func(ctx *pulumi.Context) error {
			_, err := resource(ctx, "aws:ec2/vpc:Vpc", "x", pulumi.Map{"cidrBlok": pulumi.String("10.0.0.0/16")})
			return err
		}, []string{`no property "cidrBlok"`, `"cidrBlock"`}},
		"function": {func(ctx *pulumi.Context) error {
			var out map[string]any
			return ctx.Invoke("aws:index/getRegions:getRegions", map[string]any{}, &out)
		}, []string{`does not know the function "aws:index/getRegions:getRegions"`, `getRegion`}},
		"argument": {func(ctx *pulumi.Context) error {
			var out map[string]any
			return ctx.Invoke("aws:index/getAvailabilityZones:getAvailabilityZones", map[string]any{"stat": "available"}, &out)
		}, []string{`no argument "stat"`, `"state"`}},
		"refusal": {func(ctx *pulumi.Context) error {
			_, err := resource(ctx, "aws:ec2/subnet:Subnet", "x",
				pulumi.Map{"vpcId": pulumi.String("vpc-12345678"), "cidrBlock": pulumi.String("10.0.0.0/24")})
			return err
		}, []string{"InvalidVpcID.NotFound", "vpc-12345678"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := newEngine(t, tw, c.program).tryUp()
			require.Error(t, err)
			for _, want := range c.want {
				assert.Contains(t, err.Error(), want)
			}
			assert.Empty(t, tw.Resources())
		})
	}
}

func TestTwoProvidersKeepTheirOwnConfiguration(t *testing.T) {
	tw, err := twin.Start(context.Background(), twin.Options{})
	require.NoError(t, err)
	defer tw.Close()
	e := newEngine(t, tw, func(ctx *pulumi.Context) error {
		for region, tag := range map[string]string{"us-east-1": "there", "eu-west-1": "here"} {
			p := &namedProvider{}
			err := ctx.RegisterResource("pulumi:providers:aws", region, pulumi.Map{"region": pulumi.String(region),
				"allowedAccountIds": pulumi.ToStringArray([]string{"111122223333"}), "skipCredentialsValidation": pulumi.Bool(true),
				"defaultTags": pulumi.Map{"tags": pulumi.StringMap{"where": pulumi.String(tag)}}}, p)
			if err != nil {
				return err
			}
			if _, err := resource(ctx, "aws:sns/topic:Topic", region, pulumi.Map{"tags": pulumi.StringMap{"own": pulumi.String("yes")}},
				pulumi.Provider(p)); err != nil {
				return err
			}
		}
		return nil
	})
	e.up()
	for _, r := range tw.Resources() {
		where := map[string]string{"us-east-1": "there", "eu-west-1": "here"}[r.Region]
		assert.Equal(t, map[string]any{"where": where, "own": "yes"}, r.Outputs["tagsAll"])
		assert.True(t, strings.HasPrefix(r.ARN, "arn:aws:sns:"+r.Region+":111122223333:"), r.ARN)
	}
	assert.Len(t, tw.Resources(), 2)
	assert.Equal(t, 5, (*e.up().Summary.ResourceChanges)["same"])
}
