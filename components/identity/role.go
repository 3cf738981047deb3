package identity

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

const (
	// maxRoleName is the longest name of a role (AWS, IAM API reference, CreateRole).
	maxRoleName = 64
	// mostRolePolicy and mostPolicy are the longest policies, in characters, that AWS accepts: a role's own and a
	// managed one (AWS, IAM user guide, "IAM and AWS STS quotas").
	mostRolePolicy = 10240
	mostPolicy     = 6144
)

// RoleArgs say whom a role trusts and what it may do.
type RoleArgs struct {
	// Service is the one service that may assume the role, such as
	// ec2.amazonaws.com. Required.
	Service string
	// Sources are patterns of ARNs on whose behalf the service may assume the role
	// (aws:SourceArn). Default: any resource of the platform's account. EC2 and AWS
	// Backup cannot be restricted: they name neither account nor resource.
	Sources []string
	// Description tells a person what the role is for. Required.
	Description string
	// Tier tags the role. Default: no tier.
	Tier infra.Tier
	// Statements are the role's only policy. Exactly one of Statements and
	// ManagedPolicies is given, so that a role's rights stand in one place.
	Statements []infra.Statement
	// ManagedPolicies are AWS's own policies, named as in their ARN after policy/:
	// service-role/AWSBackupServiceRolePolicyForBackup.
	ManagedPolicies []string
}

// broad are AWS's own policies that no role of the platform may have.
var broad = []string{"AdministratorAccess", "IAMFullAccess", "PowerUserAccess"}

// Validate reports a role that trusts too much, may do too much, or has its
// rights in two places.
func (a RoleArgs) Validate() (problems infra.Problems) {
	if !strings.HasSuffix(a.Service, ".amazonaws.com") {
		problems.Addf("service", "write one service, such as ec2.amazonaws.com", "%q is not a service that can assume a role", a.Service)
	}
	if len(a.Sources) > 0 && !sendsSource(a.Service) {
		problems.Addf("sources", "leave it out", "%s does not say on whose behalf it assumes a role", a.Service)
	}
	if a.Description == "" {
		problems.Add("description", "say what the role is for", "is empty")
	}
	if (len(a.Statements) == 0) == (len(a.ManagedPolicies) == 0) {
		problems.Add("statements", "give either statements or managedPolicies", "a role's rights must stand in one place")
	}
	problems = append(problems, CheckStatements("statements", a.Statements)...)
	for i, policy := range a.ManagedPolicies {
		where := fmt.Sprintf("managedPolicies[%d]", i)
		base := policy[strings.LastIndex(policy, "/")+1:]
		switch {
		case strings.HasPrefix(policy, "arn:"):
			problems.Addf(where, "write the part after policy/", "%s is a whole ARN", policy)
		case slices.Contains(broad, base) || strings.HasSuffix(base, "FullAccess"):
			problems.Addf(where, "write statements instead", "%s gives far more than one role needs", policy)
		}
	}
	return problems
}

// CheckStatements rejects what no identity policy of the platform may say. where is the argument's name in the
// problems.
func CheckStatements(where string, statements []infra.Statement) (problems infra.Problems) {
	for i, s := range statements {
		where := fmt.Sprintf("%s[%d]", where, i)
		if len(s.Principals) > 0 {
			problems.Add(where+".principals", "leave it out", "a role's policy cannot name a principal")
		}
		if len(s.Resources) == 0 {
			problems.Add(where+".resources", "name the resources", "is empty")
		}
		if len(s.Actions) == 0 {
			problems.Add(where+".actions", "name the actions", "is empty")
		}
		if s.Effect == infra.Deny {
			continue
		}
		for _, action := range s.Actions {
			service, verb, found := strings.Cut(action, ":")
			switch {
			case !found || verb == "":
				problems.Addf(where+".actions", "write service:Action", "%q is not an action", action)
			case verb == "*" || strings.Contains(service, "*"):
				problems.Addf(where+".actions", "name the actions", "%s allows everything that a service can do", action)
			case service == "iam" || service == "organizations":
				problems.Addf(where+".actions", "leave it to whoever deploys the platform", "%s changes who may do what", action)
			}
		}
	}
	return problems
}

