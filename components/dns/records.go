package dns

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/route53"
	"github.com/pulumi/pulumi-cloudflare/sdk/v5/go/cloudflare"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// recordTTL is how many seconds resolvers keep a record that the platform may
// change: five minutes bounds how long a moved name still leads to the old place.
const recordTTL = 300

// automaticTTL is Cloudflare's "automatic", the only value that it accepts for a
// proxied record (Cloudflare, DNS documentation, "Time to live (TTL)").
const automaticTTL = 1

// Target is what a name points at: a load balancer's DNS name and the Route 53
// zone that the name is in.
type Target struct {
	Name, ZoneID pulumi.StringOutput
}

// CheckHosts reports names that a zone with these settings could not point at a load
// balancer. Point refuses them too, but only once the zone is declared.
func (a Args) CheckHosts(hosts ...string) infra.Problems {
	a = a.withDefaults()
	ps := checkHosts(a.Zone, hosts)
	for i, host := range hosts {
		host = Normalise(host)
		if a.Proxied && Within(host, a.Zone) && strings.Count(host, ".") > strings.Count(a.Zone, ".")+1 {
			ps.Addf(fmt.Sprintf("hosts[%d]", i), "choose a name with one label fewer, or do without the proxy",
				"Cloudflare's certificate does not cover %s, which is more than one label below %s (Universal SSL)", host, a.Zone)
		}
	}
	return ps
}

// checkHosts reports hosts that are not names, are not in domain or occur twice.
func checkHosts(domain string, hosts []string) (ps infra.Problems) {
	seen := map[string]bool{}
	for i, host := range hosts {
		where, name := fmt.Sprintf("hosts[%d]", i), Normalise(host)
		switch what := NameProblem(strings.TrimPrefix(name, "*.")); {
		case what != "":
			ps.Addf(where, "write a full name such as www."+domain, "%q %s", host, what)
		case !Within(name, domain):
			ps.Addf(where, "write a name that ends in "+domain, "%s is not in the zone %s", name, domain)
		case seen[name]:
			ps.Addf(where, "write each name once", "%s is listed twice", name)
		}
		seen[name] = true
	}
	return ps
}

// LogicalName is a host as part of a logical name or of a tag, which cannot contain an asterisk. A wildcard's is
// written any; since no host ends in a dash, the host any.example.com becomes any-.example.com.
func LogicalName(host string) string {
	if rest, found := strings.CutPrefix(host, "any."); found {
		return "any-." + rest
	}
	return strings.Replace(host, "*", "any", 1)
}

// Point makes hosts, fully qualified names in the zone, lead to target. *.example.com means every name one label
// below example.com that has no record of its own.
func (z *Zone) Point(ctx *pulumi.Context, name string, target Target, hosts ...string) error {
	if err := z.args.CheckHosts(hosts...).Err(); err != nil {
		return fmt.Errorf("pointing %s: %w", name, err)
	}
	for _, host := range hosts {
		host = Normalise(host)
		if err := z.point(ctx, name+"-"+LogicalName(host), host, target); err != nil {
			return fmt.Errorf("pointing %s at the load balancer: %w", host, err)
		}
	}
	return nil
}

func (z *Zone) point(ctx *pulumi.Context, name, host string, target Target) error {
	if z.Provider == Route53 {
		return alias(ctx, name, host, z.ID, target, z)
	}
	ttl := recordTTL
	if z.Proxied {
		ttl = automaticTTL
	}
	_, err := cloudflare.NewRecord(ctx, name, &cloudflare.RecordArgs{
		ZoneId:  z.ID,
		Name:    pulumi.String(host),
		Type:    pulumi.String("CNAME"),
		Content: trimDot(target.Name),
		Proxied: pulumi.Bool(z.Proxied),
		Ttl:     pulumi.Int(ttl),
	}, pulumi.Parent(z), pulumi.DeleteBeforeReplace(true))
	return err
}

// alias declares Route 53's alias record for a host.
func alias(ctx *pulumi.Context, name, host string, zone pulumi.StringOutput, target Target, parent pulumi.Resource) error {
	_, err := route53.NewRecord(ctx, name+"-a", &route53.RecordArgs{
		ZoneId: zone,
		Name:   pulumi.String(host),
		Type:   pulumi.String("A"),
		Aliases: route53.RecordAliasArray{route53.RecordAliasArgs{
			Name:   trimDot(target.Name),
			ZoneId: target.ZoneID,
			// The load balancer monitors its targets itself, and with only one load balancer there is nowhere to fail
			// over to.
			EvaluateTargetHealth: pulumi.Bool(false),
		}},
	}, pulumi.Parent(parent))
	return err
}

// Proof is the record that proves to a certificate authority that we hold a name.
type Proof struct{ Name, Type, Value pulumi.StringOutput }

// Prove declares the record that validates host, and returns the record's name. A host is proved once, however many
// certificates ask for it, since they all need the same record. The record is never proxied, because the authority
// must see it unchanged.
func (z *Zone) Prove(ctx *pulumi.Context, name, host string, proof Proof) (pulumi.StringOutput, error) {
	host = Normalise(host)
	if !Within(host, z.Domain) {
		return pulumi.StringOutput{}, fmt.Errorf("validating %s: it is not in the zone %s; write a name that ends in it", host, z.Domain)
	}
	if proved, ok := z.proofs[host]; ok {
		return proved, nil
	}
	record, err := z.declare(ctx, name, record{
		name: trimDot(proof.Name), kind: proof.Type, content: trimDot(proof.Value),
	})
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("validating %s: %w", host, err)
	}
	z.proofs[host] = record
	return record, nil
}

type record struct {
	name, kind, content pulumi.StringInput
	data                *cloudflare.RecordDataArgs // instead of content, in Cloudflare
	more                []string                   // further values of the record set, in Route 53
}

// declare makes one record that is never proxied and returns its name, known once
// the record exists.
func (z *Zone) declare(ctx *pulumi.Context, name string, r record) (pulumi.StringOutput, error) {
	if z.Provider == Route53 {
		values := pulumi.StringArray{}
		if r.content != nil {
			values = append(values, r.content)
		}
		for _, value := range r.more {
			values = append(values, pulumi.String(value))
		}
		made, err := route53.NewRecord(ctx, name, &route53.RecordArgs{
			ZoneId: z.ID, Name: r.name, Type: r.kind, Records: values, Ttl: pulumi.Int(recordTTL),
		}, pulumi.Parent(z))
		if err != nil {
			return pulumi.StringOutput{}, err
		}
		return made.Fqdn, nil
	}
	args := &cloudflare.RecordArgs{
		ZoneId: z.ID, Name: r.name, Type: r.kind, Proxied: pulumi.Bool(false), Ttl: pulumi.Int(recordTTL),
	}
	if r.data != nil {
		args.Data = r.data
	} else {
		args.Content = r.content.ToStringOutput()
	}
	if r.kind == pulumi.String("MX") {
		args.Priority = pulumi.Int(0)
	}
	made, err := cloudflare.NewRecord(ctx, name, args, pulumi.Parent(z), pulumi.DeleteBeforeReplace(true))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	return made.Hostname, nil
}

func trimDot(name pulumi.StringOutput) pulumi.StringOutput {
	return name.ApplyT(func(s string) string { return strings.TrimSuffix(s, ".") }).(pulumi.StringOutput)
}
