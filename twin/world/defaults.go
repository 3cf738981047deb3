package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/rules"
)

// wrongCodes are the services' codes for values that do not go together, by the module of a type.
var wrongCodes = map[string]string{"aws:lb": "ValidationError", "aws:autoscaling": "ValidationError",
	"aws:vpc": "InvalidParameterCombination"}

// defaultsFit holds what rules say of several properties against the object as it will be: a value that goes with what
// the program wrote may not go with what the cloud fills in beside it, such as the timeout of a health check
// (Not documented: as one rule of each service; the actions' pages state the relations that twin/rules lists).
func defaultsFit(_ *Call, o *Object) error {
	var wrong []string
	rules.Compare(o.Type, o.Outputs, func(path, format string, args ...any) {
		wrong = append(wrong, path+": "+fmt.Sprintf(format, args...))
	})
	if len(wrong) == 0 {
		return nil
	}
	module, _, _ := strings.Cut(o.Type, "/")
	return fault(wrongCodes[module], "%s (with what is filled in where the program is silent)", strings.Join(wrong, ", "))
}
