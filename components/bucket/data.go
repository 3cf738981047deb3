package bucket

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

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
