package stacks

import (
	"encoding/base64"
	"errors"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/recorded"
	"github.com/causeway-iac/causeway/infra/release"
)

// checkDeclared runs the whole program without an engine: every component is checked with exactly what it will get,
// and anything too long shows, whether user data or a policy. Groups of settings that have a problem already are left
// at their defaults, so that all mistakes are reported at once. It returns the sizes in bytes of the tiers' user data
// too.
func checkDeclared(s Settings, found infra.Problems) (map[string]int, infra.Problems) {
	s = s.without(found)
	declared, err := s.record()
	sizes := map[string]int{}
	for _, d := range declared {
		if tier := strings.TrimPrefix(d.Name, s.Name+"-"); d.Type == "aws:ec2/launchTemplate:LaunchTemplate" {
			text, _ := d.Plain()["userData"].(string)
			plain, _ := base64.StdEncoding.DecodeString(text)
			sizes[tier] = len(plain)
		}
	}
	return sizes, s.refusals(err)
}

// record declares the platform without an engine.
func (s Settings) record() ([]recorded.Resource, error) {
	return recorded.Run(s.standIns, func(ctx *pulumi.Context) error {
		b := s.builder(ctx, "")
		for key, run := range b.opened {
			if run.Path != "" {
				run.Path = os.DevNull // nothing is uploaded
			}
			b.opened[key] = run
		}
		for architecture := range processors {
			b.opened[architecture] = release.Release{Path: os.DevNull, Key: "releases/" + someHash, SHA256: someHash}
		}
		return b.declare()
	})
}

var someHash = strings.Repeat("0", 64)

// UserDataLimit is the largest size of a server's user data in bytes.
const UserDataLimit = cloudinit.Limit

// refusals are the problems for which components were refused, under the settings' names.
func (s Settings) refusals(err error) infra.Problems {
	var problems infra.Problems
	settings := map[string]string{"database": "database", "network": "network", "edge": "edge", "monitoring": "monitoring"}
	for _, t := range s.tiers() {
		settings[t.party.Name] = t.setting
	}
	told := func(where string, p infra.Problem) {
		p.Where = strings.Trim(where+"."+p.Where, ".")
		if !slices.Contains(problems, p) {
			problems = append(problems, p)
		}
	}
	for _, one := range leafErrors(err) {
		refused, ok := one.(*infra.Refused)
		if !ok {
			told("", infra.Problem{What: one.Error()})
			continue
		}
		part := settings[strings.TrimPrefix(refused.Name, s.Name+"-")]
		for _, p := range renamed(refused.Problems, statedBy) {
			if part == "" {
				p.What = refused.Name + ": " + p.What
			}
			told(part, p)
		}
	}
	return problems
}

// statedBy are the settings that the statements of a tier's policy come from.
var statedBy = map[string]string{"ReadSecrets": "secrets", "ListBuckets": "buckets", "UseBuckets": "buckets", "": "permissions"}

// leafErrors are the errors that err joins, each unwrapped down to a component's refusal.
func leafErrors(err error) []error {
	var refused *infra.Refused
	switch e := err.(type) {
	case nil:
		return nil
	case interface{ Unwrap() []error }:
		return leavesOf(e.Unwrap())
	case interface{ WrappedErrors() []error }:
		return leavesOf(e.WrappedErrors())
	case *infra.Refused:
		return []error{e}
	default:
		if below := errors.Unwrap(err); below != nil && errors.As(err, &refused) {
			return leafErrors(below)
		}
	}
	return []error{err}
}

func leavesOf(errs []error) []error {
	var all []error
	for _, err := range errs {
		all = append(all, leafErrors(err)...)
	}
	return all
}

// entwined are the settings that depend on another to be judged.
var entwined = map[string][]string{
	"domain": {"dns"}, "dns": {"domain"}, "region": {"network", "web", "app", "workers"}, "accountId": {"web", "app", "workers"},
}

