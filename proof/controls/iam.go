package controls

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

const boundaryNote = "a policy that is only the boundary of roles gives nothing, and is not judged as if it did"

// granting are the types that say what somebody may do.
var granting = []string{policyType, rolePolicyType, roleType, "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy"}

var identities = []Control{
	{
		Number: 97, Severity: report.Critical, Title: "No policy allows everything", Types: granting, Later: true,
		Known: "FSBP IAM.1; CIS v3.0/1.16 v5.0/1.15; Checkov CKV_AWS_62 CKV_AWS_1 CKV2_AWS_40; Trivy AWS-0057; " +
			"Prowler iam_customer_attached_policy_no_administrative_privileges iam_inline_policy_no_administrative_privileges",
		Remedy: "name the actions and resources", each: grants(func(s iam.Statement) []string {
			if s.Allow && iam.Everything(s) && (len(s.Resources) == 0 || slices.ContainsFunc(s.Resources, iam.Broad)) {
				return []string{"everything"}
			}
			return nil
		}, "it allows"),
	},
	{
		Number: 98, Severity: report.High, Title: "No policy allows all of a service's actions", Types: granting, Later: true,
		Known:  "FSBP IAM.21; Checkov CKV_AWS_63 CKV_AWS_49; Trivy AWS-0057",
		Remedy: "name the actions", each: grants(func(s iam.Statement) []string {
			if !s.Allow {
				return nil
			}
			if len(s.NotActions) > 0 {
				return []string{"everything but " + strings.Join(s.NotActions, ", ")}
			}
			return iam.WholeServices(s)
		}, "it allows all actions of"),
	},
	{
		Number: 99, Severity: report.Medium, Title: "No policy allows on everything what could be allowed on some resources",
		Types: granting, Later: true, Note: boundaryNote,
		Known:  "Checkov CKV_AWS_355 CKV_AWS_356; Trivy AWS-0057",
		Remedy: "name the resources' ARNs", each: grants(iam.Restrictable, "on every resource it allows"),
	},
	{
		Number: 100, Severity: report.High, Title: "No policy hands out credentials of anybody", Types: granting, Later: true,
		Note:   boundaryNote,
		Known:  "Checkov CKV_AWS_287 CKV_AWS_107",
		Remedy: "remove the action, or name whose credentials", each: broadly(iam.Credentials),
	},
	{
		Number: 101, Severity: report.High, Title: "No policy reads the data of anybody", Types: granting, Later: true, Note: boundaryNote,
		Known:  "Checkov CKV_AWS_288 CKV_AWS_108",
		Remedy: "name the buckets, parameters and secrets", each: broadly(iam.Data),
	},
	{
		Number: 102, Severity: report.High, Title: "No policy changes the permissions of anybody", Types: granting, Later: true,
		Note:   boundaryNote,
		Known:  "Checkov CKV_AWS_289 CKV_AWS_109",
		Remedy: "remove the action, or name whose permissions", each: broadly(iam.Permissions),
	},
	{
		Number: 103, Severity: report.Critical, Title: "No role can make itself more powerful",
		Types: []string{roleType, "aws:iam/user:User", "aws:iam/group:Group"}, Later: true,
		Known: "Checkov CKV_AWS_286 CKV_AWS_110; " +
			"Prowler iam_policy_allows_privilege_escalation iam_inline_policy_allows_privilege_escalation",
		Note:   "all policies of a role are taken together, within its boundary",
		Remedy: "remove one of the actions, or name the roles, functions and servers that it is for", each: noEscalation,
	},
	{
		Number: 104, Severity: report.Medium, Title: "No policy allows changes of everything without a condition", Types: granting,
		Later: true, Note: boundaryNote,
		Known:  "Checkov CKV_AWS_290 CKV_AWS_111",
		Remedy: "name the resources, or add a condition", each: grants(iam.Writes, "on every resource, with no condition, it allows"),
	},
	{
		Number: 105, Severity: report.High, Title: "No policy decrypts with every key", Types: granting, Later: true, Note: boundaryNote,
		Known:  "FSBP KMS.1 KMS.2; Checkov CKV_AWS_288; Prowler iam_policy_no_full_access_to_kms",
		Remedy: "name the key's ARN", each: broadly([]string{"kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncrypt*"}),
	},
	{
		Number: 106, Severity: report.High, Title: "No policy passes on any role", Types: granting, Later: true, Note: boundaryNote,
		Known:  "Checkov CKV_AWS_286; Trivy AWS-0342",
		Remedy: "name the role's whole ARN", each: grants(passesRoles, "it passes on"),
	},
	{
		Number: 107, Severity: report.High, Title: "No policy allows everything in S3", Types: granting, Later: true,
		Known:  "Checkov CKV_AWS_288; Trivy AWS-0345 AWS-0346",
		Remedy: "name the actions, such as s3:GetObject, and the bucket", each: grants(func(s iam.Statement) []string {
			if s.Allow && (slices.Contains(iam.WholeServices(s), "s3") || iam.Everything(s)) {
				return []string{"s3:*"}
			}
			return nil
		}, "it allows"),
	},
	{
		Number: 108, Severity: report.High, Title: "Every role can be taken by one service or by named roles", Types: []string{roleType},
		Later:  true,
		Known:  "Checkov CKV_AWS_60 CKV_AWS_61; Prowler iam_no_custom_policy_permissive_role_assumption",
		Remedy: "name one service, or the ARNs of roles, as Principal", each: trustsOne,
	},
	{
		Number: 109, Severity: report.Medium, Title: "A service takes a role for this account only", Types: []string{roleType}, Later: true,
		Known: "Prowler iam_role_cross_service_confused_deputy_prevention",
		Note: "EC2, Auto Scaling, Backup and the services that only act for the role's own account do not send aws:SourceAccount, and " +
			"cannot be asked for it",
		Remedy: "add a condition StringEquals aws:SourceAccount", each: forThisAccount,
	},
	{
		Number: 110, Severity: report.High, Title: "No role has an administrator's policy",
		Types: []string{attachmentType, roleType, "aws:iam/policyAttachment:PolicyAttachment",
			"aws:iam/userPolicyAttachment:UserPolicyAttachment", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
			"aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
			"aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
			"aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive"}, Later: true,
		Known:  "Checkov CKV_AWS_274 CKV2_AWS_56 CKV_AWS_275; Prowler iam_role_administratoraccess_policy",
		Remedy: "attach a policy of the platform's own, or one of AWS's service roles", each: attachments,
	},
	{
		Number: 111, Severity: report.High, Title: "No users, keys or groups: everybody who acts has a role",
		Remedy: "let people and pipelines take a role, by AWS IAM Identity Center or OpenID Connect",
		Known: "FSBP IAM.2; CIS v3.0/1.15 v5.0/1.14; Checkov CKV_AWS_40 CKV_AWS_273 CKV_AWS_348; Trivy AWS-0143; " +
			"Prowler iam_policy_attached_only_to_group_or_roles",
		whole: none("it has lasting credentials, or is for those who have", "aws:iam/user", "aws:iam/accessKey:", "aws:iam/group",
			"aws:iam/sshKey:", "aws:iam/serviceSpecificCredential:", "aws:iam/signingCertificate:"),
	},
	{
		Number: 112, Severity: report.Low, Title: "A role's policies are written in one way only", Types: []string{roleType},
		Remedy: "leave out managedPolicyArns and inlinePolicies of the role, and attach by resources", each: oneWayOfPolicies,
	},
	{
		Number: 113, House: true, Severity: report.Medium, Title: "Every role has a boundary, which is less than everything",
		Types:  []string{roleType},
		Later:  true,
		Note:   "a boundary that the account keeps for all of its stacks is not in this one, and is not looked into",
		Remedy: "set permissionsBoundary to a policy of the platform's own", each: bounded,
	},
	{
		Number: 114, Severity: report.Critical, Title: "A role for GitHub names the repository and the audience", Types: []string{roleType},
		Later:  true,
		Known:  "Checkov CKV_AWS_393 CKV_AWS_358",
		Note:   "Checkov stops at the first statement that is not GitHub's; all are read here",
		Remedy: "add StringEquals for token.actions.githubusercontent.com:aud and :sub, without wildcards", each: githubTrust,
	},
}

