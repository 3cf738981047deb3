package controls

import (
	"slices"

	"github.com/causeway-iac/causeway/graph"
)

const environmentTag = "causeway:environment"

// relaxation is what an environment's profile leaves out of the controls that may be
// waived under a name, and why. Nothing is left out of any other environment: what has
// no tag, or an unknown one, is judged as production.
type relaxation struct {
	environments []string
	reason       string
}

var relaxations = map[string]relaxation{
	"unprotected":        {disposable, "it can be torn down whole"},
	"webInternet":        {disposable, "servers fetch packages by themselves, since there are no endpoints"},
	"sharedNat":          {disposable, "one NAT gateway is enough where an outage costs nothing"},
	"noEndpoints":        {disposable, "endpoints cost more than everything else there"},
	"shortLogs":          {disposable, "nobody audits it"},
	"noWebAcl":           {disposable, "it serves nobody but its makers"},
	"singleZoneDatabase": {disposable, "an outage costs nothing"},
	"noBackupPlan":       {disposable, "its data can be made again"},
	"unsignedZone":       {disposable, "nobody relies on its names"},
}

var disposable = []string{"local", "dev"}

// relaxation is the name under which the environment of the resources leaves the control
// out, "" if it does not.
func (v *view) relaxation(c Control, on []*graph.Resource) string {
	environment := v.environment(on)
	for _, name := range c.Waivers {
		if slices.Contains(relaxations[name].environments, environment) {
			return name
		}
	}
	return ""
}

// environment is the one that all of the resources belong to, "" if there is none. What
// has no tag belongs to that of the whole stack.
func (v *view) environment(on []*graph.Resource) string {
	found := v.stackEnvironment
	for i, r := range on {
		own := r.Tag(environmentTag)
		if own == "" {
			own = v.stackEnvironment
		}
		if i > 0 && own != found {
			return ""
		}
		found = own
	}
	return found
}

// environmentOf is the only environment that the tags of the graph name, "" if they name
// several or none.
func environmentOf(g *graph.Graph) string {
	found := ""
	for _, r := range g.Resources {
		own := r.Tag(environmentTag)
		if own != "" && found != "" && own != found {
			return ""
		}
		if own != "" {
			found = own
		}
	}
	return found
}
