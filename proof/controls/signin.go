package controls

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// signIns are a listener's actions that ask who a browser is. AWS, application load balancers, "Authenticate users".
var signIns = []Control{{
	Number: 237, Severity: report.High, Title: "Browsers log in at the stack's own provider of identities, and nowhere else",
	Types:  slices.Concat(listeners, listenerRules),
	Note:   "in a stack of this project's, hosts of its own domain and user pools of its own are its own; elsewhere, those of its account",
	Remedy: "name a host of the stack's domain, or a cognito.UserPool of the stack, and pass clientSecret as a secret",
	each:   logsIntoOwn,
}}

// understood are the actions that a listener may take, and what each is judged by.
var understood = map[string]func(v *view, r *graph.Resource, at string) outcome{
	"forward": nil, "redirect": nil, "fixed-response": nil, // of which I26, C050 and C067 speak
	"authenticate-oidc": byOIDC, "authenticate-cognito": byCognito,
}

func logsIntoOwn(v *view, r *graph.Resource) outcome {
	var all outcome
	for _, path := range []string{"defaultActions", "actions"} {
		actions, known := blocks(r, path)
		if known == hidden {
			return unknown(r, path)
		}
		for i := range actions {
			at := fmt.Sprintf("%s[%d].", path, i)
			kind, known := read(r, at+"type")
			then, isKnown := understood[text(kind)]
			switch {
			case known == hidden:
				return unknown(r, at+"type")
			case known == present && !isKnown:
				return undecided("what an action of the type %s does with requests is not known", text(kind)).write("leave the action out")
			case then != nil:
				if o := then(v, r, at); worse(o, all) {
					all = o
				}
			}
		}
		if len(actions) > 0 && all.verdict == "" {
			all = holds()
		}
	}
	return all
}

// byOIDC demands that browsers are sent to nobody else's pages, and that the client's password is in no state.
func byOIDC(v *view, r *graph.Resource, at string) outcome {
	at += "authenticateOidc."
	if value, _ := read(r, at+"clientSecret"); stateOf(value) == present {
		return broken("%sclientSecret is in plain text in the state", at)
	}
	for _, path := range []string{"issuer", "authorizationEndpoint", "tokenEndpoint", "userInfoEndpoint"} {
		value, known := read(r, at+path)
		address, err := url.Parse(text(value))
		switch {
		case known == hidden:
			return unknown(r, at+path)
		case known == absent, err != nil, address.Scheme != "https":
			return broken("%s is %q, and not an https address", at+path, r.String(at+path))
		case v.ours && !v.ownHost(address.Hostname(), true) && !v.ofOwnPool(address):
			return broken("%s is %s, whose host is not of the stack's domain", at+path, text(value))
		}
	}
	return everybody(r, at)
}

// byCognito demands a pool of users of the stack or, where the stack is somebody else's, of its account.
func byCognito(v *view, r *graph.Resource, at string) outcome {
	at += "authenticateCognito."
	path := at + "userPoolArn"
	if _, known := read(r, path); known == absent {
		return broken("%s is not set", path)
	}
	for _, arn := range v.g.Resolve(r, path).Outside {
		if v.ours || !slices.Contains(v.iam.AccountsOf(r), accountIn(arn)) {
			return broken("%s is %s, which is not of the stack", path, arn)
		}
	}
	return everybody(r, at)
}

// everybody finds that whoever has not logged in is let pass too.
func everybody(r *graph.Resource, at string) outcome {
	return isNot(at+"onUnauthenticatedRequest", "allow")(nil, r)
}

// ofOwnPool says that the address is that of a pool of users of the stack's, at AWS.
func (v *view) ofOwnPool(address *url.URL) bool {
	pool := strings.Trim(address.Path, "/")
	return strings.HasPrefix(address.Hostname(), "cognito-idp.") && strings.HasSuffix(address.Hostname(), ".amazonaws.com") &&
		slices.ContainsFunc(v.g.ByType("aws:cognito/userPool:UserPool"), func(p *graph.Resource) bool { return p.ID == pool })
}
