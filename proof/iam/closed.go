package iam

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Unread is a resource that may give somebody powers, and that is not read.
type Unread struct {
	Resource *graph.Resource
	// Why is what is not known of it, Remedy what to do about it.
	Why, Remedy string
}

// granting are the packages whose types say who may do what, or create others that do.
var granting = []string{
	"iam", "kms", "secretsmanager", "ssoadmin", "identitystore", "organizations", "ram", "rolesanywhere", "controltower",
	"cloudformation", "cloudcontrol", "servicecatalog", "serverlessrepository",
}

// making are types of other packages by which machines act as a role that is only named.
var making = []string{"aws:ssm/activation:Activation", "aws:ssm/serviceSetting:ServiceSetting",
	"aws:ssm/quicksetupConfigurationManager:QuicksetupConfigurationManager"}

// read are those packages' types of which everything that gives powers is read.
var read = []string{
	RoleType, UserType, GroupType, policyType, profileType, GrantType,
	"aws:iam/groupMembership:GroupMembership", "aws:iam/userGroupMembership:UserGroupMembership",
	"aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey", "aws:kms/externalKey:ExternalKey", "aws:kms/replicaExternalKey:ReplicaExternalKey",
	"aws:kms/keyPolicy:KeyPolicy",
	"aws:secretsmanager/secret:Secret", "aws:secretsmanager/secretPolicy:SecretPolicy",
}

// harmless are those that give nobody any power, and why.
var harmless = map[string]string{
	"aws:iam/accessKey:AccessKey":                                 "it is a way to be a user, whose powers are read",
	"aws:iam/userLoginProfile:UserLoginProfile":                   "it is a way to be a user, whose powers are read",
	"aws:iam/sshKey:SshKey":                                       "it is a way to be a user, whose powers are read",
	"aws:iam/signingCertificate:SigningCertificate":               "it is a way to be a user, whose powers are read",
	"aws:iam/serviceSpecificCredential:ServiceSpecificCredential": "it is a way to be a user, whose powers are read",
	"aws:iam/virtualMfaDevice:VirtualMfaDevice":                   "it only asks users for more",
	"aws:iam/accountAlias:AccountAlias":                           "it is a name",
	"aws:iam/accountPasswordPolicy:AccountPasswordPolicy":         "it only asks users for more",
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider": "whom it vouches for is let in by the trust of a role, " +
		"which is read",
	"aws:iam/samlProvider:SamlProvider": "whom it vouches for is let in by the trust of a role, " +
		"which is read",
	"aws:iam/serverCertificate:ServerCertificate":                             "it is no identity",
	"aws:iam/serviceLinkedRole:ServiceLinkedRole":                             "AWS writes it, for a service of its own",
	"aws:iam/rolePoliciesExclusive:RolePoliciesExclusive":                     "it only takes policies away",
	"aws:iam/userPoliciesExclusive:UserPoliciesExclusive":                     "it only takes policies away",
	"aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive":                   "it only takes policies away",
	"aws:iam/securityTokenServicePreferences:SecurityTokenServicePreferences": "it is the form of tokens",
	"aws:kms/alias:Alias":                                     "it is a name",
	"aws:kms/ciphertext:Ciphertext":                           "it is a value",
	"aws:secretsmanager/secretVersion:SecretVersion":          "it is a value, and its secret's policies are read",
	"aws:secretsmanager/secretRotation:SecretRotation":        "the function that rotates has a role, which is read",
	"aws:organizations/organization:Organization":             "it gives nobody anything in an account",
	"aws:organizations/organizationalUnit:OrganizationalUnit": "it gives nobody anything in an account",
	"aws:organizations/policy:Policy":                         "it only takes powers away",
	"aws:organizations/policyAttachment:PolicyAttachment":     "it only takes powers away",
	"aws:identitystore/user:User":                             "it has no powers before it is assigned some",
	"aws:identitystore/group:Group":                           "it has no powers before it is assigned some",
	"aws:rolesanywhere/profile:Profile":                       "whom it lets in is let in by the trust of a role, which is read",
	"aws:rolesanywhere/trustAnchor:TrustAnchor": "whom it vouches for is let in by the trust of a role, " +
		"which is read",
}

// elsewhere are the packages that give nobody any power in an AWS account, and why. Any other package may do to AWS
// whatever the deploying user may: run its command line, or create a role through another provider.
var elsewhere = map[string]string{
	"pulumi": "it is the engine's own", "cloudflare": "it rules names and what is before the load balancer", "random": "it is a value",
	"tls": "it is a value",
	"std": "it is a value", "time": "it is a value", "kubernetes": "it rules a cluster, whose roles are read", "docker": "it builds images",
	"docker-build": "it builds images",
	"github":       "it rules repositories, whose roles are read", "datadog": "it watches", "pagerduty": "it tells people",
}

