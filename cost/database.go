package cost

import (
	"cmp"
	"strings"
)

// database is an RDS instance. AWS bills the standby of a Multi-AZ one like the primary.
func (b *bill) database() {
	engine, class := b.r.String("engine"), b.r.String("instanceClass")
	if strings.HasPrefix(engine, "aurora") {
		b.clusterInstance()
		return
	}
	if class == "" {
		b.unpriced("its instance class is not known")
		return
	}
	machines := times(1, "")
	if twice, _ := b.r.Bool("multiAz"); twice {
		machines = times(2, "zones")
	}
	b.use("rds backup")
	b.pay(engine+" "+class, machines)
	b.storage(machines)
	b.masterSecret()
	if days, _ := b.r.Int("performanceInsightsRetentionPeriod"); days > freeInsightDays {
		b.unpriced("no price of Performance Insights kept beyond seven days is known")
	}
}

// freeInsightDays is how long Performance Insights keeps data free of charge (RDS user guide, "Pricing and data retention
// for Performance Insights").
const freeInsightDays = 7

// storage prices the disk, which grows from its allocated size to its limit.
func (b *bill) storage(machines factor) {
	least, known := b.r.Int("allocatedStorage")
	if !known {
		b.unpriced("its allocated storage is not known")
		return
	}
	kind := cmp.Or(b.r.String("storageType"), "gp2")
	most, _ := b.r.Int("maxAllocatedStorage")
	b.pay("rds "+kind+" storage", machines, between(float64(least), float64(max(least, most)), "GiB"))
	iops, _ := b.r.Int("iops")
	if baseline := baselineIOPS(b.r.String("engine"), least); kind == "gp3" && iops > baseline {
		b.pay("rds gp3 iops", machines, times(float64(iops-baseline), "IOPS"))
	}
}

// baselineIOPS is the number of IOPS included with a gp3 disk of the size: more once it is striped, from 400 GiB (RDS
// user guide, "gp3 storage").
func baselineIOPS(engine string, gib int) int {
	if gib >= 400 && !strings.HasPrefix(engine, "sqlserver") {
		return 12000
	}
	return 3000
}

func (b *bill) masterSecret() {
	if managed, _ := b.r.Bool("manageMasterUserPassword"); managed {
		b.pay("secret", times(1, ""))
	}
}

// cluster is an Aurora cluster: storage, reads and writes are billed by use, its instances one by one.
func (b *bill) cluster() {
	for _, what := range []string{"aurora storage", "aurora reads and writes", "rds backup"} {
		b.use(what)
	}
	b.masterSecret()
}

// clusterInstance is one instance of a cluster. The price of a serverless one follows its size, within the cluster's
// bounds.
func (b *bill) clusterInstance() {
	engine, class := b.r.String("engine"), b.r.String("instanceClass")
	switch {
	case engine == "" || class == "":
		b.unpriced("its engine and instance class are not known")
	case class == "db.serverless":
		b.serverless()
	default:
		b.pay(engine+" "+class, times(1, ""))
	}
}

func (b *bill) serverless() {
	clusters := b.g.Ref(b.r, "clusterIdentifier", "aws:rds/cluster:Cluster")
	if len(clusters) != 1 {
		b.unpriced("its cluster, which bounds its capacity, is not one of the stack's")
		return
	}
	value, _ := clusters[0].Get("serverlessv2ScalingConfiguration")
	bounds, _ := value.(map[string]any)
	least, known := bounds["minCapacity"].(float64)
	most, also := bounds["maxCapacity"].(float64)
	if !known || !also {
		b.unpriced("the bounds of its capacity are not known")
		return
	}
	b.pay("aurora capacity unit", between(least, most, "ACU"))
}
