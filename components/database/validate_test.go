package database

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestDefaultsAreValid(t *testing.T) {
	for _, engine := range Engines {
		assert.NoError(t, Args{Engine: engine}.Validate().Err(), engine)
	}
	assert.Equal(t, 5433, Port(""))
	assert.Equal(t, 3307, Port(MySQL))
}

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		what  string
		args  Args
		where string
		says  string
	}{
		{"no such engine", Args{Engine: "oracle"}, "engine", "postgres, mysql, aurora-postgresql"},
		{"minor version", Args{Version: "16.4"}, "version", `minor version, which AWS will soon have upgraded; write 16`},
		{"minor of mysql", Args{Engine: MySQL, Version: "8.4.5"}, "version", "write 8.4"},
		{"out of support", Args{Version: "13"}, "version", "17 (supported until 2030-02-28)"},
		{"mysql out of support", Args{Engine: MySQL, Version: "8.0"}, "version", "no major version"},
		{"not yet in Aurora", Args{Engine: AuroraPostgres, Version: "18"}, "version", "Aurora PostgreSQL has no major version"},
		{"instance type for class", Args{Class: "t4g.micro"}, "class", "write db.t4g.micro"},
		{"no class at all", Args{Class: "large"}, "class", "not a database class"},
		{"too small for Aurora", Args{Engine: AuroraPostgres, Class: "db.t4g.micro"}, "class", "the sizes of db.t4g are medium, large"},
		{"family not in Aurora", Args{Engine: AuroraPostgres, Class: "db.m7g.large"}, "class", "the least is db.t4g.medium"},
		{"serverless without Aurora", Args{Class: "db.serverless"}, "class", "RDS for PostgreSQL has no class db.serverless"},
		{"size that there is not", Args{Class: "db.m7g.24xlarge"}, "class", "8xlarge, 12xlarge, 16xlarge"},
		{"units without serverless", Args{MaxACU: 2}, "maxAcu", "bound db.serverless only, not a db.t4g.micro"},
		{"unit thirds", Args{Engine: AuroraPostgres, Class: "db.serverless", MinACU: 0.3}, "minAcu",
			"must be 0.5 to 256 capacity units, in halves, not 0.3"},
		{"units crossed", Args{Engine: AuroraPostgres, Class: "db.serverless", MinACU: 8}, "maxAcu",
			"must be 8 to 256 capacity units, in halves, not 4"},
		{"units beyond Aurora", Args{Engine: AuroraPostgres, Class: "db.serverless", MaxACU: 300}, "maxAcu", "must be 1 to 256"},
		{"small disk", Args{StorageGiB: 10}, "storageGiB", "20 to 59578"},
		{"disk with no room to grow", Args{StorageGiB: 100, MaxStorageGiB: 105}, "maxStorageGiB", "write 110 to 65536"},
		{"disk of Aurora", Args{Engine: AuroraPostgres, StorageGiB: 20}, "storageGiB", "grows on its own"},
		{"few backups", Args{BackupDays: 3}, "backupDays", "7 to 35"},
		{"many backups", Args{BackupDays: 36}, "backupDays", "7 to 35"},
		{"protected and disposable", Args{Protect: true, Disposable: true}, "disposable", "only one"},
		{"log days", Args{LogDays: 100}, "logDays", "cannot keep logs for 100 days"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if problems := c.args.Validate(); assert.Len(t, problems, 1) {
				assert.Equal(t, c.where, problems[0].Where)
				assert.Contains(t, problems[0].String(), c.says)
			}
		})
	}
}

func TestEverythingWrongIsReportedAtOnce(t *testing.T) {
	problems := Args{Version: "16.4", Class: "t4g.micro", StorageGiB: 1, BackupDays: 1}.Validate()
	assert.Len(t, problems, 4)
}

func TestClassesOfEachEngine(t *testing.T) {
	for _, class := range []string{"db.t3.micro", "db.t4g.micro", "db.m7g.large", "db.r8g.48xlarge", "db.x2iedn.32xlarge"} {
		assert.NoError(t, Args{Class: class}.Validate().Err(), class)
		assert.NoError(t, Args{Engine: MySQL, Class: class}.Validate().Err(), class)
	}
	for _, class := range []string{"db.serverless", "db.t4g.medium", "db.r7g.large", "db.r6id.32xlarge"} {
		assert.NoError(t, Args{Engine: AuroraPostgres, Class: class}.Validate().Err(), class)
	}
}

// Memory by class (AWS, RDS user guide, "Hardware specifications for DB instance
// classes").
func TestMemory(t *testing.T) {
	for class, want := range map[string]float64{
		"db.t4g.micro": 1, "db.t4g.small": 2, "db.t4g.medium": 4, "db.t4g.large": 8, "db.t4g.2xlarge": 32,
		"db.m7g.large": 8, "db.m7g.16xlarge": 256, "db.r7g.large": 16, "db.r6i.32xlarge": 1024,
		"db.x2g.large": 32, "db.x2idn.16xlarge": 1024, "db.x2iedn.xlarge": 128,
	} {
		assert.Equal(t, want, memoryGiB(class, 0), class)
	}
	assert.Equal(t, 8.0, memoryGiB(ServerlessClass, 4))
	assert.Equal(t, 5000, engines[Postgres].maxConnections(256))
	assert.InDelta(t, 840, engines[Postgres].maxConnections(8), 20)
}
