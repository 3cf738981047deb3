package platform

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// networkMistakes are what people do to groups, routes, listeners and names.
var networkMistakes = []codeMistake{
	{
		what:  "the database's port is opened to the internet, to look into it from home",
		fails: "I8 I10 C035 C036 C039 C047",
		below: admits("debug", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(5433),
			ToPort: pulumi.Int(5433), CidrIpv4: pulumi.String("0.0.0.0/0")}, "database"),
	},
	{
		what:  "SSH from the office",
		fails: "I5 I10 I11 I15 C047",
		below: admits("office", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22),
			ToPort: pulumi.Int(22), CidrIpv4: pulumi.String("203.0.113.7/32")}, "web"),
	},
	{
		what:  "everything from the company's private range",
		fails: "I7 I9 I10 I11 C037 C038 C047",
		below: admits("company", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("10.0.0.0/8")},
			"app"),
	},
	{
		what:  "the application servers may open any connection",
		fails: "I10 I11 I16 C041 C047",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := vpc.NewSecurityGroupEgressRule(ctx, "out", &vpc.SecurityGroupEgressRuleArgs{
				SecurityGroupId: p.group("app"), IpProtocol: pulumi.String("-1"), CidrIpv4: pulumi.String("0.0.0.0/0"),
				Description: pulumi.String("out"), Tags: tagsOf("out", ""),
			}, p.provider())
			return err
		},
	},
	{
		what:  "rules written inside a security group",
		fails: "I0 I5 I10 C040 C042 C044 C047",
		edit: in("prod-web", func(a *ec2.SecurityGroupArgs) {
			a.Ingress = ec2.SecurityGroupIngressArray{ec2.SecurityGroupIngressArgs{
				Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(8443), ToPort: pulumi.Int(8443),
				CidrBlocks: pulumi.ToStringArray([]string{"10.40.0.0/16"}),
			}}
		}),
	},
	{
		what:  "port 80 is open, and forwards",
		fails: "I2 I15 I22 C034 C035 C050 C051",
		below: func(ctx *pulumi.Context, p *declared) error {
			if err := admits("plain", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(80),
				ToPort: pulumi.Int(80), CidrIpv4: pulumi.String("0.0.0.0/0")}, "edge")(ctx, p); err != nil {
				return err
			}
			_, err := lb.NewListener(ctx, "plain", &lb.ListenerArgs{
				LoadBalancerArn: p.id("lb/loadBalancer:LoadBalancer", "edge"), Port: pulumi.Int(80), Protocol: pulumi.String("HTTP"),
				Tags: tagsOf("plain", "edge"),
				DefaultActions: lb.ListenerDefaultActionArray{lb.ListenerDefaultActionArgs{Type: pulumi.String("forward"),
					TargetGroupArn: p.id("lb/targetGroup:TargetGroup", "web")}},
			}, p.provider())
			return err
		},
	},
	{
		what:  "an older policy of TLS, for an old client",
		fails: "C052",
		edit:  in("prod-edge-https", func(a *lb.ListenerArgs) { a.SslPolicy = pulumi.String("ELBSecurityPolicy-2016-08") }),
	},
	{
		what:  "plain HTTP to the application servers",
		fails: "I22 C070 C071",
		edit: in("prod-app", func(a *lb.TargetGroupArgs) {
			a.Protocol = pulumi.String("HTTP")
			check := a.HealthCheck.(lb.TargetGroupHealthCheckArgs)
			check.Protocol = pulumi.String("HTTP")
			a.HealthCheck = check
		}),
	},
	{
		what:  "the internal load balancer faces the internet",
		fails: "I1 C059 C061 C239",
		edit:  in("prod-internal", func(a *lb.LoadBalancerArgs) { a.Internal = pulumi.Bool(false) }),
	},
	{
		what:  "the database may load its extensions from the internet",
		fails: "I17 C022 C133",
		below: routes("updates", "network-data", &ec2.RouteArgs{DestinationCidrBlock: pulumi.String("0.0.0.0/0")},
			func(a *ec2.RouteArgs, p *declared) {
				a.NatGatewayId = p.id("ec2/natGateway:NatGateway", "network-nat-a")
			}),
	},
	{
		what:  "a private subnet with the routes of a public one",
		fails: "I15 I18 I26 C012 C020 C021 C094",
		edit: func(p *declared, name string, args any) {
			if a, ok := args.(*ec2.RouteTableAssociationArgs); ok && name == "prod-network-web-a" {
				a.RouteTableId = p.id("ec2/routeTable:RouteTable", "network-public")
			}
		},
	},
	{
		what: "a second route table for a subnet",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewRouteTableAssociation(ctx, "again", &ec2.RouteTableAssociationArgs{
				SubnetId: p.id("ec2/subnet:Subnet", "network-data-a"), RouteTableId: p.id("ec2/routeTable:RouteTable", "network-public"),
			}, p.provider(), pulumi.DependsOn([]pulumi.Resource{p.get("ec2/routeTableAssociation:RouteTableAssociation",
				"network-data-a")}))
			return err
		},
		refused: "Resource.AlreadyAssociated",
	},
	{
		what:  "IPv6 by the internet gateway",
		fails: "I18 C020 C021 C094",
		edit:  in("prod-network", func(a *ec2.VpcArgs) { a.AssignGeneratedIpv6CidrBlock = pulumi.Bool(true) }),
		below: routes("ipv6", "network-private-a", &ec2.RouteArgs{DestinationIpv6CidrBlock: pulumi.String("::/0")},
			func(a *ec2.RouteArgs, p *declared) {
				a.GatewayId = p.id("ec2/internetGateway:InternetGateway", "network")
			}),
	},
	{
		what:  "a peer that is a whole network",
		fails: "I7 I10 I15 I21 C015 C047",
		below: func(ctx *pulumi.Context, p *declared) error {
			peering, err := ec2.NewVpcPeeringConnection(ctx, "peer", &ec2.VpcPeeringConnectionArgs{
				VpcId: p.id("ec2/vpc:Vpc", "network"), PeerVpcId: pulumi.String("vpc-0123456789abcdef0"),
				PeerOwnerId: pulumi.String("999988887777"), Tags: tagsOf("peer", ""),
			}, p.provider())
			if err != nil {
				return err
			}
			for _, zone := range []string{"a", "b", "c"} {
				err := routes("peer-"+zone, "network-private-"+zone,
					&ec2.RouteArgs{DestinationCidrBlock: pulumi.String("10.99.0.0/16"), VpcPeeringConnectionId: peering.ID()},
					func(*ec2.RouteArgs, *declared) {})(ctx, p)
				if err != nil {
					return err
				}
			}
			return admits("peer", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(9443),
				ToPort: pulumi.Int(9443), CidrIpv4: pulumi.String("10.99.0.0/16")}, "app")(ctx, p)
		},
	},
	{
		what:  "an ACL that lets everything through, to be rid of it",
		fails: "I27 C027 C028 C029",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewNetworkAclRule(ctx, "open", &ec2.NetworkAclRuleArgs{
				NetworkAclId: p.id("ec2/networkAcl:NetworkAcl", "network-web"), RuleNumber: pulumi.Int(1),
				RuleAction: pulumi.String("allow"),
				Protocol:   pulumi.String("-1"), CidrBlock: pulumi.String("0.0.0.0/0"),
			}, p.provider())
			return err
		},
	},
	{
		what:  "an ACL that denies the replies",
		fails: "I12 I15 I26",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := ec2.NewNetworkAclRule(ctx, "deny", &ec2.NetworkAclRuleArgs{
				NetworkAclId: p.id("ec2/networkAcl:NetworkAcl", "network-app"), RuleNumber: pulumi.Int(1),
				RuleAction: pulumi.String("deny"), Egress: pulumi.Bool(true),
				Protocol: pulumi.String("tcp"), FromPort: pulumi.Int(1024), ToPort: pulumi.Int(65535),
				CidrBlock: pulumi.String("0.0.0.0/0"),
			}, p.provider())
			return err
		},
	},
	{
		what:  "a name that leads to an old server",
		fails: "C213 C216",
		below: func(ctx *pulumi.Context, p *declared) error {
			zone := p.resources["cloudflare:index/record:Record prod-edge-shop.example.com"].(*cloudflare.Record).ZoneId
			_, err := cloudflare.NewRecord(ctx, "old", &cloudflare.RecordArgs{ZoneId: zone, Name: pulumi.String("old.example.com"),
				Type: pulumi.String("A"), Content: pulumi.String("203.0.113.9"), Ttl: pulumi.Int(300)},
				pulumi.Provider(p.resources["pulumi:providers:cloudflare prod-cloudflare"].(pulumi.ProviderResource)))
			return err
		},
	},
	{
		what:  "SSH from a prefix list that is the internet",
		fails: "I5 I10 I11 I15 C032 C035 C036 C039 C047",
		below: func(ctx *pulumi.Context, p *declared) error {
			list, err := ec2.NewManagedPrefixList(ctx, "offices", &ec2.ManagedPrefixListArgs{
				Name: pulumi.String("offices"), AddressFamily: pulumi.String("IPv4"), MaxEntries: pulumi.Int(2),
				Tags: tagsOf("offices", ""),
				Entries: ec2.ManagedPrefixListEntryTypeArray{
					ec2.ManagedPrefixListEntryTypeArgs{Cidr: pulumi.String("0.0.0.0/1")},
					ec2.ManagedPrefixListEntryTypeArgs{Cidr: pulumi.String("128.0.0.0/1")},
				},
			}, p.provider())
			if err != nil {
				return err
			}
			return admits("offices", &vpc.SecurityGroupIngressRuleArgs{IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(22),
				ToPort: pulumi.Int(22), PrefixListId: list.ID()}, "web")(ctx, p)
		},
	},
	{
		what:  "the web servers may ask the database directly",
		fails: "I8 I15 I16",
		below: func(ctx *pulumi.Context, p *declared) error {
			_, err := vpc.NewSecurityGroupEgressRule(ctx, "short-cut", &vpc.SecurityGroupEgressRuleArgs{
				SecurityGroupId: p.group("web"), ReferencedSecurityGroupId: p.group("database"), IpProtocol: pulumi.String("tcp"),
				FromPort: pulumi.Int(5433), ToPort: pulumi.Int(5433),
				Description: pulumi.String("short-cut"), Tags: tagsOf("short-cut", ""),
			}, p.provider())
			if err != nil {
				return err
			}
			return admits("short-cut", &vpc.SecurityGroupIngressRuleArgs{ReferencedSecurityGroupId: p.group("web"),
				IpProtocol: pulumi.String("tcp"), FromPort: pulumi.Int(5433), ToPort: pulumi.Int(5433)}, "database")(ctx, p)
		},
	},
	{
		what:  "a public database whose routes are two halves of the internet",
		fails: "I1 I17 C020 C022 C116 C133",
		edit:  in("prod-database", func(a *rds.InstanceArgs) { a.PubliclyAccessible = pulumi.Bool(true) }),
		below: func(ctx *pulumi.Context, p *declared) error {
			for name, half := range map[string]string{"lower": "0.0.0.0/1", "upper": "128.0.0.0/1"} {
				err := routes(name, "network-data", &ec2.RouteArgs{DestinationCidrBlock: pulumi.String(half)},
					func(a *ec2.RouteArgs, p *declared) {
						a.GatewayId = p.id("ec2/internetGateway:InternetGateway", "network")
					})(ctx, p)
				if err != nil {
					return err
				}
			}
			return nil
		},
	},
}
