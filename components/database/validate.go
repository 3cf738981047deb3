package database

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

// maxCapacity is the largest size of Aurora Serverless v2, in capacity units (AWS, Aurora user guide, "Aurora
// Serverless v2 capacity").
const maxCapacity = 256

// MostStorageGiB is the largest disk of gp3 (AWS, RDS user guide, "Amazon RDS DB instance storage").
const MostStorageGiB = 65536

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
			ps.Addf(map[bool]string{true: "minAcu", false: "maxAcu"}[a.MinACU != 0], "leave minAcu and maxAcu out",
				"capacity units bound db.serverless only, not a %s", a.Class)
		}
		return
	}
	for _, bound := range []struct {
		path         string
		value, least float64
	}{{"minAcu", a.MinACU, 0.5}, {"maxAcu", a.MaxACU, min(max(1, a.MinACU), maxCapacity)}} {
		if bound.value < bound.least || bound.value > maxCapacity || bound.value*2 != math.Trunc(bound.value*2) {
			ps.Addf(bound.path, "", "must be %v to %d capacity units, in halves, not %v", bound.least, maxCapacity, bound.value)
		}
	}
}

func (a Args) checkStorage(e engine, ps *infra.Problems) {
	const least = 20 // gp3 (AWS, RDS user guide, "Amazon RDS DB instance storage")
	if e.aurora {
		if a.StorageGiB != 0 || a.MaxStorageGiB != 0 {
			ps.Add("storageGiB", "leave storageGiB and maxStorageGiB out", "Aurora's disk grows on its own")
		}
		return
	}
	// The disk must be able to grow by a tenth (AWS, RDS user guide, "Managing capacity automatically with storage autoscaling").
	most := MostStorageGiB * 10 / 11
	ps.Range("storageGiB", a.StorageGiB, least, most, fmt.Sprintf("GiB, which can grow by a tenth to at most %d", MostStorageGiB))
	if a.StorageGiB > most {
		return
	}
	if enough := (max(a.StorageGiB, least)*11 + 9) / 10; a.MaxStorageGiB < enough || a.MaxStorageGiB > MostStorageGiB {
		ps.Addf("maxStorageGiB", fmt.Sprintf("write %d to %d", enough, MostStorageGiB),
			"the disk cannot grow from %d to %d GiB: RDS wants at least a tenth more", a.StorageGiB, a.MaxStorageGiB)
	}
}

func (a Args) checkBackups(ps *infra.Problems) {
	ps.Range("backupDays", a.BackupDays, 7, 35, "days")
	if a.Protect && a.Disposable {
		ps.Add("disposable", "set only one of protect and disposable", "a protected database cannot be disposable")
	}
}
