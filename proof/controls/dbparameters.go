package controls

import (
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// parametersOf is the parameter group that a database names, and the outcome if none can be read.
func (v *view) parametersOf(r *graph.Resource) (*graph.Resource, outcome) {
	path, kind := "parameterGroupName", parametersType
	if r.Type == clusterType {
		path, kind = "dbClusterParameterGroupName", clusterParamsType
	}
	value, known := asked(r, path)
	groups := v.g.Ref(r, path, kind)
	switch {
	case known == absent:
		return nil, broken("%s is not set, so it has AWS's default parameters", path)
	case len(groups) == 0 && known == present && strings.HasPrefix(text(value), "default."):
		return nil, broken("it has AWS's default parameters, %s", text(value))
	case len(groups) == 0:
		return nil, undecided("its parameter group is not in the stack")
	}
	if family, version := groups[0].String("family"), r.String("engineVersion"); version != "" && strings.ContainsAny(family,
		"0123456789") {
		major := family[strings.IndexAny(family, "0123456789"):]
		if !strings.HasPrefix(version+".", major+".") {
			return nil, broken("its parameter group is for %s, and its version is %s", family, version)
		}
	}
	if _, known := read(groups[0], "parameters"); known == hidden {
		return nil, unknown(groups[0], "parameters")
	}
	return groups[0], holds()
}

// settingsOf is the values that a parameter group sets.
func settingsOf(group *graph.Resource) map[string]string {
	value, _ := group.Get("parameters")
	list, _ := value.([]any)
	all := map[string]string{}
	for _, element := range list {
		if p, ok := element.(map[string]any); ok {
			all[text(p["name"])] = strings.ToLower(text(p["value"]))
		}
	}
	return all
}

func forcesTLS(v *view, r *graph.Resource) outcome {
	group, o := v.parametersOf(r)
	if group == nil {
		return o
	}
	set := settingsOf(group)
	name := "rds.force_ssl"
	if engine := r.String("engine"); strings.Contains(engine, "mysql") || engine == "mariadb" {
		name = "require_secure_transport"
	}
	if value := set[name]; value != "1" && value != "on" {
		return broken("%s of %s is %q", name, group.Name, value)
	}
	return holds()
}

func logsStatements(v *view, r *graph.Resource) outcome {
	group, o := v.parametersOf(r)
	if group == nil {
		return o
	}
	set := settingsOf(group)
	if engine := r.String("engine"); strings.Contains(engine, "mysql") || engine == "mariadb" {
		if set["slow_query_log"] != "1" && set["slow_query_log"] != "on" {
			return broken("slow_query_log of %s is not on", group.Name)
		}
		return holds()
	}
	if s := set["log_statement"]; s != "ddl" && s != "mod" && s != "all" {
		return broken("log_statement of %s is %q", group.Name, s)
	}
	if d, err := strconv.Atoi(set["log_min_duration_statement"]); err != nil || d < 0 || d > 99_999 { // not within 100 seconds
		return broken("log_min_duration_statement of %s is %q", group.Name, set["log_min_duration_statement"])
	}
	return holds()
}
