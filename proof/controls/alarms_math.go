package controls

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// mathFires demands that for some values of the metrics the result of the calculation passes the threshold.
func (v *view) mathFires(r *graph.Resource, queries []any) outcome {
	limit, ok := r.Get("threshold")
	threshold, isNumber := limit.(float64)
	formula := ""
	var names []string
	metrics := map[string]string{}
	for i := range queries {
		at := fmt.Sprintf("metricQueries[%d].", i)
		id, written := r.String(at+"id"), r.String(at+"expression")
		switch returned, _ := r.Bool(at + "returnData"); {
		case written != "" && (returned || formula == "") && len(queries) > 1:
			if formula != "" && !returned {
				return holds() // of several steps
			}
			formula = written
		case written != "":
			return holds()
		default:
			names = append(names, id)
			metrics[id] = r.String(at + "metric.metricName")
			if o := v.dimensions(r, r.String(at+"metric.namespace"), at+"metric.dimensions"); o.verdict != report.Holds {
				return o
			}
		}
	}
	if o := v.ofOne(r, queries); o.verdict != report.Holds {
		return o
	}
	if formula == "" && len(names) > 1 && v.ours {
		return broken("it has %d metrics, and computes nothing with them", len(names)).write("write the expression")
	}
	if !ok || !isNumber || formula == "" || len(names) > 6 {
		return holds()
	}
	for _, word := range identifier.FindAllString(formula, -1) {
		if v.ours && !slices.Contains(names, word) {
			return broken("%q computes with %s, which is no metric of it", formula, word).write("name the ids of its metrics")
		}
	}
	fires, shows, err := passes(formula, names, metrics, r.String("comparisonOperator"), threshold)
	switch {
	case err != nil:
	case !fires:
		return broken("no values of %s make %q pass the threshold %s", strings.Join(names, ", "), formula, text(threshold)).
			write("choose a threshold that what is computed can pass")
	case shows != "":
		return broken("%s never brings it to alarm, whatever it is: it is in alarm by %s of %q", shows, r.String("comparisonOperator"),
			formula).
			write("compare the other way, or compute with " + shows)
	}
	return inTime(r, measure{})
}

// identifier is an id of a metric, which begins with a small letter, as no function does.
var identifier = regexp.MustCompile(`\b[a-z]\w*\b`)

// ofOne demands of an alarm of this project's that all that it computes with is of one thing.
func (v *view) ofOne(r *graph.Resource, queries []any) outcome {
	var first any
	for i := range queries {
		of, known := read(r, fmt.Sprintf("metricQueries[%d].metric.dimensions", i))
		switch {
		case !v.ours || known != present:
		case first == nil:
			first = of
		case !reflect.DeepEqual(first, of):
			return broken("it computes with metrics of different things, %v and %v", first, of).
				write("name one thing in all of its metrics")
		}
	}
	return holds()
}

// samples are the values that are tried for each metric.
var samples = []float64{0, 1, 1e3, 1e9}

// passes reports whether some values of the metrics make the result pass the threshold. idle is a metric that rises
// when something is wrong but never makes the difference, "" if there is none.
func passes(formula string, names []string, metrics map[string]string, operator string, threshold float64) (fires bool, idle string,
	err error) {
	values, requests := map[string]float64{}, ""
	for name, metric := range metrics {
		if metric == "RequestCount" {
			requests = name
		}
	}
	inAlarm := func() bool {
		for name, metric := range metrics { // without requests, none can fail
			if strings.HasPrefix(metric, "HTTPCode_Target") && requests != "" && values[name] > values[requests] {
				return false
			}
		}
		got, failed := evaluate(formula, expression{call: compute, value: func(name string) (float64, error) {
			if v, known := values[name]; known {
				return v, nil
			}
			return 0, errNotEvaluated
		}})
		if failed != nil {
			err = failed
		}
		return failed == nil && !math.IsNaN(got) && !math.IsInf(got, 0) && crosses(operator, got, threshold)
	}
	made := map[string]bool{}
	var try func(i int)
	try = func(i int) {
		if i < len(names) {
			for _, sample := range samples {
				values[names[i]] = sample
				try(i + 1)
			}
			return
		}
		if !inAlarm() {
			return
		}
		fires = true
		for _, name := range names {
			was := values[name]
			values[name] = 0
			made[name] = made[name] || was > 0 && !inAlarm()
			values[name] = was
		}
	}
	try(0)
	for _, name := range names {
		if !made[name] && strings.Contains(metrics[name], "5XX") {
			idle = name
		}
	}
	return fires, idle, err
}

func crosses(operator string, value, threshold float64) bool {
	switch operator {
	case "GreaterThanThreshold":
		return value > threshold
	case "GreaterThanOrEqualToThreshold":
		return value >= threshold
	case "LessThanThreshold":
		return value < threshold
	case "LessThanOrEqualToThreshold":
		return value <= threshold
	}
	return true
}

// compute implements the functions of metric math that alarms use most.
func compute(name string, args []float64, _ string) (float64, error) {
	switch {
	case name == "IF" && len(args) == 3:
		if args[0] != 0 {
			return args[1], nil
		}
		return args[2], nil
	case name == "FILL" && len(args) == 2, name == "AVG" && len(args) == 1, name == "CEIL" && len(args) == 1, name == "FLOOR" &&
		len(args) == 1:
		return args[0], nil
	case name == "ABS" && len(args) == 1:
		return math.Abs(args[0]), nil
	}
	return 0, errNotEvaluated
}
