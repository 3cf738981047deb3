package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// outlasting are the types of resources that stay in the account when a stack that is not disposable is taken down,
// in addition to its buckets (logs, releases, the tiers' own): the copies of the database, and the keys without which
// none of this, nor the database's final snapshot, could be read. AWS would refuse to delete a bucket or vault that
// is not empty, and the network would still be up behind it. README.md tells this to whoever takes a stack down.
var outlasting = []string{"aws:kms/key:Key", "aws:backup/vault:Vault"}

// outlasts reports whether a type of resource stays in the account. The resources that configure a bucket stay with
// it: without them, it would be open, unencrypted and kept for ever.
func (s Settings) outlasts(kind string) bool {
	return !s.disposable() && (strings.HasPrefix(kind, "aws:s3/bucket") || slices.Contains(outlasting, kind))
}

// hold adds options to every resource, whichever component declares it: it stays when the stack is taken down, and it
// may change only with a release after waivers have ended. It is a single transformation, because the SDK keeps the
// options of only the last one.
func hold(ctx *pulumi.Context, s Settings, ended infra.Problems, on refusal) error {
	var only []pulumi.ResourceOption
	if len(ended) > 0 {
		hooks, err := onlyReleases(ctx, ended, on)
		if err != nil {
			return fmt.Errorf("holding the stack to its releases: %w", err)
		}
		only = append(only, hooks)
	}
	return ctx.RegisterStackTransformation(func(r *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		if strings.HasPrefix(r.Type, "causeway:") || strings.HasPrefix(r.Type, "pulumi:") {
			return nil
		}
		opts := slices.Concat(r.Opts, only)
		if s.outlasts(r.Type) { // unless the resource itself says otherwise
			opts = slices.Insert(opts, 0, pulumi.RetainOnDelete(true))
		}
		return &pulumi.ResourceTransformationResult{Props: r.Props, Opts: opts}
	})
}
