package iam

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Access is something that somebody may do to something.
type Access struct {
	// Who is a role, user or group of the stack, by name, or else a principal as the policy writes it.
	Who string `json:"who"`
	// Action is an action such as secretsmanager:GetSecretValue, or a pattern of them.
	Action string `json:"action"`
	// On is the ARN, or pattern, of what it is done to; OnName is what the stack calls that, "" if it is not in the
	// stack.
	On     string `json:"on"`
	OnName string `json:"onName,omitempty"`
	// Conditions are those under which it is allowed, by operator and key.
	Conditions []string `json:"conditions,omitempty"`
	// Why is the statement that allows it, and Policy the URN of the resource that contains it.
	Why    string `json:"why"`
	Policy string `json:"policy,omitempty"`
	// Sensitive says that it hands out credentials, reads what a platform keeps, or changes who may do what.
	Sensitive bool `json:"sensitive,omitempty"`
	// Unknown says that a policy cannot be read, so that it may allow anything.
	Unknown bool `json:"unknown,omitempty"`

	who  string              // the URN, or the principal
	asks map[string][]string // the values of Conditions, by operator and key
}

// verbs are what actions are called in a sentence.
var verbs = map[string]string{
	"secretsmanager:getsecretvalue": "read", "s3:getobject": "read objects of", "s3:putobject": "write objects of",
	"kms:decrypt": "decrypt with", "kms:encrypt": "encrypt with",
	"sts:assumerole": "act as", "iam:passrole": "pass on", "rds-db:connect": "connect to the database as", "sns:publish": "publish to",
	"ssm:getparameter": "read", "kms:creategrant": "grant the use of",
}

// String is the access as a sentence without its beginning: "read secret db: statement 3 of web".
func (a Access) String() string {
	if a.Unknown {
		return fmt.Sprintf("do what is not known: %s", a.Why)
	}
	verb, known := verbs[strings.ToLower(a.Action)]
	if !known {
		verb = "do " + a.Action + " on"
	}
	what := cmp.Or(a.OnName, a.On)
	if a.On == "*" {
		what = "everything"
	}
	if len(a.Conditions) > 0 {
		what += ", if " + strings.Join(a.Conditions, " and ")
	}
	return fmt.Sprintf("%s %s: %s", verb, what, a.Why)
}

// Sentence is the whole of it: "web may read secret db: statement 3 of web".
func (a Access) Sentence() string { return a.Who + " may " + a.String() }

// All is who may do what: through identities' policies, within their boundaries and less what they are denied altogether;
// and through resources' policies, trusts and grants of keys.
func (w *Model) All() []Access {
	var all []Access
	for _, i := range w.Identities {
		all = append(all, w.own(i)...)
		if i.Trust != nil {
			all = append(all, w.granted(i.Resource, *i.Trust)...)
		}
	}
	for _, r := range w.g.Resources {
		for _, p := range w.policies[r] {
			all = append(all, w.granted(r, p)...)
		}
	}
	return all
}

// own is what an identity may do by its own policies.
func (w *Model) own(i *Identity) []Access {
	var all []Access
	for _, p := range i.Policies {
		if p.Err != nil {
			all = append(all, Access{Who: i.Resource.Name, Why: fmt.Sprintf("%s %s", p.Name, p.Err), Policy: urnOf(p.Resource),
				Unknown: true, who: i.Resource.URN})
			continue
		}
		for n, s := range p.Statements {
			for _, pair := range s.pairs() {
				for _, within := range i.bounded(pair) {
					if s.met(i.known) == never || i.denies(i.known, within.action, within.resource) {
						continue
					}
					all = append(all, w.access(Access{Who: i.Resource.Name, who: i.Resource.URN, Action: within.action,
						On: within.resource}, s, n, p))
				}
			}
		}
	}
	return all
}

// granted is what a resource's policy lets those it names do.
func (w *Model) granted(r *graph.Resource, p Source) []Access {
	var all []Access
	for n, s := range p.Statements {
		if p.Err != nil || !s.Allow {
			continue
		}
		for _, pair := range s.pairs() {
			for _, who := range w.whom(s) {
				// Whatever a resource's policy names, it only covers that resource.
				who.Action, who.On = pair.action, cmp.Or(r.String("arn"), r.ID, r.Name)
				all = append(all, w.access(who, s, n, p))
			}
		}
	}
	return all
}

// whom are those whom a statement's principals name.
func (w *Model) whom(s Statement) []Access {
	var all []Access
	for kind, ids := range s.Principals {
		for _, id := range ids {
			a := Access{Who: id, who: kind + " " + id}
			if kind == "*" || id == "*" {
				a.Who = "everybody"
			}
			named := w.Identities
			if kind != "AWS" || id == "*" || IsAccount(id) {
				named = nil
			}
			for _, i := range named {
				if mention(id, i) == byName {
					a = Access{Who: i.Resource.Name, who: i.Resource.URN}
				}
			}
			all = append(all, a)
		}
	}
	for kind, ids := range s.NotPrincipals {
		all = append(all, Access{Who: "everybody but " + strings.Join(ids, ", "), who: "not " + kind + " " + strings.Join(ids, " ")})
	}
	slices.SortFunc(all, func(a, b Access) int { return strings.Compare(a.who, b.who) })
	return all
}

