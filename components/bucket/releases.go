package bucket

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/infra"
)

// Releases makes the bucket that holds the platform's releases, encrypted with the
// platform's key for data. Nobody outside the account can be let in, and nothing is
// written unencrypted: who reads a release is decided by the roles of the platform,
// each of which may read its own. Requests are recorded in logs. Releases do not expire:
// the one in use may be the oldest; what a newer one took the place of is kept for
// args.NoncurrentDays.
func Releases(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, logs *Bucket, args Args, opts ...pulumi.ResourceOption) (*Bucket, error) {
	if k == nil {
		return nil, fmt.Errorf("bucket %s: no keys to encrypt releases with", name)
	}
	if logs == nil {
		return nil, fmt.Errorf("bucket %s: no bucket to record its requests in", name)
	}
	if args.ExpireDays != 0 {
		return nil, fmt.Errorf("bucket %s: expireDays: would delete a release that is in use; leave it out, and set noncurrentDays", name)
	}
	return build(ctx, name, p, purpose{
		key:        k.Data,
		logging:    logs,
		statements: func(arn pulumi.StringOutput) []infra.Statement { return closedCircle(p, arn) },
	}, args, opts...)
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
