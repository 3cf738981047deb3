package controls

import (
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// oldest are the first major versions that still get fixes in 2026. AWS, "Release calendar for Amazon RDS for
// PostgreSQL", "for MySQL", and "for Aurora".
var oldest = map[string]string{"postgres": "14", "aurora-postgresql": "14", "mysql": "8.4", "aurora-mysql": "8.0", "mariadb": "10.6"}

func currentEngine(v *view, r *graph.Resource) outcome {
	engine := r.String("engine")
	least, known := oldest[engine]
	if !known {
		return undecided("nothing is known of the versions of %q", engine)
	}
	if _, set := asked(r, "engineVersion"); set == hidden {
		return unknown(r, "engineVersion")
	}
	version := r.String("engineVersion")
	switch {
	case version == "":
		return broken("engineVersion is not set")
	case older(version, least):
		return broken("engineVersion is %s, which gets no fixes without a charge", version)
	}
	return is("engineLifecycleSupport", "open-source-rds-extended-support-disabled")(v, r)
}

func older(version, least string) bool {
	have, want := strings.Split(version, "."), strings.Split(least, ".")
	for i := range want {
		if i >= len(have) {
			return false
		}
		if len(have[i]) != len(want[i]) {
			return len(have[i]) < len(want[i])
		}
		if have[i] != want[i] {
			return have[i] < want[i]
		}
	}
	return false
}
