// Package endpoints makes interface endpoints: addresses inside the network for services of AWS, so that servers
// reach them without a way to the internet.
package endpoints

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// needed are the services that every server of the platform talks to: Session Manager (ssm, ssmmessages, ec2messages,
// and ec2 for the agent), logs, metrics and secrets. KMS is not needed, since S3 and Secrets Manager call it on their
// own side.
var needed = []string{"ec2", "ec2messages", "logs", "monitoring", "secretsmanager", "ssm", "ssmmessages"}

// Args are the endpoints' settings.
type Args struct {
	// Services are AWS services in addition to those that every server talks to, named as in
	// com.amazonaws.<region>.<service>. Each is billed by the hour in each zone, and by the gigabyte (AWS PrivateLink
	// pricing). Default: none.
	Services []string
}

var serviceName = regexp.MustCompile(`^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$`)

// Validate reports services that the platform cannot have an interface endpoint for.
func (a Args) Validate() (problems infra.Problems) {
	for i, service := range a.Services {
		where := fmt.Sprintf("services[%d]", i)
		switch {
		case service == "s3":
			problems.Add(where, "leave it out", "s3 has a gateway endpoint, which the network makes free of charge")
		case !serviceName.MatchString(service) || strings.HasPrefix(service, "com.amazonaws"):
			problems.Addf(where, "write the part after com.amazonaws.<region>., such as ssm", "%q is not the name of a service", service)
		case slices.Contains(a.Services[:i], service):
			problems.Addf(where, "write each service once", "%s is listed twice", service)
		}
	}
	return problems
}

// Endpoints are the interface endpoints of one network.
type Endpoints struct {
	pulumi.ResourceState

	// Services are the services that have an endpoint, sorted.
	Services []string
}

// Wiring is where the endpoints are, and who may reach them.
type Wiring struct {
	Network network.Place
	Group   *firewall.Group `missing:"write a sentence of the firewall that leads to endpoints, or nobody could reach them"`
}

// New makes an endpoint for each service, with an address in the app tier's subnet of every zone. Servers reach it by
// the service's ordinary name.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Endpoints, error) {
	problems := args.Validate()
	if w.Group != nil && w.Group.Party != firewall.Endpoints {
		problems.Addf("Group", "pass the group of endpoints", "is the security group of %s", w.Group.Party)
	}
	e := &Endpoints{Services: slices.Compact(slices.Sorted(slices.Values(slices.Concat(needed, args.Services))))}
	err := infra.Declare(ctx, infra.Component{
		Type: "endpoints:Endpoints", Name: name, Platform: p, Wiring: w, Problems: problems, Options: opts,
	}, e, func() (pulumi.Map, error) {
		policy := infra.PolicyDocument(accountOnly(p))
		for _, service := range e.Services {
			part := name + "-" + service
			if _, err := ec2.NewVpcEndpoint(ctx, part, &ec2.VpcEndpointArgs{
				VpcId:             w.Network.VPC(),
				ServiceName:       pulumi.String("com.amazonaws." + p.Region + "." + service),
				VpcEndpointType:   pulumi.String("Interface"),
				SubnetIds:         w.Network.Subnets(network.App),
				SecurityGroupIds:  pulumi.StringArray{w.Group.ID},
				PrivateDnsEnabled: pulumi.Bool(true),
				Policy:            policy,
				Tags:              p.TagsFor(part, infra.TierPrivate),
			}, pulumi.Parent(e), pulumi.DeleteBeforeReplace(true)); err != nil { // only one endpoint can have the service's name
				return nil, fmt.Errorf("making endpoint %s: %w", part, err)
			}
		}
		return pulumi.Map{"services": pulumi.ToStringArray(e.Services)}, nil
	})
	return e, err
}

// accountOnly keeps credentials of other accounts from being used from inside the platform. What the account's own
// may do is up to their policies.
func accountOnly(p *infra.Platform) infra.Statement {
	return infra.Statement{
		Sid:        "OwnAccount",
		Principals: map[string][]string{"AWS": {"*"}},
		Actions:    []string{"*"},
		Resources:  pulumi.StringArray{pulumi.String("*")},
		Conditions: map[string]map[string][]string{"StringEquals": {"aws:PrincipalAccount": {p.Account}}},
	}
}
