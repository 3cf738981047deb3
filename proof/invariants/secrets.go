package invariants

import (
	"cmp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// secretsOf is the secrets that hold a database's password, and what a role connects to by IAM; patterns if they are not
// known yet.
func (v *view) secretsOf(db *graph.Resource) (secrets []keeper, connect string) {
	if managed, _ := db.Bool("manageMasterUserPassword"); managed {
		value, _ := db.Output("masterUserSecrets")
		list, _ := value.([]any)
		for _, element := range list {
			s, _ := element.(map[string]any)
			if arn, ok := s["secretArn"].(string); ok {
				secrets = append(secrets, keeper{arn: arn})
			}
		}
		if len(secrets) == 0 {
			secrets = []keeper{{arn: "arn:aws:secretsmanager:*:*:secret:rds!*"}}
		}
	} else {
		secrets = v.keptBy(db)
	}
	if on, known := db.Bool("iamDatabaseAuthenticationEnabled"); on || !known && db.Inputs["iamDatabaseAuthenticationEnabled"] != nil {
		id := db.String("resourceId") + db.String("clusterResourceId")
		connect = "arn:aws:rds-db:*:*:dbuser:" + cmp.Or(id, "*") + "/*"
	}
	return secrets, connect
}

// keptBy is the stack's secrets that belong to a database whose password the program sets: those whose value has the same
// origin as the database or its password, or the other way round; if there are none, all of them.
func (v *view) keptBy(db *graph.Resource) []keeper {
	var related, all []keeper
	about := append(slices.Concat(db.PropertyDependencies["password"], db.PropertyDependencies["masterPassword"]), db.URN)
	for _, s := range v.g.ByType("aws:secretsmanager/secret:Secret") {
		k := keeper{cmp.Or(s.String("arn"), "arn:aws:secretsmanager:*:*:secret:*"), s}
		all = append(all, k)
		for _, version := range v.g.ByType("aws:secretsmanager/secretVersion:SecretVersion") {
			if !slices.Contains(v.g.Ref(version, "secretId"), s) {
				continue
			}
			from := append(slices.Clone(version.PropertyDependencies["secretString"]), version.URN, s.URN)
			if slices.ContainsFunc(from, func(urn string) bool { return slices.Contains(about, urn) }) {
				related = append(related, k)
				break
			}
		}
	}
	if len(related) > 0 || !strings.HasPrefix(db.Type, "aws:rds/") {
		return related
	}
	return all
}