// documentsOf are the paths of a resource's policies.
func documentsOf(r *graph.Resource) []string {
	if r.Type != roleType {
		return []string{"policy"}
	}
	var paths []string
	policies, known := asked(r, "inlinePolicies")
	list, several := policies.([]any)
	if known != absent && !several {
		return []string{"inlinePolicies"}
	}
	for i := range list {
		paths = append(paths, fmt.Sprintf("inlinePolicies[%d].policy", i))
	}
	return paths
}

// onlyBoundary says that the policy is some roles' boundary, and attached to nothing.
func (v *view) onlyBoundary(r *graph.Resource) bool {
	bounds := false
	for _, i := range v.iam.Identities {
		if slices.ContainsFunc(i.Policies, func(p iam.Source) bool { return p.Resource == r }) {
			return false
		}
		bounds = bounds || i.Boundary != nil && i.Boundary.Resource == r
	}
	return r.Type == policyType && bounds
}

// grants demands that no statement of what the resource grants be one of these.
func grants(bad func(iam.Statement) []string, saying string) check {
	return func(v *view, r *graph.Resource) outcome {
		paths := documentsOf(r)
		if len(paths) == 0 || v.onlyBoundary(r) {
			return outcome{}
		}
		for _, path := range paths {
			d, o := document(r, path)
			if o.verdict != report.Holds {
				return o
			}
			for i, s := range d.Statements {
				if found := bad(s); len(found) > 0 && !refused(d, found) {
					return broken("%s %s", saying, strings.Join(found, ", ")).because(fmt.Sprintf("statement %d %s", i+1, s.ID))
				}
			}
		}
		return holds()
	}
}

