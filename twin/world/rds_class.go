package world

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// classPattern matches names of instance classes, and classFamilies are those that RDS has (RDS user guide, "DB
// instance classes", 2025).
var (
	classPattern  = regexp.MustCompile(`^db\.([a-z0-9]+)\.(micro|small|medium|large|[0-9]*xlarge)$`)
	classFamilies = strings.Fields("t2 t3 t4g m4 m5 m5d m6g m6gd m6i m6id m6idn m6in m7g m7i m8g r4 r5 r5b r5d r6g r6gd r6i r6id " +
		"r6idn r6in r7g r7i r8g x1 x1e x2g x2idn x2iedn x2iezn z1d c6gd")
)

const serverlessClass = "db.serverless"

func familyOfClass(o *Object) (family, size string) {
	if m := classPattern.FindStringSubmatch(o.Text("instanceClass")); m != nil {
		return m[1], m[2]
	}
	return "", ""
}

// classExists: RDS has the class (RDS user guide, "DB instance classes").
func classExists(_ *Call, o *Object) error {
	class := o.Text("instanceClass")
	family, size := familyOfClass(o)
	burstable := strings.HasPrefix(family, "t")
	switch {
	case class == "" && restored(o), class == serverlessClass:
		return nil
	case slices.Contains(classFamilies, family) && (burstable || !slices.Contains([]string{"micro", "small", "medium"}, size)):
		return nil
	}
	return fault("InvalidParameterValue", "Invalid DB Instance class: %s", class)
}

// classOfEngine: Aurora runs on burstable, memory-optimised and serverless classes, and other engines on no
// serverless ones (Aurora user guide, "Amazon Aurora DB instance classes").
func classOfEngine(_ *Call, o *Object) error {
	engine, class := o.Text("engine"), o.Text("instanceClass")
	family, size := familyOfClass(o)
	aurora := strings.HasPrefix(engine, "aurora")
	fits := class != serverlessClass
	if aurora {
		fits = class == serverlessClass || strings.HasPrefix(family, "r") || family == "x2g" || (family == "t3" || family == "t4g") &&
			(size == "medium" || size == "large")
	}
	if family == "" && class != serverlessClass || fits {
		return nil
	}
	return fault("InvalidParameterCombination",
		"RDS does not support creating a DB instance with the following combination: DBInstanceClass=%s, Engine=%s, EngineVersion=%s. "+
			"Choose another class", class, engine, o.Text("engineVersion"))
}

// classEncrypts: db.t2.micro does not support encryption at rest (RDS user guide, "Availability of Amazon RDS
// encryption").
func classEncrypts(_ *Call, o *Object) error {
	if o.Text("instanceClass") == "db.t2.micro" && o.Flag("storageEncrypted") {
		return fault("InvalidParameterCombination",
			"DB Instance class db.t2.micro does not support encryption at rest: choose another class")
	}
	return nil
}

// classHasInsights: the smallest classes have no Performance Insights for MySQL and MariaDB (RDS user guide, "DB
// engine, Region, and instance class support for Performance Insights").
func classHasInsights(_ *Call, o *Object) error {
	family, size := familyOfClass(o)
	small := family == "t2" || (family == "t3" || family == "t4g") && (size == "micro" || size == "small")
	if engine := o.Text("engine"); o.Flag("performanceInsightsEnabled") && small && (engine == "mysql" || engine == "mariadb") {
		return fault("InvalidParameterCombination",
			"Performance Insights not supported for this configuration, please disable this feature: %s has none with %s",
			o.Text("instanceClass"), engine)
	}
	return nil
}

// storageType is the type of storage, by default io1 with IOPS and gp2 without (Pulumi's own default).
func storageType(o *Object) string {
	switch t := o.Text("storageType"); {
	case t != "":
		return t
	case o.Number("iops") > 0:
		return "io1"
	}
	return "gp2"
}

func aurora(o *Object) bool { return strings.HasPrefix(o.Text("engine"), "aurora") }

// storageGiven: storage has a size (RDS API, CreateDBInstance).
func storageGiven(_ *Call, o *Object) error {
	if o.Number("allocatedStorage") == 0 && !restored(o) && !aurora(o) {
		return fault("InvalidParameterValue",
			"Invalid storage size for engine name %s and storage type %s: allocatedStorage must be given", o.Text("engine"),
			storageType(o))
	}
	return nil
}

// storageBounds are the sizes in GiB for MySQL, MariaDB and PostgreSQL (RDS user guide, "Amazon RDS DB instance
// storage").
var storageBounds = map[string][2]float64{"gp2": {20, 65536}, "gp3": {20, 65536}, "io1": {100, 65536}, "io2": {100, 65536},
	"standard": {5, 3072}}

// storageSize: storage is within those bounds (RDS user guide, "Amazon RDS DB instance storage").
func storageSize(_ *Call, o *Object) error {
	size, bounds := o.Number("allocatedStorage"), storageBounds[storageType(o)]
	switch {
	case size == 0 || aurora(o):
		return nil
	case bounds[1] == 0:
		return fault("InvalidParameterValue", "Invalid storage type: %s", storageType(o))
	case size < bounds[0] || size > bounds[1]:
		return fault("InvalidParameterValue", "Invalid storage size for engine name %s and storage type %s: %v; it is %v to %v GiB",
			o.Text("engine"), storageType(o), size, bounds[0], bounds[1])
	}
	return nil
}

