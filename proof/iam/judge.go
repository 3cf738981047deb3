// Package iam judges IAM policies: whom a statement admits, how much of AWS it covers, and what somebody with the
// policies could make of them.
package iam

import (
	"slices"
	"strings"
)

func anybody(s Statement) bool {
	if len(s.NotPrincipals) > 0 {
		return true
	}
	for kind, ids := range s.Principals {
		if kind == "*" || slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(id, "*") }) {
			return true
		}
	}
	return false
}

// callers are the condition keys that identify the caller, directly or indirectly, so that fixed values leave nobody
// else. AWS, "The meaning of public" in the S3 user guide, has most.
var callers = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid",
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceowner", "aws:sourceorgid", "aws:sourceorgpaths",
	"aws:sourcevpc", "aws:sourcevpce", "aws:sourcevpcarn", "kms:calleraccount", "s3:dataaccesspointaccount", "s3:dataaccesspointarn",
}

// owners are the condition keys that tell whose resource it is.
var owners = []string{"aws:resourceaccount", "aws:resourceorgid", "aws:resourceorgpaths", "s3:resourceaccount"}

// sources are the condition keys that tell for whom a service acts.
var sources = []string{
	"aws:sourceaccount", "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:sourceowner",
	"kms:encryptioncontext:aws:logs:arn", "kms:encryptioncontext:aws:s3:arn", "kms:calleraccount",
}

// known says that a condition demands fixed values of one of the keys. A condition that also holds if the key is missing,
// or that only excludes values, demands nothing.
func known(s Statement, keys []string) bool {
	for operator, tests := range s.Conditions {
		if !demands(operator) {
			continue
		}
		for key, values := range tests {
			if slices.Contains(keys, key) && len(values) > 0 && !slices.ContainsFunc(values, anything) {
				return true
			}
		}
	}
	return false
}

// Demands says that a condition demands fixed values of one of the keys, in lower case.
func Demands(s Statement, keys ...string) bool { return known(s, keys) }

// FederatedHeld says that a condition restricts whom an identity provider may speak for: its audience, or the subject
// that it vouches for.
func FederatedHeld(s Statement) bool {
	for operator, tests := range s.Conditions {
		for key, values := range tests {
			_, claim, ofProvider := strings.Cut(key, ":")
			held := ofProvider && slices.Contains([]string{"aud", "sub", "amr", "app_id", "user_id", "id", "iss"}, claim)
			if held && demands(operator) && len(values) > 0 && !slices.ContainsFunc(values, anything) {
				return true
			}
		}
	}
	return false
}

// NamesCallers says that a condition leaves known callers of an account, and not all of it: by their ARNs, ids or tags. A
// wildcard may stand for the end of a name, but not for all of it.
func NamesCallers(s Statement) bool {
	for operator, tests := range s.Conditions {
		for key, values := range tests {
			named := key == "aws:principalarn" || key == "aws:userid" || strings.HasPrefix(key, "aws:principaltag/")
			if named && demands(operator) && len(values) > 0 && !slices.ContainsFunc(values, func(value string) bool {
				return anything(value) || strings.HasPrefix(value, "arn:") && Broad(value) || strings.HasSuffix(value, ":root")
			}) {
				return true
			}
		}
	}
	return false
}

// demands says that the operator holds only if the key is there with such a value: those that end in IfExists, begin with
// ForAllValues, or exclude values do not.
func demands(operator string) bool {
	switch strings.TrimPrefix(operator, "foranyvalue:") {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike":
		return true
	}
	return false
}

// anything says that a condition's value admits everybody: a wildcard that names no owner before it, an ARN whose account
// is one, or a variable, which may be the caller's own.
func anything(value string) bool {
	if strings.Contains(value, "${") {
		return true
	}
	parts := strings.SplitN(value, ":", 6)
	if len(parts) < 6 || parts[0] != "arn" {
		i := strings.IndexAny(value, "*?")
		return value == "" || i == 0 || i > 0 && value[i-1] != '/' && value[i-1] != ':'
	}
	account, resource := parts[4], parts[5]
	if account == "" && parts[2] == "s3" {
		return strings.Trim(resource, "*?/") == ""
	}
	return strings.ContainsAny(account, "*?") || account == ""
}

// Everything says that the statement covers every action.
func Everything(s Statement) bool {
	return len(s.NotActions) > 0 && s.Allow ||
		slices.ContainsFunc(s.Actions, func(a string) bool { return strings.Trim(a, "*:") == "" && a != "" })
}

// WholeServices are the services of which the statement allows every action.
func WholeServices(s Statement) []string {
	var all []string
	for _, a := range s.Actions {
		if service, action, ok := strings.Cut(a, ":"); ok && strings.Trim(action, "*") == "" && action != "" && service != "*" {
			all = append(all, strings.ToLower(service))
		}
	}
	return all
}

// Broad says that the resource is everything of its kind: "*", or an ARN whose resource is a wildcard after at most the
// kind's name.
func Broad(resource string) bool {
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) < 6 {
		return strings.Contains(resource, "*") && strings.Trim(resource, "*?:arn") == ""
	}
	name := parts[5]
	if i := strings.LastIndexAny(name, ":/"); i >= 0 && !strings.ContainsAny(name[:i], ":/*?") {
		kind := name[:i]
		name = name[i+1:]
		if parts[2] == "s3" { // a bucket's name is no kind: bucket/* is that bucket's objects
			return strings.Trim(kind, "*?") == ""
		}
	}
	return strings.Trim(name, "*?/:") == ""
}

// BroadlyAllows says that the statement allows an action that matches one of the patterns on everything of its kind, and
// that no condition narrows that down.
func BroadlyAllows(s Statement, patterns ...string) []string {
	if !s.Allow || narrowed(s) || !broad(s) {
		return nil
	}
	return Allowed(s, patterns...)
}

func broad(s Statement) bool {
	return len(s.NotResources) > 0 || len(s.Resources) == 0 || slices.ContainsFunc(s.Resources, Broad)
}

// narrowed says that a condition leaves resources of known owners, those with a tag, or those that a service uses on the
// caller's behalf.
func narrowed(s Statement) bool {
	if known(s, owners) {
		return true
	}
	for operator, tests := range s.Conditions {
		for key, values := range tests {
			switch {
			case slices.ContainsFunc(values, anything) && key != "kms:grantisforawsresource":
			case demands(operator) &&
				(strings.Contains(key, "resourcetag/") || key == "kms:viaservice" || strings.HasPrefix(key, "kms:encryptioncontext:") ||
					key == "kms:resourcealiases"):
				return true
			case demands(operator) && (key == "cloudwatch:namespace" || key == "iam:policyarn" || key == "iam:permissionsboundary"):
				return true
			case operator == "bool" && key == "kms:grantisforawsresource" && slices.Equal(values, []string{"true"}):
				return true
			}
		}
	}
	return false
}

// Allowed are the statement's actions that match any of the patterns; both may have wildcards.
func Allowed(s Statement, patterns ...string) []string {
	var all []string
	for _, pattern := range patterns {
		pattern = strings.ToLower(pattern)
		if len(s.NotActions) > 0 {
			if !slices.ContainsFunc(s.NotActions, func(n string) bool { return Matches(strings.ToLower(n), pattern) }) {
				all = append(all, pattern)
			}
			continue
		}
		for _, a := range s.Actions {
			if Overlap(strings.ToLower(a), pattern) && !slices.Contains(all, a) {
				all = append(all, a)
			}
		}
	}
	return all
}
