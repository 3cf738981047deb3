package database

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/infra"
)

var (
	namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	// taken is names that an engine keeps for itself.
	taken = []string{
		"postgres", "template0", "template1", "rdsadmin", "mysql", "sys", "information_schema", "performance_schema", "innodb",
	}
	// guessed is master users that an engine reserves or that attackers try first.
	guessed = []string{"admin", "administrator", "postgres", "root", "mysql", "rdsadmin", "rds_superuser", "master", "user", "public"}
)

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	e, known := engines[a.Engine]
	if !known {
		ps.Addf("engine", "write one of "+strings.Join(Engines, ", "), "%q is not an engine of the platform", a.Engine)
		return ps
	}
	a.checkVersion(e, &ps)
	a.checkClass(e, &ps)
	a.checkNames(e, &ps)
	a.checkStorage(e, &ps)
	a.checkBackups(&ps)
	if a.Port == e.known {
		ps.Addf("port", fmt.Sprintf("leave it out for %d", e.port), "%d is %s's well-known port, which scanners try first", a.Port, a.Engine)
	} else if a.Port < 1150 || a.Port > 65535 {
		ps.Addf("port", "write a port from 1150 to 65535", "RDS does not listen on port %d", a.Port)
	}
	ps = append(ps, infra.CheckLogDays("logDays", a.LogDays)...)
	if a.SlowQueryMillis < 1 {
		ps.Addf("slowQueryMillis", "write the milliseconds after which a statement is slow, such as 1000", "%d logs nothing or everything", a.SlowQueryMillis)
	}
	return ps
}

func (a Args) checkVersion(e engine, ps *infra.Problems) {
	if e.supports(a.Version) {
		return
	}
	if major := e.majorOf(a.Version); major != "" {
		ps.Addf("version", "write "+major, "%q is a minor version, which AWS would soon upgrade past", a.Version)
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
			ps.Addf("maxACU", "leave minACU and maxACU out, or set class to "+ServerlessClass, "capacity units do not bound a %s", a.Class)
		}
		return
	}
	for _, bound := range []struct {
		path  string
		value float64
	}{{"minACU", a.MinACU}, {"maxACU", a.MaxACU}} {
		if bound.value < 0.5 || bound.value > 128 || bound.value*2 != math.Trunc(bound.value*2) {
			ps.Addf(bound.path, "write 0.5 to 128, in halves", "%s is no capacity", strconv.FormatFloat(bound.value, 'f', -1, 64))
		}
	}
	if a.MinACU > a.MaxACU || a.MaxACU < 1 {
		ps.Addf("maxACU", "write 1 or more, and no less than minACU", "%v is too little above minACU, %v", a.MaxACU, a.MinACU)
	}
}

func (a Args) checkNames(e engine, ps *infra.Problems) {
	userLimit := 63
	if !e.postgres() {
		userLimit = 16
	}
	for _, field := range []struct {
		path, value, example string
		limit                int
		not                  []string
	}{
		{"name", a.Name, "app", 63, taken},
		{"user", a.User, "causeway", userLimit, guessed},
	} {
		switch {
		case !namePattern.MatchString(field.value):
			ps.Addf(field.path, "write lower-case letters, digits and underscores, a letter first, such as "+field.example,
				"%q cannot be a name in %s", field.value, e.title)
		case len(field.value) > field.limit:
			ps.Addf(field.path, fmt.Sprintf("write at most %d characters", field.limit), "%q is too long", field.value)
		case slices.Contains(field.not, field.value):
			ps.Addf(field.path, "write another, such as "+field.example, "%q is reserved, or the first that is guessed", field.value)
		}
	}
}

func (a Args) checkStorage(e engine, ps *infra.Problems) {
	const least, most = 20, 65536 // gp3 (AWS, RDS user guide, "Amazon RDS DB instance storage")
	if e.aurora {
		if a.StorageGiB != 0 || a.MaxStorageGiB != 0 {
			ps.Add("storageGiB", "leave storageGiB and maxStorageGiB out", "Aurora's disk grows by itself")
		}
		return
	}
	if a.StorageGiB < least || a.StorageGiB > most {
		ps.Addf("storageGiB", fmt.Sprintf("write %d to %d", least, most), "a disk of %d GiB does not exist", a.StorageGiB)
		return
	}
	// AWS, RDS user guide, "Managing capacity automatically with storage autoscaling".
	if enough := (a.StorageGiB*11 + 9) / 10; a.MaxStorageGiB < enough || a.MaxStorageGiB > most {
		ps.Addf("maxStorageGiB", fmt.Sprintf("write %d to %d", enough, most),
			"the disk cannot grow from %d to %d GiB: RDS wants a tenth of room at least", a.StorageGiB, a.MaxStorageGiB)
	}
}

func (a Args) checkBackups(ps *infra.Problems) {
	if a.BackupDays < 7 || a.BackupDays > 35 {
		ps.Addf("backupDays", "write 7 to 35", "automatic backups cannot be kept for %d days", a.BackupDays)
	}
	if a.Protect && a.Disposable {
		ps.Add("disposable", "set only one of protect and disposable", "a protected database cannot be disposable")
	}
	backup, err := parseDaily(a.BackupWindow)
	if err != nil {
		ps.Add("backupWindow", "write a UTC time of day such as 02:00-03:00", err.Error())
	}
	maintenance, err2 := parseWeekly(a.MaintenanceWindow)
	if err2 != nil {
		ps.Add("maintenanceWindow", "write a UTC time of week such as sun:03:30-sun:04:30", err2.Error())
	}
	if err == nil && err2 == nil && maintenance.meetsDaily(backup) {
		ps.Addf("maintenanceWindow", "choose hours that do not meet", "%s overlaps the backups of %s", a.MaintenanceWindow, a.BackupWindow)
	}
}
