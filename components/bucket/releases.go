package bucket

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// Wiring is what a bucket of the platform's own objects needs.
type Wiring struct {
	Keys *keys.Keys // encrypts the objects
	Logs *Bucket    // records their requests
}

// closed is what buckets of the platform's own objects have in common.
func (w Wiring) closed(p *infra.Platform) purpose {
	what := purpose{
		logs:       w.Logs,
		statements: func(arn pulumi.StringOutput) []infra.Statement { return closedCircle(p, arn) },
	}
	if w.Keys != nil {
		what.key = w.Keys.Data
	}
	return what
}

// Releases makes the bucket that holds the platform's releases, encrypted with the platform's key for data. Nobody
// outside the account can be let in, and nothing can be written unencrypted. The platform's roles decide who reads a
// release: each may read its own. Releases do not expire, since the one in use may be the oldest.
func Releases(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	b := &builder{ctx: ctx, name: name, p: p, args: args, purpose: w.closed(p)}
	return b.declare(w, nil, opts)
}

// closedCircle refuses every identity of another account, whatever its own policies
// and later changes to this one allow, and AWS services that act for another account.
func closedCircle(p *infra.Platform, arn pulumi.StringOutput) []infra.Statement {
	return []infra.Statement{{
		Sid:        "RefuseOtherAccounts",
		Effect:     infra.Deny,
		Principals: map[string][]string{"AWS": {"*"}},
		Actions:    []string{"s3:*"},
		Resources:  pulumi.StringArray{arn, pulumi.Sprintf("%s/*", arn)},
		Conditions: map[string]map[string][]string{
			"StringNotEquals": {"aws:PrincipalAccount": {p.Account}},
			"Bool":            {"aws:PrincipalIsAWSService": {"false"}},
		},
	}}
}

// DataArgs are the settings of a bucket that a program keeps its data in.
type DataArgs struct {
	Args
	// ExpireDays deletes an object after so many days. Default: never.
	ExpireDays int
}

// Validate reports everything that is wrong with the settings.
func (a DataArgs) Validate() (ps infra.Problems) {
	if a.ExpireDays < 0 {
		ps.Addf("expireDays", "write a number of days, or leave it out to keep objects", "objects cannot be kept for %d days", a.ExpireDays)
	}
	return ps
}

// Data makes a bucket for a program's own data. Like the bucket of releases, it is encrypted with the platform's key
// and closed to other accounts, and its requests are recorded. Roles decide who may use it.
func Data(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args DataArgs, opts ...pulumi.ResourceOption) (*Bucket, error) {
	what := w.closed(p)
	if args.ExpireDays > 0 {
		what.expiring, what.expireDays = []string{""}, args.ExpireDays
	}
	b := &builder{ctx: ctx, name: name, p: p, args: args.Args, purpose: what}
	return b.declare(w, args.Validate(), opts)
}
