package survey

import (
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// Declared are the secrets that the program itself supplies: the values of secrets, and databases' master passwords, by
// ARN. They are no part of a plan.
func Declared(w Source) map[string]string {
	out := map[string]string{}
	for _, o := range w.Objects {
		switch o.Type {
		case "aws:secretsmanager/secretVersion:SecretVersion":
			if v := plain(o, "secretString"); v != "" {
				out[o.Text("secretId")] = v
			}
		case "aws:rds/instance:Instance":
			if v := plain(o, "password"); v != "" {
				out[o.Text("arn")] = v
			}
		case "aws:rds/cluster:Cluster":
			if v := plain(o, "masterPassword"); v != "" {
				out[o.Text("arn")] = v
			}
		}
	}
	return out
}

func plain(o *world.Object, property string) string {
	for _, m := range []value.Map{o.Inputs, o.Outputs} {
		if t, ok := value.Reveal(m[property]).(string); ok && t != "" {
			return t
		}
	}
	return ""
}
