package controls

import (
	"maps"
	"slices"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/report"
)

func eventsTold(v *view) []outcome {
	var all []outcome
	for _, r := range v.g.ByType(whole...) {
		if !holdsData(v, r) {
			continue // a replica can be made again
		}
		about := map[string][]*graph.Resource{"db-instance": {r}, "db-parameter-group": v.g.Ref(r, "parameterGroupName", parametersType)}
		if r.Type == clusterType {
			about = map[string][]*graph.Resource{"db-cluster": {r}, "db-instance": v.pointing(r, "clusterIdentifier", memberType)}
		}
		o := holds()
		for _, kind := range slices.Sorted(maps.Keys(about)) {
			for _, source := range about[kind] {
				if next := v.told(kind, source); worse(next, o) {
					o = next
				}
			}
		}
		all = append(all, o.about(r))
	}
	return all
}

// leavesOut says that the selection may exclude the database again: by name, or by conditions that it need not meet.
func (v *view) leavesOut(selection, db *graph.Resource) bool {
	_, conditional := asked(selection, "conditions")
	_, excludes := asked(selection, "notResources")
	arn := db.String("arn")
	return conditional != absent || excludes == hidden || slices.Contains(v.g.Ref(selection, "notResources"), db) ||
		slices.ContainsFunc(selection.Strings("notResources"), func(p string) bool { return arn == "" || iam.Matches(p, arn) })
}

// important are the categories of events that somebody must be told of (AWS, Security Hub user guide, RDS.19 to RDS.22), and
// promised are those that this project's own subscriptions tell of beside them: what stops the database, or soon will.
var (
	important = map[string][]string{
		"db-instance": {"maintenance", "configuration change", "failure"}, "db-cluster": {"maintenance", "failure"},
		"db-parameter-group": {"configuration change"},
	}
	promised = map[string][]string{
		"db-instance": {"availability", "deletion", "failover", "low storage", "notification", "recovery"},
		"db-cluster":  {"configuration change", "deletion", "failover", "notification"},
	}
)

func tellsOf(kind string) check {
	return func(v *view, s *graph.Resource) outcome {
		if _, chosen := asked(s, "eventCategories"); chosen == absent {
			return holds() // all
		}
		told := s.Strings("eventCategories")
		all := important[kind]
		if v.ours {
			all = slices.Concat(all, promised[kind])
		}
		for _, category := range all {
			if !slices.Contains(told, category) {
				return broken("%s does not tell of %s", s.Name, category)
			}
		}
		return holds()
	}
}

// told demands that a subscription of the kind cover the source, or all sources, and that RDS may publish to its topic.
func (v *view) told(kind string, source *graph.Resource) outcome {
	best := broken("nobody is told of the events of %s", source.Name)
	for _, s := range v.g.ByType(eventsType) {
		enabled := isNot("enabled", false)(v, s)
		_, named := asked(s, "sourceIds")
		if enabled.verdict != report.Holds || s.String("sourceType") != kind && s.String("sourceType") != "" ||
			named != absent && !slices.Contains(v.g.Ref(s, "sourceIds"), source) {
			continue
		}
		o := all(logsTo("snsTopic", topicType), tellsOf(kind))(v, s)
		for _, topic := range v.g.Ref(s, "snsTopic", topicType) {
			if next := v.publishes("events.rds.amazonaws.com", source, topic); worse(next, o) {
				o = next
			}
		}
		if worse(best, o) {
			best = o
		}
	}
	return best
}
