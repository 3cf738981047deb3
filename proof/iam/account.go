package iam

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// readAccounts finds the account that each provider deploys into: the one in the ARNs of what it manages. What is only
// read may be anybody's, and a provider's allowedAccountIds count if nothing of it is deployed yet.
func (w *Model) readAccounts() {
	w.accounts = map[string][]string{}
	byProvider, all := map[string]map[string]int{}, map[string]int{}
	for _, r := range w.g.Resources {
		account := accountOf(outputARN(r))
		if !r.Custom || r.External || !isNumber(account) {
			continue
		}
		if byProvider[r.Provider] == nil {
			byProvider[r.Provider] = map[string]int{}
		}
		byProvider[r.Provider][account]++
		all[account]++
	}
	for provider, counts := range byProvider {
		w.accounts[provider] = most(counts)
	}
	w.home = most(all)
	var allowed []string
	for _, p := range w.g.ByType("pulumi:providers:aws") {
		if w.accounts[p.URN] == nil {
			w.accounts[p.URN] = p.Strings("allowedAccountIds")
		}
		allowed = append(allowed, w.accounts[p.URN]...)
	}
	if len(w.home) == 0 {
		w.home = allowed
	}
}

// most are the keys that are counted most often.
func most(counts map[string]int) []string {
	var found []string
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		switch {
		case len(found) == 0 || counts[key] > counts[found[0]]:
			found = []string{key}
		case counts[key] == counts[found[0]]:
			found = append(found, key)
		}
	}
	return found
}

func outputARN(r *graph.Resource) string {
	arn, _ := r.Outputs["arn"].(string)
	return arn
}

func isNumber(account string) bool {
	return len(account) == 12 && strings.Trim(account, "0123456789") == ""
}

// AccountsOf are the accounts that the resource may be in: the one in its ARN, or the one that its provider deploys into.
// There are several only before the deployment, if the provider allows several, and none if nothing tells. A resource
// without a provider counts as in the account of most others.
func (w *Model) AccountsOf(r *graph.Resource) []string {
	if account := accountOf(outputARN(r)); isNumber(account) {
		return []string{account}
	}
	return w.deploysInto(r.Provider)
}

func (w *Model) deploysInto(provider string) []string {
	if own := w.accounts[provider]; len(own) > 0 {
		return own
	}
	return w.home
}

// Foreign says that the resource is known to be in another account than its provider deploys into: somebody else's, which
// the stack only reads.
func (w *Model) Foreign(r *graph.Resource) bool {
	account, own := accountOf(outputARN(r)), w.deploysInto(r.Provider)
	return isNumber(account) && len(own) > 0 && !slices.Contains(own, account)
}

// Outsiders are those whom an allowing statement of the resource's policy admits and who are not of the resource's own
// account: principals of others, everybody, and services that would act for anybody. What the account's own principals
// may do is up to their policies.
func (w *Model) Outsiders(s Statement, of *graph.Resource) []string {
	return append(w.Strangers(s, of), w.Unbound(s, of)...)
}

// Strangers are Outsiders without the services.
func (w *Model) Strangers(s Statement, of *graph.Resource) []string {
	if !s.Allow {
		return nil
	}
	if anybody(s) {
		return w.Everybody(s, of)
	}
	own := w.AccountsOf(of)
	var all []string
	for _, id := range s.Principals["AWS"] {
		if !slices.Contains(own, accountOfPrincipal(id)) && !w.originAccess(id) && !w.uniqueID(id, own) {
			all = append(all, id)
		}
	}
	all = append(all, s.Principals["Federated"]...)
	return append(all, slices.DeleteFunc(slices.Clone(s.Principals["CanonicalUser"]), w.originAccess)...)
}