// without returns the settings with those named in found replaced by the defaults of a stack without mistakes.
func (s Settings) without(found infra.Problems) Settings {
	wrong := map[string]bool{}
	for _, p := range found {
		group := p.Where[:strings.IndexAny(p.Where+".", ".[:")]
		wrong[group] = true
		for _, judged := range entwined[group] {
			wrong[judged] = true
		}
	}
	plain := Profile(s.Environment)
	plain.Name, plain.Region, plain.AccountID, plain.Domain = "stand-in", "eu-west-1", "111122223333", "shop.example.com"
	plain.DNS.Create, plain.Network.CIDR = false, "10.0.0.0/16"
	plain = plain.derive("stand-in")
	into, from := reflect.ValueOf(&s).Elem(), reflect.ValueOf(plain)
	for _, f := range reflect.VisibleFields(into.Type()) {
		if wrong[f.Tag.Get("setting")] {
			into.FieldByIndex(f.Index).Set(from.FieldByIndex(f.Index))
		}
	}
	return s
}

// stemmed is a physical name as Pulumi makes it from a logical one.
func stemmed(name string) string { return name + "-" + strings.Repeat("0", infra.AutoNameSuffix-1) }

// standIns answers as the clouds would, as far as the answer makes what is declared longer or shorter.
func (s Settings) standIns(r recorded.Resource) map[string]any {
	named := stemmed(r.Name)
	at := "." + strings.Repeat("c", 12) + "." + s.Region + ".rds.amazonaws.com"
	secrets := []any{map[string]any{"secretArn": (&infra.Platform{Region: s.Region, Account: s.AccountID}).ARN("secretsmanager",
		"secret:rds!cluster-00000000-0000-0000-0000-000000000000-AbCdEf")}}
	arn := func(service, resource string) map[string]any {
		return map[string]any{"name": named, "arn": (&infra.Platform{Region: s.Region, Account: s.AccountID}).ARN(service, resource)}
	}
	switch r.Type {
	case "aws:index/getAvailabilityZones:getAvailabilityZones":
		return map[string]any{"names": stringsOf(s.someZones())}
	case "cloudflare:index/getIpRanges:getIpRanges":
		return map[string]any{"ipv4CidrBlocks": []any{"173.245.48.0/20"}}
	case "aws:s3/bucketV2:BucketV2":
		for _, run := range s.opened {
			if run.Bucket != "" && strings.HasSuffix(r.Name, "-releases") {
				named = run.Bucket // the settings say that this release is in its bucket
			}
		}
		return map[string]any{"bucket": named}
	case "aws:cloudwatch/logGroup:LogGroup":
		return arn("logs", "log-group:"+named)
	case "aws:kms/key:Key":
		return arn("kms", "key/00000000-0000-0000-0000-000000000000")
	case "aws:rds/instance:Instance":
		return map[string]any{"address": named + at, "masterUserSecrets": secrets}
	case "aws:rds/cluster:Cluster":
		return map[string]any{"endpoint": named + ".cluster" + at, "masterUserSecrets": secrets}
	case "aws:acm/certificate:Certificate":
		return map[string]any{"domainValidationOptions": proofs(r.Inputs)}
	}
	return map[string]any{}
}

// proofs are the records that the authority asks for, one for each name of a certificate.
func proofs(certificate resource.PropertyMap) []any {
	names := []resource.PropertyValue{certificate["domainName"]}
	if others := certificate["subjectAlternativeNames"]; others.IsArray() {
		names = append(names, others.ArrayValue()...)
	}
	var all []any
	for _, name := range names {
		all = append(all, map[string]any{
			"domainName": name.StringValue(), "resourceRecordName": "_proof." + name.StringValue(),
			"resourceRecordType": "CNAME", "resourceRecordValue": "_proof.acm-validations.aws.",
		})
	}
	return all
}

func stringsOf(list []string) []any {
	all := make([]any, len(list))
	for i, x := range list {
		all[i] = x
	}
	return all
}
