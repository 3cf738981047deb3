package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/rules"
)

// wrongCodes are the services' codes for values that conflict, by the module of the type.
var wrongCodes = map[string]string{"aws:lb": "ValidationError", "aws:autoscaling": "ValidationError",
	"aws:vpc": "InvalidParameterCombination"}

// defaultsFit checks the rules about several properties on the object as it will be: a value that fits what the
// program wrote may not fit what the cloud fills in, such as a health check's timeout (Not documented: as one rule of
// each service; the actions' pages state the relations that twin/rules lists).
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
