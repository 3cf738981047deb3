package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// outlasting is what stays in the account when a stack that is not disposable goes, beside its buckets (logs,
// releases, the tiers' own): the copies of the database, and the keys without which none of it, nor the database's final
// snapshot, can be read. AWS would refuse to delete a bucket or vault that holds something, with the network
// still up behind it. README.md says so to whoever takes a stack down.
var outlasting = []string{"aws:kms/key:Key", "aws:backup/vault:Vault"}

// outlasts says that a type of resource stays in the account. What sets a bucket up stays with it: without, it would be
// open, unencrypted and kept for ever.
func (s Settings) outlasts(kind string) bool {
	return !s.disposable() && (strings.HasPrefix(kind, "aws:s3/bucket") || slices.Contains(outlasting, kind))
}

// hold gives every resource what it has whoever declares it: it stays when the stack goes, or changes with a release
// alone where waivers have ended. It is one transformation, since the SDK keeps the options of the last one alone.
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
