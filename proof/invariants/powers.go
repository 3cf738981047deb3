package invariants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/userdata"
)

// powers are the actions that lead to the database's contents without its secret, or to what its clients run, and what they act on:
// an ARN, the database itself, a security group of the platform, a group that the database admits, or what its clients fetch.
var powers = []struct{ action, about, what string }{
	{"rds:ModifyDBInstance", theDatabase, "can set the password of %s"},
	{"rds:ModifyDBCluster", theDatabase, "can set the password of %s"},
	{"rds:ModifyDBSnapshotAttribute", "arn:aws:rds:*:*:snapshot:*", "can share the snapshots of %s with anybody"},
	{"rds:ModifyDBClusterSnapshotAttribute", "arn:aws:rds:*:*:cluster-snapshot:*", "can share the snapshots of %s with anybody"},
	{"rds:StartDBInstanceAutomatedBackupsReplication", theDatabase, "can copy the backups of %s elsewhere"},
	{"pi:DescribeDimensionKeys", "arn:aws:pi:*:*:metrics/rds/*", "can read what %s is asked"},
	{"pi:GetDimensionKeyDetails", "arn:aws:pi:*:*:metrics/rds/*", "can read what %s is asked"},
	{"rds:StartExportTask", "*", "can export the snapshots of %s"},
	{"rds:DownloadDBLogFilePortion", theDatabase, "can read what %s logs"},
	{"rds:DownloadCompleteDBLogFile", theDatabase, "can read what %s logs"},
	{"rds:StartActivityStream", theDatabase, "can record what %s is asked"},
	{"rds:CreateIntegration", "*", "can copy %s into a warehouse"},
	{"rds:CreateBlueGreenDeployment", "*", "can make a copy of %s for itself"},
	{"rds:CreateDBInstanceReadReplica", theDatabase, "can make a replica of %s for itself"},
	{"rds:RestoreDBInstanceFromDBSnapshot", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBInstanceToPointInTime", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBClusterFromSnapshot", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBClusterToPointInTime", "*", "can restore a copy of %s for itself"},
	{"backup:PutBackupVaultAccessPolicy", "*", "can open the vault of %s"},
	{"backup:StartCopyJob", "*", "can copy the backups of %s elsewhere"},
	{"backup:UpdateBackupPlan", "*", "can have the backups of %s copied elsewhere"},
	{"backup:StartRestoreJob", "*", "can restore a copy of %s for itself"},
	{"ec2:AuthorizeSecurityGroupIngress", anyGroup, "can open the firewall before %s"},
	{"ec2:ModifySecurityGroupRules", anyGroup, "can open the firewall before %s"},
	{"ec2:RunInstances", admitted, "can start a server that %s admits"},
	{"ec2:CreateNetworkInterface", admitted, "can make an interface that %s admits"},
	{"ec2:ModifyNetworkInterfaceAttribute", admitted, "can put a server into a group that %s admits"},
	{"ec2:AttachNetworkInterface", "arn:aws:ec2:*:*:network-interface/*", "can take over an interface that %s admits"},
	{"autoscaling:UpdateAutoScalingGroup", theirGroup, "can have other servers started in place of the clients of %s"},
	{"autoscaling:StartInstanceRefresh", theirGroup, "can have other servers started in place of the clients of %s"},
	{"s3:PutObject", fetched, "can replace what the clients of %s run"},
	{"s3:DeleteObject", fetched, "can delete what the clients of %s run"},
	{"s3:DeleteObjectVersion", fetched, "can delete what the clients of %s run"},
	{"s3:ReplicateObject", fetched, "can replace what the clients of %s run"},
	{"s3:PutObjectAcl", fetched, "can open what the clients of %s run"},
	{"s3:PutObjectVersionAcl", fetched, "can open what the clients of %s run"},
	{"s3:PutAccessPointPolicy", "arn:aws:s3:*:*:accesspoint/*", "can open the bucket of what the clients of %s run"},
	{"s3:PutBucketPolicy", fetchedFrom, "can open the bucket of what the clients of %s run"},
	{"s3:DeleteBucketPolicy", fetchedFrom, "can open the bucket of what the clients of %s run"},
	{"s3:PutBucketAcl", fetchedFrom, "can open the bucket of what the clients of %s run"},
	{"s3:PutBucketOwnershipControls", fetchedFrom, "can open the bucket of what the clients of %s run"},
	{"s3:PutBucketPublicAccessBlock", fetchedFrom, "can open the bucket of what the clients of %s run"},
	{"s3:PutReplicationConfiguration", fetchedFrom, "can copy what the clients of %s run"},
	{"s3:PutLifecycleConfiguration", fetchedFrom, "can delete what the clients of %s run"},
	{"s3:PutBucketVersioning", fetchedFrom, "can delete what the clients of %s run"},
}

const (
	theDatabase = "the database"
	anyGroup    = "a group"
	admitted    = "a group of the database's clients"
	theirGroup  = "the group that starts the database's clients"
	fetched     = "what the clients fetch"
	fetchedFrom = "where the clients fetch"
)

// powers asks whether an identity that somebody acts as can set the password, or give itself any power.
func (q inquiry) powers(i *iam.Identity, way []iam.Step) {
	if slices.Contains(q.holders, i) {
		q.secretBy(i, way, reads[2:]...)
	}
	for _, power := range powers {
		for _, arn := range q.about(power.about) {
			what := fmt.Sprintf(power.what, q.db.Name)
			q.found(i, way, what, power.action+" on "+arn, i.May(power.action, arn))
			q.found(i, way, what, power.action+" on "+arn, q.letIn(i, power.action, arn))
		}
	}
	q.lends(i, way)
	if action, by := i.Rewrites(); by != nil {
		q.found(i, way, "can give itself any power", action+" on identities", by)
	}
	if i.Boundary != nil {
		for _, action := range []string{"iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
			"iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"} {
			q.found(i, way, "can take its boundary away", action, i.May(action, cmp.Or(i.ARN(), "*")))
		}
	}
}

// letIn is the policy of a bucket, or of a vault, that lets the identity do it although its own policies do not.
func (q inquiry) letIn(i *iam.Identity, action, arn string) *iam.Source {
	var governed []*graph.Resource
	switch {
	case strings.HasPrefix(action, "backup:"):
		governed, arn = q.g.ByType("aws:backup/vault:Vault"), "*"
	case strings.HasPrefix(action, "s3:"):
		bucket, _, _ := strings.Cut(arn, "/")
		governed = q.g.ByIdentity(bucket)
	}
	for _, r := range governed {
		for _, p := range q.iam().PoliciesOf(r) {
			if p.Err == nil && p.LetsIn(i, action) != "" && p.MayAllow(action, arn) != nil {
				return &p
			}
		}
	}
	return nil
}

// lends asks whether a role that somebody of another account takes may read what is fetched.
func (q inquiry) lends(i *iam.Identity, way []iam.Step) {
	if i.Trust == nil || i.Trust.Err != nil || !slices.ContainsFunc(i.Trust.Statements,
		func(s iam.Statement) bool { return len(q.iam().Strangers(s, i.Resource)) > 0 }) {
		return
	}
	for _, arn := range q.release {
		q.found(i, way, "lets a stranger read what the clients of "+q.db.Name+" run", "s3:GetObject on "+arn, i.May("s3:GetObject", arn))
	}
}

// about are the ARNs that a power acts on.
func (q inquiry) about(of string) []string {
	switch of {
	case theDatabase:
		if arn := q.db.Resource.String("arn"); arn != "" || q.db.Resource.Planned {
			return []string{cmp.Or(arn, "*")}
		}
		return nil
	case anyGroup:
		return groupsOf(append(slices.Clone(q.nodes), q.db))
	case admitted:
		return groupsOf(q.clients())
	case theirGroup:
		var all []string
		for _, n := range q.clients() {
			if arn := n.Resource.String("arn"); strings.Contains(arn, ":autoScalingGroup:") || n.Resource.Planned {
				all = append(all, cmp.Or(arn, "arn:aws:autoscaling:*:*:autoScalingGroup:*"))
			}
		}
		return unique(all)
	case fetched:
		return q.release
	case fetchedFrom:
		var all []string
		for _, object := range q.release {
			bucket, _, _ := strings.Cut(object, "/")
			all = append(all, bucket)
		}
		return unique(all)
	}
	return []string{of}
}

// releases are the ARNs of what servers fetch from buckets when they start: all objects if that is not known yet.
func (v *view) releases(nodes []*network.Node) []string {
	var all []string
	for _, n := range nodes {
		told, known := userdata.Of(v.g, cmp.Or(n.Template, n.Resource))
		if !known {
			return []string{"*"}
		}
		for _, m := range object.FindAllStringSubmatch(told.Text, -1) {
			all = append(all, "arn:aws:s3:::"+m[1]+"/"+m[2])
		}
	}
	return unique(all)
}

// groupsOf are the ARNs of the nodes' security groups.
func groupsOf(nodes []*network.Node) []string {
	var all []string
	for _, n := range nodes {
		for _, g := range n.Groups {
			if g.Resource != nil {
				all = append(all, "arn:aws:ec2:*:*:security-group/"+cmp.Or(g.Resource.ID, "*"))
			}
		}
	}
	return unique(all)
}
