package stacks

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// outlasting is what stays in the account when a stack that is not disposable goes, beside its buckets (logs,
// releases, the tiers' own): the copies of the database, and the keys without which none of it, nor the database's final
// snapshot, can be read. AWS would refuse to delete a bucket or vault that holds something, with the network
// still up behind it. README.md says so to whoever takes a stack down.
var outlasting = []string{"aws:kms/key:Key", "aws:backup/vault:Vault"}

// outlives has a component's resources of these kinds stay when they leave the stack.
func (b *builder) outlives() pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{
		func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			if !b.s.outlasts(args.Type) {
				return nil
			}
			return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.RetainOnDelete(true))}
		},
	})
}

// outlasts says that a type of resource stays in the account. What sets a bucket up stays with it: without, it would be
// open, unencrypted and kept for ever.
func (s Settings) outlasts(kind string) bool {
	return !s.disposable() && (strings.HasPrefix(kind, "aws:s3/bucket") || slices.Contains(outlasting, kind))
}
