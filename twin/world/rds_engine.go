package world

import (
	"slices"
	"strings"
)

// engineVersions are the versions that the twin's RDS offers, oldest first; a major version alone means its last one
// (AWS, RDS release notes and Aurora release notes, 2025).
var engineVersions = map[string][]string{
	"postgres":          {"13.20", "13.21", "14.17", "14.18", "15.12", "15.13", "16.8", "16.9", "17.4", "17.5", "17.6", "18.1"},
	"mysql":             {"8.0.40", "8.0.41", "8.0.42", "8.4.3", "8.4.4", "8.4.5"},
	"mariadb":           {"10.6.21", "10.11.11", "11.4.5"},
	"aurora-postgresql": {"13.18", "14.15", "15.10", "16.6", "16.8", "17.4", "17.5"},
	"aurora-mysql":      {"8.0.mysql_aurora.3.08.2", "8.0.mysql_aurora.3.09.0", "8.0.mysql_aurora.3.10.0"},
}

func enginePort(engine string) float64 {
	if strings.Contains(engine, "postgres") {
		return 5432
	}
	return 3306
}

func licenseModel(engine string) string {
	switch engine {
	case "postgres":
		return "postgresql-license"
	case "mysql", "mariadb":
		return "general-public-license"
	}
	return ""
}

// majorVersion is the major version as the engine counts it: 16 for PostgreSQL, 8.4 for MySQL.
func majorVersion(engine, version string) string {
	parts := strings.Split(version, ".")
	if strings.Contains(engine, "postgres") || len(parts) < 2 {
		return parts[0]
	}
	return parts[0] + "." + parts[1]
}

// defaultEngineVersion is the version of a database that names none: the newest, or where RDS is slower, its own.
func defaultEngineVersion(engine string) string {
	if engine == "postgres" {
		return "17.6"
	}
	versions := engineVersions[engine]
	if len(versions) == 0 {
		return ""
	}
	return versions[len(versions)-1]
}

// actualVersion is the version that a requested version or major version resolves to, or "".
func actualVersion(engine, version string) string {
	found := ""
	if version == "" {
		return defaultEngineVersion(engine)
	}
	for _, v := range engineVersions[engine] {
		if v == version || strings.HasPrefix(v, version+".") {
			found = v
		}
		if v == version {
			return v
		}
	}
	return found
}

// engineFamily is the parameter group family of an engine's version.
func engineFamily(engine, version string) string {
	version = actualVersion(engine, version)
	if version == "" {
		return ""
	}
	return engine + majorVersion(engine, version)
}

// engineExists: RDS offers the engine (RDS API, CreateDBInstance).
func engineExists(_ *Call, o *Object) error {
	if engine := o.Text("engine"); engineVersions[engine] == nil && (engine != "" || !restored(o)) {
		return fault("InvalidParameterValue", "Invalid DB engine: %s", engine)
	}
	return nil
}

// versionExists: the engine has the version (RDS API, CreateDBInstance).
func versionExists(_ *Call, o *Object) error {
	engine, version := o.Text("engine"), o.Text("engineVersion")
	if engine != "" && version != "" && actualVersion(engine, version) == "" {
		return fault("InvalidParameterCombination", "Cannot find version %s for %s: the twin has %s", version, engine,
			strings.Join(engineVersions[engine], ", "))
	}
	return nil
}

// versionUp: a database never goes back to an older version (RDS user guide, "Upgrading a DB instance engine version").
func versionUp(_ *Call, o, old *Object) error {
	engine := o.Text("engine")
	now, wanted := old.Text("engineVersionActual"), actualVersion(engine, o.Text("engineVersion"))
	if wanted != "" && slices.Index(engineVersions[engine], wanted) < slices.Index(engineVersions[engine], now) &&
		o.Text("engineVersion") != old.Text("engineVersion") {
		return fault("InvalidParameterCombination", "Cannot upgrade %s from %s to %s: a database never goes back", engine, now, wanted)
	}
	return nil
}

// majorAllowed: a change to another major version must be allowed explicitly (RDS API, ModifyDBInstance).
func majorAllowed(_ *Call, o, old *Object) error {
	engine := o.Text("engine")
	now, wanted := engineFamily(engine, old.Text("engineVersion")), engineFamily(engine, o.Text("engineVersion"))
	if now != "" && wanted != "" && now != wanted && !o.Flag("allowMajorVersionUpgrade") {
		return fault("InvalidParameterCombination",
			"The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version: set allowMajorVersionUpgrade to "+
				"go from %s to %s", now, wanted)
	}
	return nil
}

// databaseZones are the hosted zones of RDS endpoints, by region. AWS does not publish them; DescribeDBInstances
// returns them. For other regions, see endpointZone.
var databaseZones = map[string]string{
	"us-east-1": "Z2R2ITUGPM61AM", "us-east-2": "Z2XHWR1WZ565X2", "us-west-1": "Z10WI91S59XXQN", "us-west-2": "Z1PVIF0B656C1W",
	"eu-west-1": "Z29XKXDKYMONMX", "eu-central-1": "Z1RLNUO7B9Q6NB", "eu-west-2": "Z1TTGA775OQIYO", "ap-southeast-1": "Z2G0U3KFCY8NZ5",
	"ap-southeast-2": "Z32T0VRHXEXS0V", "ap-northeast-1": "Z24O6O9L7SGTNB",
}

// endpointZone is the hosted zone of the region's RDS endpoints, or an invented one of the same form if it is not
// known.
func (c *Call) endpointZone(region string) string {
	if zone, known := databaseZones[region]; known {
		return zone
	}
	return "Z" + strings.ToUpper(c.hexFor("rds zone "+region, 20))
}