// Unread are the resources that may give somebody powers and are not read: those of unknown types, and what a replacement
// has not deleted yet, which still grants.
func (w *Model) Unread() []Unread {
	if !w.closed {
		w.unread, w.closed = w.findUnread(), true
	}
	return w.unread
}

func (w *Model) findUnread() []Unread {
	var all []Unread
	for _, r := range w.g.Resources {
		provider, _, _ := strings.Cut(r.Type, ":")
		foreign := provider != "aws" && elsewhere[provider] == ""
		switch {
		case !r.Custom || r.External:
		case foreign || grants(r.Type) && !understood(r.Type):
			all = append(all,
				Unread{r, r.Type + " may give somebody powers, and is not modelled",
					"leave it out of the stack, or show by other means whom it lets do what"})
		case grants(r.Type):
			all = append(all, w.strangersIn(r)...)
		default:
			if named := w.commanded(r); named != "" {
				all = append(all, Unread{r, "it names " + named + ", and may have them run something",
					"leave it out, or name nothing by which it finds the platform's servers"})
			}
			if role := w.unownedRole(r.Inputs); role != "" {
				all = append(all, Unread{r, "it acts as " + role + ", which is not of this stack, and what that may do is not known",
					"make the role in the stack"})
			}
		}
	}
	for _, r := range w.g.Leftovers {
		if r.Custom && grants(r.Type) && harmless[r.Type] == "" {
			all = append(all, Unread{r, "a replacement has left it in place, and what it grants still holds",
				"run `pulumi up` again to finish the replacement"})
		}
	}
	return all
}

// about are the properties in which a type names identities: what it gives, or lets somebody be, is theirs.
var about = map[string][]string{
	"aws:iam/groupMembership:GroupMembership": {"group", "users"}, "aws:iam/userGroupMembership:UserGroupMembership": {"user", "groups"},
	"aws:iam/accessKey:AccessKey": {"user"}, "aws:iam/userLoginProfile:UserLoginProfile": {"user"}, "aws:iam/sshKey:SshKey": {"username"},
	"aws:iam/signingCertificate:SigningCertificate":               {"userName"},
	"aws:iam/serviceSpecificCredential:ServiceSpecificCredential": {"userName"}, profileType: {"role"},
	"aws:rolesanywhere/profile:Profile": {"roleArns"},
}

// strangersIn are the identities that a resource names and the stack has not: they keep what they have been given before.
func (w *Model) strangersIn(r *graph.Resource) []Unread {
	paths := slices.Clone(about[r.Type])
	if path := inline[r.Type]; path != "" {
		paths = append(paths, path)
	}
	for _, a := range attachers {
		if a.kind == r.Type {
			paths = append(paths, a.to...)
		}
	}
	var all []Unread
	for _, path := range paths {
		for _, name := range w.g.Resolve(r, path).Outside {
			if !slices.ContainsFunc(w.Identities, func(i *Identity) bool { return i.Resource.Inputs["name"] == name || i.ARN() == name }) {
				all = append(all, Unread{r, "it is about " + name + ", who is not of this stack, and what else that may do is not known",
					"make the role, user or group in the stack"})
			}
		}
	}
	return all
}

// actor is a role, or a profile that has one. AWS itself writes those of its services.
var actor = regexp.MustCompile(`arn:[\w-]+:iam::\d+:(?:role|instance-profile)/[\w+=,.@/-]+`)

// unownedRole is a role named within a value that no resource of the stack has, "" if there is none.
func (w *Model) unownedRole(value any) string {
	switch v := value.(type) {
	case string:
		for _, role := range actor.FindAllString(v, -1) {
			whole := role == v || strings.ContainsAny(v[:1], "{[") && !strings.Contains(v, `"Effect"`)
			if whole && !serviceLinked(role) && len(w.g.ByIdentity(role)) == 0 {
				return role
			}
		}
	case []any:
		for _, element := range v {
			if role := w.unownedRole(element); role != "" {
				return role
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if role := w.unownedRole(v[key]); role != "" {
				return role
			}
		}
	}
	return ""
}

func grants(resourceType string) bool {
	rest, ofAWS := strings.CutPrefix(resourceType, "aws:")
	module, _, _ := strings.Cut(rest, "/")
	return ofAWS && (slices.Contains(granting, module) || slices.Contains(making, resourceType))
}

func understood(resourceType string) bool {
	return slices.Contains(read, resourceType) || harmless[resourceType] != "" || inline[resourceType] != "" ||
		slices.ContainsFunc(attachers, func(a attacher) bool { return a.kind == resourceType })
}