// gp3Floor is the size in GiB from which gp3 can have more than its baseline IOPS and throughput (RDS user guide,
// "gp3 storage").
const gp3Floor = 400

// storageIOPS: IOPS fit the type and size of the storage (RDS user guide, "Amazon RDS DB instance storage").
func storageIOPS(_ *Call, o *Object) error {
	iops, size := inputNumber(o, "iops"), o.Number("allocatedStorage")
	wrong := func(text string, args ...any) error {
		return fault("InvalidParameterCombination", "Invalid iops of "+storageType(o)+" for engine name "+o.Text("engine")+": "+text,
			args...)
	}
	switch t := storageType(o); {
	case iops == 0:
		return nil
	case t == "gp2" || t == "standard":
		return wrong("iops can be given with gp3, io1 and io2 only")
	case t == "gp3" && size < gp3Floor:
		return fault("InvalidParameterCombination",
			"You can't specify IOPS or storage throughput for engine %s and a storage size less than %d: leave iops out",
			o.Text("engine"), gp3Floor)
	case t == "gp3" && (iops < 12000 || iops > 64000):
		return wrong("%v; from %d GiB on they are 12000 to 64000", iops, gp3Floor)
	case t != "gp3" && (iops < 1000 || iops > 256000):
		return wrong("%v; they are 1000 to 256000", iops)
	case t == "io1" && (iops > 50*size || iops < size/2):
		return wrong("%v; they are half to fifty times the %v GiB", iops, size)
	case t == "io2" && (iops > 1000*size || iops < size/2):
		return wrong("%v; they are half to a thousand times the %v GiB", iops, size)
	}
	return nil
}

// storageIOPSNeeded: io1 and io2 need IOPS (RDS user guide, "Amazon RDS DB instance storage").
func storageIOPSNeeded(_ *Call, o *Object) error {
	if t := storageType(o); (t == "io1" || t == "io2") && o.Number("iops") == 0 && !aurora(o) {
		return fault("InvalidParameterCombination", "You must specify an IOPS value when using the storage type %s", t)
	}
	return nil
}

// storageThroughput: throughput can be set only for gp3, and only for a large one (RDS user guide, "Amazon RDS DB
// instance storage").
func storageThroughput(_ *Call, o *Object) error {
	switch throughput := inputNumber(o, "storageThroughput"); {
	case throughput == 0:
		return nil
	case storageType(o) != "gp3":
		return fault("InvalidParameterCombination", "You can't specify storage throughput for the storage type %s: only gp3 has it",
			storageType(o))
	case o.Number("allocatedStorage") < gp3Floor:
		return fault("InvalidParameterCombination",
			"You can't specify IOPS or storage throughput for engine %s and a storage size less than %d", o.Text("engine"), gp3Floor)
	}
	return nil
}

// inputNumber is what the program itself sets: outputs also hold what RDS chose.
func inputNumber(o *Object, property string) float64 {
	return (&Object{Outputs: o.Inputs}).Number(property)
}

// storageGrows: the maximum is at least a tenth more than the size (RDS user guide, "Managing capacity automatically
// with storage autoscaling").
func storageGrows(_ *Call, o *Object) error {
	if size, most := o.Number("allocatedStorage"), o.Number("maxAllocatedStorage"); most != 0 && most < size*1.1 {
		return fault("InvalidParameterCombination",
			"Invalid max storage size for engine name %s and storage type %s: %v; it must be a tenth more than the %v of allocatedStorage",
			o.Text("engine"), storageType(o), most, size)
	}
	return nil
}

// storageKept: storage never shrinks (RDS user guide, "Working with storage").
func storageKept(_ *Call, o, old *Object) error {
	if now, wanted := old.Number("allocatedStorage"), o.Number("allocatedStorage"); wanted < now {
		return fault("InvalidParameterCombination", "Invalid storage size for engine name %s: it has %v GiB and cannot shrink to %v",
			o.Text("engine"), now, wanted)
	}
	return nil
}

// windowsApart: the windows for backups and maintenance do not overlap (RDS API, CreateDBInstance).
func windowsApart(backup, maintenance string) rule {
	return func(_ *Call, o *Object) error {
		b, _ := o.Inputs[backup].(string)
		m, _ := o.Inputs[maintenance].(string)
		from, to, ok := minutes(b)
		start, end, given := minutes(m)
		if !ok || !given {
			return nil
		}
		day := 24 * 60
		for shift := -day; shift <= 8*day; shift += day {
			if from+shift < end && start < to+shift {
				return fault("InvalidParameterValue", "The backup window and maintenance window must not overlap: %s and %s", b, m)
			}
		}
		return nil
	}
}

// minutes reads "03:00-03:30" and "mon:04:00-mon:04:30" as minutes of a day or a week.
func minutes(window string) (from, to int, ok bool) {
	one := func(text string) (int, bool) {
		day := 0
		if parts := strings.SplitN(text, ":", 2); len(parts[0]) == 3 && len(parts) == 2 {
			day = slices.Index([]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"}, strings.ToLower(parts[0]))
			text = parts[1]
		}
		hour, minute, _ := strings.Cut(text, ":")
		h, hourErr := strconv.Atoi(hour)
		m, minuteErr := strconv.Atoi(minute)
		return day*24*60 + h*60 + m, hourErr == nil && minuteErr == nil && day >= 0
	}
	first, second, found := strings.Cut(window, "-")
	from, a := one(first)
	to, b := one(second)
	if to <= from {
		to += 24 * 60
	}
	return from, to, found && a && b
}