func (w *Model) access(a Access, s Statement, n int, p Source) Access {
	a.Why = strings.TrimSpace(fmt.Sprintf("statement %d", n+1)) + " of " + p.Name
	if s.ID != "" {
		a.Why = fmt.Sprintf("statement %d, %s, of %s", n+1, s.ID, p.Name)
	}
	a.Policy = urnOf(p.Resource)
	for _, operator := range slices.Sorted(maps.Keys(s.Conditions)) {
		for _, key := range slices.Sorted(maps.Keys(s.Conditions[operator])) {
			a.Conditions = append(a.Conditions, fmt.Sprintf("%s %s %s", key, operator, strings.Join(s.Conditions[operator][key], " or ")))
			a.ask(operator+" "+key, s.Conditions[operator][key]...)
		}
	}
	if len(s.NotActions) > 0 {
		a.Conditions = append(a.Conditions, "it is not "+strings.Join(s.NotActions, " or "))
		a.ask("not action", s.NotActions...)
	}
	if len(s.NotResources) > 0 {
		a.Conditions = append(a.Conditions, "it is not on "+strings.Join(s.NotResources, " or "))
		a.ask("not on", s.NotResources...)
	}
	a.OnName = w.nameOf(a.On)
	action := strings.ToLower(a.Action)
	a.Sensitive = slices.ContainsFunc(sensitive, func(pattern string) bool { return Overlap(pattern, action) })
	return a
}

func (a *Access) ask(what string, values ...string) {
	if a.asks == nil {
		a.asks = map[string][]string{}
	}
	a.asks[what] = values
}

// sensitive are the patterns, in lower case, of actions that hand out credentials, read what a platform keeps, or change who
// may do what.
var sensitive = strings.Split(strings.ToLower(strings.Join(slices.Concat(Credentials, Data, Permissions), " ")), " ")

func urnOf(r *graph.Resource) string {
	if r == nil {
		return ""
	}
	return r.URN
}

// nameOf is what the stack calls the resource with an ARN: its kind and its name.
func (w *Model) nameOf(arn string) string {
	if path, inS3 := strings.CutPrefix(arn, "arn:aws:s3:::"); inS3 && len(w.g.ByIdentity(arn)) == 0 {
		name, objects, _ := strings.Cut(path, "/")
		for _, r := range w.g.ByIdentity(name) {
			if r.Type == "aws:s3/bucketV2:BucketV2" || r.Type == "aws:s3/bucket:Bucket" { // and nothing in it
				return strings.TrimSuffix("bucket "+r.Name+", "+strings.TrimSuffix(objects, "*"), ", ")
			}
		}
	}
	for _, r := range w.g.ByIdentity(strings.TrimSuffix(arn, "/*")) {
		kind := r.Type[strings.LastIndexByte(r.Type, ':')+1:]
		return strings.ToLower(strings.TrimSuffix(kind, "V2")) + " " + r.Name
	}
	if w.secrets == nil {
		w.secrets = map[string]string{}
		for _, db := range w.g.ByType("aws:rds/instance:Instance", "aws:rds/cluster:Cluster") {
			for _, secret := range secretsOf(db) {
				w.secrets[secret.arn] = db.Name
			}
		}
	}
	if db := w.secrets[arn]; db != "" {
		return "the secret of " + db
	}
	return ""
}

// pair is an action and a resource, either of which may have wildcards.
type pair struct{ action, resource string }

// pairs are what an allowing statement covers, one by one. A statement with an exception covers everything, on condition
// that it is not the exception.
func (s Statement) pairs() []pair {
	if !s.Allow {
		return nil
	}
	actions, resources := s.Actions, s.Resources
	if len(s.NotActions) > 0 {
		actions = []string{"*"}
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	var all []pair
	for _, a := range actions {
		for _, r := range resources {
			all = append(all, pair{a, r})
		}
	}
	return all
}

// bounded is what a boundary leaves of a pair: where both have wildcards, the narrower of the two.
func (i *Identity) bounded(p pair) []pair {
	if i.Boundary == nil || i.Boundary.Err != nil {
		return []pair{p}
	}
	var all []pair
	for _, s := range i.Boundary.Statements {
		if s.met(i.known) == never {
			continue
		}
		for _, b := range s.pairs() {
			if len(s.NotActions) > 0 && !s.Speaks(p.action) || len(s.NotResources) > 0 && !s.touches(p.action, p.resource) {
				continue
			}
			action, meets := narrower(strings.ToLower(p.action), strings.ToLower(b.action), p.action, b.action)
			resource, meet := narrower(p.resource, b.resource, p.resource, b.resource)
			if within := (pair{action, resource}); meets && meet && within.possible() && !slices.Contains(all, within) {
				all = append(all, within)
			}
		}
	}
	return all
}

// possible says that the action's service has such resources. Some services act on resources of others, as Systems
// Manager does on servers; on these nothing acts but their own service.
func (p pair) possible() bool {
	service, _, _ := strings.Cut(p.action, ":")
	parts := strings.SplitN(p.resource, ":", 4)
	if len(parts) < 4 || strings.ContainsAny(service, "*?") {
		return true
	}
	return strings.EqualFold(parts[2], service) ||
		!slices.Contains([]string{"secretsmanager", "s3", "kms", "sns", "sqs", "iam", "dynamodb", "logs"}, parts[2])
}

// narrower is whichever of two patterns the other one matches.
func narrower(a, b, asA, asB string) (string, bool) {
	switch {
	case Matches(b, a):
		return asA, true
	case Matches(a, b):
		return asB, true
	}
	return asA, Overlap(a, b)
}