// Elsewhere are the roles and users, of the resource's own account but not of the stack, that an allowing statement
// names: what else they may do, and who acts as them, is not known. The account's service-linked roles act for AWS.
func (w *Model) Elsewhere(s Statement, of *graph.Resource) []string {
	if !s.Allow {
		return nil
	}
	own := w.AccountsOf(of)
	return slices.DeleteFunc(slices.Clone(s.Principals["AWS"]), func(id string) bool {
		return IsAccount(id) || !slices.Contains(own, accountOf(id)) || serviceLinked(id) ||
			slices.ContainsFunc(w.Identities, func(i *Identity) bool { return mention(id, i) == byName })
	})
}

// Unbound are the services that an allowing statement lets act on the resource for anybody: no condition ties them to the
// resource's own account (the "confused deputy").
func (w *Model) Unbound(s Statement, of *graph.Resource) []string {
	if !s.Allow || w.heldTo(s, of, sources) {
		return nil
	}
	return s.Principals["Service"]
}

// Everybody is whom a statement about everybody admits from other accounts, nil if it is about named principals.
func (w *Model) Everybody(s Statement, of *graph.Resource) []string {
	switch {
	case !s.Allow || !anybody(s):
		return nil
	case w.heldTo(s, of, callers):
		return nil
	case known(s, callers):
		return []string{"whoever meets its conditions, which are not held to the account that it is in"}
	}
	return []string{"everybody"}
}

// heldTo says that a condition demands one of the keys, with values that only the resource's own account can meet.
func (w *Model) heldTo(s Statement, of *graph.Resource, keys []string) bool {
	own := w.AccountsOf(of)
	for operator, tests := range s.Conditions {
		if !demands(operator) {
			continue
		}
		for key, values := range tests {
			foreign := func(value string) bool { return !w.ownValue(key, value, own) }
			if slices.Contains(keys, key) && len(values) > 0 && !slices.ContainsFunc(values, foreign) {
				return true
			}
		}
	}
	return false
}

// ownValue says that only the account has this value of a condition key.
func (w *Model) ownValue(key, value string, own []string) bool {
	switch {
	case strings.HasSuffix(key, "account") || key == "aws:sourceowner":
		return slices.Contains(own, value)
	case strings.HasSuffix(key, "arn"):
		if account := accountOf(value); account != "" {
			return slices.Contains(own, account)
		}
		// A bucket's ARN names no account, and its name belongs to whoever took it.
		return slices.ContainsFunc(w.g.ByIdentity(value), func(r *graph.Resource) bool { return !w.Foreign(r) })
	case strings.HasSuffix(key, "orgid"), strings.HasSuffix(key, "orgpaths"):
		organization, _, _ := strings.Cut(value, "/")
		return w.hasID(organization, "aws:organizations/organization:Organization")
	case key == "aws:sourcevpc":
		return w.hasID(value, "aws:ec2/vpc:Vpc")
	case key == "aws:sourcevpce":
		return w.hasID(value, "aws:ec2/vpcEndpoint:VpcEndpoint")
	case key == "aws:userid":
		unique, _, _ := strings.Cut(value, ":")
		return w.uniqueID(unique, own)
	}
	return false
}

func (w *Model) hasID(id, kind string) bool {
	return slices.ContainsFunc(w.g.ByIdentity(id), func(r *graph.Resource) bool { return r.Type == kind })
}

// uniqueID says that the id, such as AROA0123456789EXAMPLE, belongs to an identity of the stack in the account.
func (w *Model) uniqueID(id string, own []string) bool {
	return slices.ContainsFunc(w.Identities, func(i *Identity) bool {
		return id != "" && i.Resource.String("uniqueId") == id && slices.Contains(own, i.Account())
	})
}

// originAccess says that the principal is the stack's own identity of CloudFront.
func (w *Model) originAccess(id string) bool {
	return slices.ContainsFunc(w.g.ByType("aws:cloudfront/originAccessIdentity:OriginAccessIdentity"), func(r *graph.Resource) bool {
		return !r.External && (r.String("iamArn") == id || r.String("s3CanonicalUserId") == id)
	})
}

func accountOfPrincipal(id string) string {
	if isNumber(id) {
		return id
	}
	return accountOf(id)
}
