package database

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

const (
	tier = infra.TierData
	// longestSeed leaves room in an identifier of 63 characters for the 26 that the
	// provider adds to a cluster instance's prefix, and a dash (AWS, RDS API
	// reference, CreateDBInstance).
	longestSeed = 36
	// authority signs the database's certificate. RSA, because every client's TLS
	// library accepts it (AWS, RDS user guide, "Using SSL/TLS to encrypt a
	// connection").
	authority = "rds-ca-rsa2048-g1"
	// supportEnds makes RDS upgrade a version whose standard support has ended instead of charging for extended
	// support.
	supportEnds = "open-source-rds-extended-support-disabled"
	// insightsDays is how many days of Performance Insights are free (Amazon RDS pricing).
	insightsDays = 7
	// monitoringSeconds is the interval between two readings of the operating system's metrics.
	monitoringSeconds = 60
)

// builder holds the state that the parts of one database share while they are declared.
type builder struct {
	ctx      *pulumi.Context
	name     string
	p        *infra.Platform
	args     Args
	engine   engine
	wiring   Wiring
	database *Database

	subnets    *rds.SubnetGroup
	identifier pulumi.StringOutput
	logs       []pulumi.Resource
	monitor    *identity.Role
}

func (b *builder) build() error {
	name := infra.ShortName(longestSeed, b.name)
	subnets, err := rds.NewSubnetGroup(b.ctx, name, &rds.SubnetGroupArgs{
		Description: pulumi.String("Data subnets of the platform"),
		SubnetIds:   b.wiring.Network.Subnets(network.Data),
		Tags:        b.p.TagsFor(name, tier),
	}, b.child())
	if err != nil {
		return fmt.Errorf("making the subnet group: %w", err)
	}
	b.subnets, b.identifier = subnets, subnets.Name
	if err := b.logGroups(); err != nil {
		return err
	}
	b.monitor, err = identity.NewRole(b.ctx, b.name+"-monitor", b.p, b.wiring.Boundary, identity.RoleArgs{
		Service:     "monitoring.rds.amazonaws.com",
		Sources:     []string{b.p.ARN("rds", "db:"+name+"-*")},
		Description: "RDS writes the database's operating system metrics",
		Tier:        tier,
		Statements:  monitorStatements(b.p),
	}, b.child())
	if err != nil {
		return err
	}
	if b.engine.aurora {
		return b.cluster()
	}
	return b.instance()
}

// logGroups declares the engine's log groups before RDS makes them itself, unencrypted and kept for ever. RDS
// prescribes their names.
func (b *builder) logGroups() error {
	kind := "instance"
	if b.engine.aurora {
		kind = "cluster"
	}
	for _, log := range b.engine.logs {
		name := b.name + "-" + log
		group, err := cloudwatch.NewLogGroup(b.ctx, name, &cloudwatch.LogGroupArgs{
			Name:            pulumi.Sprintf("/aws/rds/%s/%s/%s", kind, b.identifier, log),
			KmsKeyId:        b.wiring.Keys.Logs.ARN,
			RetentionInDays: pulumi.Int(b.args.LogDays),
			Tags:            b.p.TagsFor(name, tier),
		}, b.child())
		if err != nil {
			return fmt.Errorf("making the log group %s: %w", log, err)
		}
		b.logs = append(b.logs, group)
	}
	return nil
}

// finalSnapshot is the name of the snapshot that is taken when the database is
// deleted.
func (b *builder) finalSnapshot() pulumi.StringPtrInput {
	if b.args.Disposable {
		return nil
	}
	return pulumi.Sprintf("%s-final", b.identifier)
}

// family is the parameter group family, such as postgres17, and label is the same in a form that fits into a logical
// name.
func (b *builder) family() (family, label string) {
	family = b.engine.family + b.args.Version
	return family, dashed(family)
}

// dashed replaces the characters that an identifier cannot hold.
func dashed(text string) string {
	out := []byte(text)
	for i, c := range out {
		if c == '.' {
			out[i] = '-'
		}
	}
	return string(out)
}

func (b *builder) child() pulumi.ResourceOption { return pulumi.Parent(b.database) }

// after makes a database wait for what RDS uses as soon as it exists.
func (b *builder) after() pulumi.ResourceOption {
	return pulumi.DependsOn(append(append([]pulumi.Resource{}, b.logs...), b.monitor.Ready...))
}

// monitorStatements allow what enhanced monitoring writes: one log group, shared by all databases of the account and
// region (AWS, RDS user guide, "Setting up and enabling Enhanced Monitoring").
func monitorStatements(p *infra.Platform) []infra.Statement {
	return []infra.Statement{
		{
			Sid:       "MetricsGroup",
			Actions:   []string{"logs:CreateLogGroup", "logs:PutRetentionPolicy"},
			Resources: pulumi.StringArray{pulumi.String(p.ARN("logs", "log-group:RDSOSMetrics"))},
		},
		{
			Sid: "MetricsStreams",
			Actions: []string{
				"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents",
			},
			Resources: pulumi.StringArray{pulumi.String(p.ARN("logs", "log-group:RDSOSMetrics:log-stream:*"))},
		},
	}
}

// parameter is one setting of a parameter group. Settings that the engine reads only at its start take effect after a
// restart; a new database starts with them.
type parameter struct {
	name, value string
	atRestart   bool
}

// parameters is what the platform requires of an engine: no connection without TLS, and a log that says who
// connected, what changed and what was slow.
func (e engine) parameters() []parameter {
	if e.postgres() {
		return []parameter{
			{"log_connections", "1", false},
			{"log_disconnections", "1", false},
			{"log_lock_waits", "1", false},
			{"log_min_duration_statement", strconv.Itoa(slowQueryMillis), false},
			{"log_statement", "ddl", false},
			{"rds.force_ssl", "1", true},
		}
	}
	return []parameter{
		{"log_output", "FILE", false},
		{"long_query_time", strconv.FormatFloat(float64(slowQueryMillis)/1000, 'f', -1, 64), false},
		{"require_secure_transport", "ON", false},
		{"slow_query_log", "1", false},
		{"tls_version", "TLSv1.2,TLSv1.3", true},
	}
}

func (p parameter) method() pulumi.StringPtrInput {
	if p.atRestart {
		return pulumi.String("pending-reboot")
	}
	return pulumi.String("immediate")
}