// refused says that another statement denies all of the actions on every resource.
func refused(d iam.Document, actions []string) bool {
	return !slices.ContainsFunc(actions, func(a string) bool {
		return !strings.Contains(a, ":") || strings.HasPrefix(a, "arn:") || d.MayAllow(a, "*") != nil
	})
}

func broadly(patterns []string) check {
	return grants(func(s iam.Statement) []string { return iam.BroadlyAllows(s, patterns...) }, "on everything of its kind it allows")
}

func passesRoles(s iam.Statement) []string {
	if !s.Allow || len(iam.Allowed(s, "iam:PassRole")) == 0 {
		return nil
	}
	if len(s.NotResources) > 0 {
		return []string{"every role but " + strings.Join(s.NotResources, ", ")}
	}
	return slices.DeleteFunc(slices.Clone(s.Resources), func(r string) bool { return !strings.ContainsAny(r, "*?") })
}

func noEscalation(v *view, r *graph.Resource) outcome {
	i := v.iam.Of(r)
	if how := i.Escalation(); how != "" {
		return broken("%s", how)
	}
	if p := i.Unreadable(); p != nil {
		return unreadable(*p)
	}
	return holds()
}

// plainPolicies are AWS's policies that a platform's roles may have beside those for a service.
var plainPolicies = []string{"AmazonSSMManagedInstanceCore", "CloudWatchAgentServerPolicy"}

func attachments(v *view, r *graph.Resource) outcome {
	path := "policyArn"
	switch {
	case r.Type == roleType:
		path = "managedPolicyArns"
		if _, known := asked(r, path); known == absent {
			return outcome{}
		}
	case strings.HasSuffix(r.Type, "Exclusive"):
		path = "policyArns"
	}
	resolved := v.g.Resolve(r, path)
	if resolved.Undecided {
		return unknown(r, path)
	}
	for _, arn := range resolved.Outside {
		name := iam.ManagedName(arn)
		switch {
		case name != "" && iam.Administrative(name):
			return broken("it attaches %s", name)
		case name == "" || !strings.Contains(arn, ":policy/service-role/") && !slices.Contains(plainPolicies, name):
			return broken("it attaches %s, which is neither in the stack nor one of AWS's for a service", arn)
		}
	}
	return holds()
}

func oneWayOfPolicies(v *view, r *graph.Resource) outcome {
	_, managed := asked(r, "managedPolicyArns")
	_, inline := asked(r, "inlinePolicies")
	switch {
	case managed != absent && len(v.pointing(r, "role", attachmentType)) > 0:
		return broken("it has managedPolicyArns, and attachments that these remove")
	case inline != absent && len(v.pointing(r, "role", rolePolicyType)) > 0:
		return broken("it has inlinePolicies, and policies that these remove")
	}
	return holds()
}

func bounded(v *view, r *graph.Resource) outcome {
	if _, known := asked(r, "permissionsBoundary"); known == absent {
		return broken("permissionsBoundary is not set")
	}
	b := v.iam.Of(r).Boundary
	switch {
	case iam.ManagedName(b.ARN) != "":
		return broken("its boundary is AWS's own %s", b.ARN)
	case b.ARN != "":
		return holds()
	case b.Err != nil:
		return unreadable(*b)
	case b.Loosens():
		return broken("its boundary %s lets it have any power, or no boundary", b.Name)
	}
	return holds()
}

const github = "token.actions.githubusercontent.com"
