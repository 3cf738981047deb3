// Package database is the platform's database: RDS for PostgreSQL or MySQL, or
// Aurora PostgreSQL, in the data subnets, encrypted at rest and on the wire.
//
// No password passes through the program: RDS makes the master user's, keeps it in
// Secrets Manager and rotates it. The program knows only the secret's ARN.
//
// # What may not happen by accident
//
// Only a major version is accepted, so that a minor upgrade by AWS is no
// difference and is never undone. The identifier is random once and then fixed:
// the auto-name of the subnet group, which lives as long as the database. A change
// that would replace the database therefore fails on the name being taken before
// anything is lost, even where nothing is protected; and the final snapshot, which
// is named after it, cannot collide with that of a database before. The parameter
// group carries its family in its logical name, so that a major upgrade makes the
// new one, moves the database to it and only then deletes the old one.
package database

import (
	"fmt"

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
	// restarts the database. Default db.t4g.medium.
	Class string
	// Name is the database that is made in it. A change replaces. Default app.
	Name string
	// User is the master user, whose password is RDS's. A change replaces. Default
	// causeway.
	User string
	// Port is where it listens, never the engine's well-known port, which scanners
	// try first. Default 5433, 3307 for mysql.
	Port int
	// StorageGiB is the disk's size, 20 to 65536; it can only grow. Aurora has no
	// such thing. Default 20.
	StorageGiB int
	// MaxStorageGiB is how far RDS may grow the disk by itself: at least a tenth
	// more than StorageGiB. Default twice StorageGiB.
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
	// BackupWindow is the UTC time of day of the daily backup, at least half an
	// hour. Default 02:00-03:00.
	BackupWindow string
	// MaintenanceWindow is the UTC time of week in which AWS may restart the
	// database for upgrades. It may not meet BackupWindow. Default
	// sun:03:30-sun:04:30.
	MaintenanceWindow string
	// LogDays is how many days the engine's logs are kept, of those CloudWatch
	// offers. Default 365.
	LogDays int
	// SlowQueryMillis logs every statement that takes longer. Default 1000.
	SlowQueryMillis int
	// Protect refuses, in AWS and in Pulumi, to delete or replace the database
	// until it is false and deployed. Default false.
	Protect bool
	// Disposable is for databases that are torn down whole: no final snapshot, and
	// the automatic backups go with it. Default false; it excludes Protect.
	Disposable bool
}

func (a Args) withDefaults() Args {
	if a.Engine == "" {
		a.Engine = Postgres
	}
	e := engines[a.Engine]
	a.Version = or(a.Version, e.standard)
	a.Class = or(a.Class, e.class)
	a.Name = or(a.Name, "app")
	a.User = or(a.User, "causeway")
	a.Port = or(a.Port, e.port)
	a.BackupDays = or(a.BackupDays, 7)
	a.BackupWindow = or(a.BackupWindow, "02:00-03:00")
	a.MaintenanceWindow = or(a.MaintenanceWindow, "sun:03:30-sun:04:30")
	a.LogDays = or(a.LogDays, 365)
	a.SlowQueryMillis = or(a.SlowQueryMillis, 1000)
	if !e.aurora {
		a.StorageGiB = or(a.StorageGiB, 20)
		a.MaxStorageGiB = or(a.MaxStorageGiB, 2*a.StorageGiB)
	}
	if a.Class == ServerlessClass {
		a.MinACU = or(a.MinACU, 0.5)
		a.MaxACU = or(a.MaxACU, 4)
	}
	return a
}

// Database is the platform's database.
type Database struct {
	pulumi.ResourceState

	// Engine, Version, Name and Port are as asked for; Version is the major one.
	Engine, Version, Name string
	Port                  int
	// Aurora says that Identifier and ARN are a cluster's.
	Aurora bool
	// Class is the class of its instances, StorageGiB their disk, 0 for Aurora.
	Class      string
	StorageGiB int
	// MultiZone says that another zone holds a second instance.
	MultiZone bool
	// MemoryGiB is an instance's memory, at its largest for db.serverless, and
	// MaxConnections about what it can hold open with the engine's default.
	MemoryGiB      float64
	MaxConnections int
	// Endpoint is the host to connect to; on Aurora, always the writer.
	Endpoint pulumi.StringOutput
	// Identifier is its name in RDS, and ARN its ARN.
	Identifier, ARN pulumi.StringOutput
	// Members are the names of the cluster's instances; none but for Aurora.
	Members []pulumi.StringInput
	// ResourceID names it in the ARNs of rds-db:connect.
	ResourceID pulumi.StringOutput
	// SecretARN is the secret that holds the master user's name and password.
	SecretARN pulumi.StringOutput
	// ParameterGroup is the name of the parameter group that forces TLS.
	ParameterGroup pulumi.StringOutput
}

// New declares the database.
func New(ctx *pulumi.Context, name string, p *infra.Platform, net *network.Network, group *firewall.Group,
	k *keys.Keys, boundary *identity.Boundary, args Args, opts ...pulumi.ResourceOption,
) (*Database, error) {
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	if p == nil || net == nil || group == nil || k == nil || boundary == nil {
		return nil, fmt.Errorf("database %s: a platform, network, security group, keys and boundary are required", name)
	}
	e := engines[args.Engine]
	memory := memoryGiB(args.Class, args.MaxACU)
	d := &Database{
		Engine: args.Engine, Version: args.Version, Name: args.Name, Port: args.Port,
		Aurora: e.aurora, Class: args.Class, StorageGiB: args.StorageGiB, MultiZone: args.MultiZone,
		MemoryGiB: memory, MaxConnections: e.maxConnections(memory),
	}
	if err := ctx.RegisterComponentResource("causeway:database:Database", name, d, opts...); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	b := &builder{ctx: ctx, name: name, p: p, args: args, engine: e, group: group, keys: k, database: d}
	if err := b.build(net, boundary); err != nil {
		return nil, fmt.Errorf("database %s: %w", name, err)
	}
	return d, ctx.RegisterResourceOutputs(d, pulumi.Map{
		"endpoint": d.Endpoint, "port": pulumi.Int(d.Port), "name": pulumi.String(d.Name),
		"identifier": d.Identifier, "secretArn": d.SecretARN,
	})
}

// DefaultPort is the port of an engine whose Port is left out, for the sentence
// that lets the application in.
func DefaultPort(engine string) int { return Args{Engine: engine}.withDefaults().Port }

func or[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