// silent are services that assume a role without naming the account and resource
// that they act for: EC2 (AWS, IAM user guide, the confused deputy problem), and
// AWS Backup, whose guide asks for those keys in resource policies only.
var silent = []string{"ec2.amazonaws.com", "backup.amazonaws.com"}

func sendsSource(service string) bool { return !slices.Contains(silent, service) }

// Role is an IAM role. Its resources are children of the component it serves, so it is not a component itself.
type Role struct {
	ARN  pulumi.StringOutput
	Name pulumi.StringOutput

	// Ready is everything that must exist before the role can do its work: pass it to pulumi.DependsOn for resources
	// whose service checks the role's rights at once.
	Ready []pulumi.Resource

	name string
	tier infra.Tier
	role *iam.Role
}

// NewRole makes a role within the boundary. Pass pulumi.Parent in opts.
func NewRole(
	ctx *pulumi.Context, name string, p *infra.Platform, boundary *Boundary, args RoleArgs, opts ...pulumi.ResourceOption,
) (*Role, error) {
	if boundary == nil {
		return nil, fmt.Errorf("making role %s: the permissions boundary is missing", name)
	}
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("making role %s: %w", name, err)
	}
	trust, err := infra.TrustPolicy(args.Service, trustConditions(p, args))
	if err != nil {
		return nil, fmt.Errorf("making role %s: %w", name, err)
	}
	logical := name
	name = infra.ShortName(maxRoleName, name)
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Description:         pulumi.String(args.Description),
		AssumeRolePolicy:    pulumi.String(trust),
		PermissionsBoundary: boundary.ARN,
		MaxSessionDuration:  pulumi.Int(3600),
		Tags:                p.TagsFor(name, args.Tier),
	}, opts...)
	if err != nil {
		return nil, fmt.Errorf("making role %s: %w", name, err)
	}
	r := &Role{ARN: role.Arn, Name: role.Name, Ready: []pulumi.Resource{role}, name: name, tier: args.Tier, role: role}
	if len(args.Statements) > 0 {
		policy, err := iam.NewRolePolicy(ctx, name, &iam.RolePolicyArgs{
			Role:   role.Name,
			Policy: infra.PolicyWithin(mostRolePolicy, logical, args.Statements...),
		}, opts...)
		if err != nil {
			return nil, fmt.Errorf("making the policy of role %s: %w", name, err)
		}
		r.Ready = append(r.Ready, policy)
	}
	for _, policy := range args.ManagedPolicies {
		base := policy[strings.LastIndex(policy, "/")+1:]
		attachment, err := iam.NewRolePolicyAttachment(ctx, name+"-"+base, &iam.RolePolicyAttachmentArgs{
			Role:      role.Name,
			PolicyArn: pulumi.String("arn:" + p.Partition() + ":iam::aws:policy/" + policy),
		}, opts...)
		if err != nil {
			return nil, fmt.Errorf("attaching %s to role %s: %w", policy, name, err)
		}
		r.Ready = append(r.Ready, attachment)
	}
	return r, nil
}

func trustConditions(p *infra.Platform, args RoleArgs) map[string]map[string][]string {
	if !sendsSource(args.Service) {
		return nil
	}
	conditions := map[string]map[string][]string{"StringEquals": {"aws:SourceAccount": {p.Account}}}
	if len(args.Sources) > 0 {
		conditions["ArnLike"] = map[string][]string{"aws:SourceArn": args.Sources}
	}
	return conditions
}

// InstanceProfile makes a profile through which instances have the role, and returns its ARN. It waits for the role's
// rights, since an instance fetches its release as soon as it boots.
func (r *Role) InstanceProfile(ctx *pulumi.Context, p *infra.Platform, opts ...pulumi.ResourceOption) (pulumi.StringOutput, error) {
	profile, err := iam.NewInstanceProfile(ctx, r.name, &iam.InstanceProfileArgs{
		Role: r.role.Name,
		Tags: p.TagsFor(r.name, r.tier),
	}, append(opts, pulumi.DependsOn(r.Ready))...)
	if err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("making the instance profile of role %s: %w", r.name, err)
	}
	return profile.Arn, nil
}
