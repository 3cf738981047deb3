// Package database is the platform's database: RDS for PostgreSQL or MySQL, or Aurora PostgreSQL, in the data
// subnets, encrypted at rest and on the wire.
//
// No password passes through the program: RDS makes the master user's, keeps it in Secrets Manager and rotates it.
// The program knows only the secret's ARN.
//
// # What may not happen by accident
//
// Only a major version is accepted, so that a minor upgrade by AWS does not show as a difference and is never undone.
// The identifier is random once and then fixed: it is the auto-name of the subnet group, which lives as long as the
// database. A change that would replace the database therefore fails because the name is taken, before anything is
// lost, even if nothing is protected; and the final snapshot, which is named after it, cannot collide with that of an
// earlier database. The parameter group has its family in its logical name, so that a major upgrade makes the new
// group, moves the database to it and only then deletes the old one.
package database

import (
	"cmp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// Args are the database's settings. The zero value of each is its default.
type Args struct {
	// Engine is postgres, mysql or aurora-postgresql. A change replaces the
	// database. Default postgres.
	Engine string
	// Version is the engine's major version: 17, or 8.4 for mysql. AWS keeps the
	// minor one current, in the maintenance window. A higher one upgrades in place,
	// with some minutes of downtime; there is no way back. Default 17, 8.4 for mysql.
	Version string
	// Class is the instance class, db.serverless for Aurora included. A change
	// restarts the database. Default db.t4g.micro; Aurora has
	// db.t4g.medium.
	Class string
	// StorageGiB is the disk's size, 20 to 65536; it can only grow. It does not apply to Aurora. Default 20.
	StorageGiB int
	// MaxStorageGiB is how far RDS may grow the disk on its own: at least a tenth
	// more than StorageGiB. Default 50, or twice StorageGiB if that is more.
	MaxStorageGiB int
	// MultiZone keeps a second instance in another zone and fails over to it in one
	// or two minutes; it doubles the cost. Default false.
	MultiZone bool
	// MinACU and MaxACU bound db.serverless, in capacity units of about 2 GiB of
	// memory, in halves. Default 0.5 and 4.
	MinACU, MaxACU float64
	// BackupDays is how many days back the database can be restored to any second,
	// 7 to 35. Default 7.
	BackupDays int
	// LogDays is how many days the engine's logs are kept: one of the periods that CloudWatch offers. Default 365.
	LogDays int
	// Protect refuses, in AWS and in Pulumi, to delete or replace the database
	// until it is false and deployed. Default false.
	Protect bool
	// Disposable is for databases that are torn down whole: no final snapshot, and
	// the automatic backups go with it. Default false; it excludes Protect.
	Disposable bool
}

func (a Args) withDefaults() Args {
	a.Engine = cmp.Or(a.Engine, Postgres)
	e := engines[a.Engine]
	a.Version = cmp.Or(a.Version, e.standard)
	a.Class = cmp.Or(a.Class, e.class)
	a.BackupDays = cmp.Or(a.BackupDays, 7)
	a.LogDays = cmp.Or(a.LogDays, 365)
	if !e.aurora {
		a.StorageGiB = cmp.Or(a.StorageGiB, 20)
		a.MaxStorageGiB = cmp.Or(a.MaxStorageGiB, min(max(50, 2*a.StorageGiB), MostStorageGiB))
	}
	if a.Class == ServerlessClass {
		a.MinACU = cmp.Or(a.MinACU, 0.5)
		a.MaxACU = cmp.Or(a.MaxACU, 4)
	}
	return a
}

const (
	// databaseName is the database that is created in it, and masterUser the user whose password RDS manages. Neither
	// is reserved by an engine or among the first that an attacker would guess. Changing either would replace the
	// database.
	databaseName = "app"
	masterUser   = "causeway"
	// backupWindow is the UTC time of day of the daily backup, and maintenanceWindow the time of week in which AWS
	// may restart the database for upgrades. They may not overlap each other or the hours of package backups.
	backupWindow      = "02:00-03:00"
	maintenanceWindow = "sun:03:30-sun:04:30"
	// slowQueryMillis is how long a statement must take to be logged.
	slowQueryMillis = 1000
)

// Database is the platform's database.
type Database struct {
	pulumi.ResourceState

	// Engine and Version are as asked for; Version is the major one.
	Engine, Version string
	// Name is the database in it that the application uses, and Port is where it listens: never the engine's
	// well-known port, which scanners try first.
	Name string
	Port int
	// Aurora says that Identifier and ARN are a cluster's.
	Aurora bool
	// Class is the class of its instances, StorageGiB their disk, 0 for Aurora.
	Class      string
	StorageGiB int
	// MultiZone says that another zone holds a second instance.
	MultiZone bool
	// MemoryGiB is an instance's memory (for db.serverless, at its largest), and MaxConnections about how many
	// connections it allows with the engine's default.
	MemoryGiB      float64
	MaxConnections int
	// Endpoint is the host to connect to; on Aurora, always the writer.
	Endpoint pulumi.StringOutput
	// Identifier is its name in RDS, and ARN its ARN.
	Identifier, ARN pulumi.StringOutput
	// Zones are the availability zones of its instances; only AWS knows a standby's.
	Zones pulumi.StringArray
	// Members are the names of the cluster's instances; empty unless it is Aurora.
	Members []pulumi.StringInput
	// ResourceID names it in the ARNs of rds-db:connect.
	ResourceID pulumi.StringOutput
	// SecretARN is the secret that holds the master user's name and password.
	SecretARN pulumi.StringOutput
	// ParameterGroup is the name of the parameter group that forces TLS.
	ParameterGroup pulumi.StringOutput
}

// Wiring is what a database depends on.
type Wiring struct {
	Network  network.Place
	Group    *firewall.Group `missing:"write a sentence of the firewall that leads to it"`
	Keys     *keys.Keys
	Boundary *identity.Boundary
}

// New declares the database.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Database, error) {
	args = args.withDefaults()
	e := engines[args.Engine]
	memory := memoryGiB(args.Class, args.MaxACU)
	d := &Database{
		Engine: args.Engine, Version: args.Version, Name: databaseName, Port: e.port,
		Aurora: e.aurora, Class: args.Class, StorageGiB: args.StorageGiB, MultiZone: args.MultiZone,
		MemoryGiB: memory, MaxConnections: e.maxConnections(memory),
	}
	err := infra.Declare(ctx, infra.Component{
		Type: "database:Database", Name: name, Platform: p, Wiring: w, Problems: args.Validate(), Options: opts,
	}, d, func() (pulumi.Map, error) {
		b := &builder{ctx: ctx, name: name, p: p, args: args, engine: e, wiring: w, database: d}
		err := b.build()
		return pulumi.Map{
			"endpoint": d.Endpoint, "port": pulumi.Int(d.Port), "name": pulumi.String(d.Name),
			"identifier": d.Identifier, "secretArn": d.SecretARN,
		}, err
	})
	return d, err
}

// Port is where an engine listens. The sentence that lets the application in needs it.
func Port(engine string) int { return engines[cmp.Or(engine, Postgres)].port }
