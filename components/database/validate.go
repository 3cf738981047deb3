package database

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// maxCapacity is the most that Aurora Serverless v2 grows to, in capacity units (AWS, Aurora user guide, "Aurora
// Serverless v2 capacity").
const maxCapacity = 256

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	e, known := engines[a.Engine]
	if !known {
		ps.Addf("engine", "write one of "+strings.Join(Engines, ", "), "the platform runs no engine %q", a.Engine)
		return ps
	}
	a.checkVersion(e, &ps)
	a.checkClass(e, &ps)
	a.checkStorage(e, &ps)
	a.checkBackups(&ps)
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	return ps
}

func (a Args) checkVersion(e engine, ps *infra.Problems) {
	if e.supports(a.Version) {
		return
	}
	if major := e.majorOf(a.Version); major != "" {
		ps.Addf("version", "write "+major, "%q is a minor version, which AWS will soon have upgraded", a.Version)
		return
	}
	ps.Addf("version", "write one of "+e.versions(), "%s has no major version %q in standard support", e.title, a.Version)
}

func (a Args) checkClass(e engine, ps *infra.Problems) {
	if !slices.Contains(e.classes, a.Class) {
		what, remedy := e.explainClass(a.Class)
		ps.Add("class", remedy, what)
		return
	}
	if a.Class != ServerlessClass {
		if a.MinACU != 0 || a.MaxACU != 0 {
			ps.Addf("maxAcu", "leave minAcu and maxAcu out, or write class: "+ServerlessClass,
				"capacity units bound db.serverless only, not a %s", a.Class)
		}
		return
	}
	for _, bound := range []struct {
		path  string
		value float64
	}{{"minAcu", a.MinACU}, {"maxAcu", a.MaxACU}} {
		if bound.value < 0.5 || bound.value > maxCapacity || bound.value*2 != math.Trunc(bound.value*2) {
			ps.Addf(bound.path, "", "must be 0.5 to %d capacity units, in halves, not %v", maxCapacity, bound.value)
		}
	}
	if a.MinACU > a.MaxACU || a.MaxACU < 1 {
		ps.Addf("maxAcu", "", "must be 1 or more, and no less than minAcu, %v, not %v", a.MinACU, a.MaxACU)
	}
}

func (a Args) checkStorage(e engine, ps *infra.Problems) {
	const least, most = 20, 65536 // gp3 (AWS, RDS user guide, "Amazon RDS DB instance storage")
	if e.aurora {
		if a.StorageGiB != 0 || a.MaxStorageGiB != 0 {
			ps.Add("storageGiB", "leave storageGiB and maxStorageGiB out", "Aurora's disk grows on its own")
		}
		return
	}
	ps.Range("storageGiB", a.StorageGiB, least, most, "GiB")
	// AWS, RDS user guide, "Managing capacity automatically with storage autoscaling".
	if enough := (min(max(a.StorageGiB, least), most)*11 + 9) / 10; a.MaxStorageGiB < enough || a.MaxStorageGiB > most {
		ps.Addf("maxStorageGiB", fmt.Sprintf("write %d to %d", enough, most),
			"the disk cannot grow from %d to %d GiB: RDS wants at least a tenth more", a.StorageGiB, a.MaxStorageGiB)
	}
}

func (a Args) checkBackups(ps *infra.Problems) {
	ps.Range("backupDays", a.BackupDays, 7, 35, "days")
	if a.Protect && a.Disposable {
		ps.Add("disposable", "set only one of protect and disposable", "a protected database cannot be disposable")
	}
}
