package invariants

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/proof/iam"
)

// powers are the actions that lead to the database's contents without its secret, and the ARNs that they act on: the
// database's own where that is "".
var powers = []struct{ action, about, what string }{
	{"rds:ModifyDBInstance", "", "can set the password of %s"},
	{"rds:ModifyDBCluster", "", "can set the password of %s"},
	{"rds:ModifyDBSnapshotAttribute", "arn:aws:rds:*:*:snapshot:*", "can share the snapshots of %s with anybody"},
	{"rds:ModifyDBClusterSnapshotAttribute", "arn:aws:rds:*:*:cluster-snapshot:*", "can share the snapshots of %s with anybody"},
	{"rds:StartExportTask", "*", "can export the snapshots of %s"},
	{"rds:RestoreDBInstanceFromDBSnapshot", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBInstanceToPointInTime", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBClusterFromSnapshot", "*", "can restore a copy of %s for itself"},
	{"rds:RestoreDBClusterToPointInTime", "*", "can restore a copy of %s for itself"},
	{"backup:PutBackupVaultAccessPolicy", "*", "can open the vault of %s"},
	{"backup:StartCopyJob", "*", "can copy the backups of %s elsewhere"},
	{"backup:StartRestoreJob", "*", "can restore a copy of %s for itself"},
	{"ec2:AuthorizeSecurityGroupIngress", "", "can open the firewall before %s"},
	{"ec2:ModifySecurityGroupRules", "", "can open the firewall before %s"},
}

// powers asks whether an identity that somebody acts as can set the password, or give itself any power.
func (q inquiry) powers(i *iam.Identity, way []iam.Step) {
	for _, power := range powers {
		for _, arn := range q.about(power.action, power.about) {
			q.found(i, way, fmt.Sprintf(power.what, q.db.Name), power.action+" on "+arn, i.May(power.action, arn))
		}
	}
	from := i
	if len(way) > 0 {
		from = way[0].From
	}
	for _, of := range append(q.reached(from), i) {
		if step := i.Rewrite(of); step != nil {
			q.breach(from, append(slices.Clip(way), *step), "can give itself any power", step.By, "leave the action out of its policies")
			return
		}
	}
	if i.Boundary != nil {
		for _, action := range []string{"iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary",
			"iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"} {
			q.found(i, way, "can take its boundary away", action, i.May(action, i.ARN()))
		}
	}
}

// about are the ARNs that a power acts on.
func (q inquiry) about(action, arn string) []string {
	switch {
	case arn != "":
		return []string{arn}
	case strings.HasPrefix(action, "rds:"):
		if arn := q.db.Resource.String("arn"); arn != "" || q.db.Resource.Planned {
			return []string{cmp.Or(arn, "*")}
		}
		return nil
	}
	var all []string
	for _, g := range q.db.Groups {
		if g.Resource != nil {
			all = append(all, "arn:aws:ec2:*:*:security-group/"+cmp.Or(g.Resource.ID, "*"))
		}
	}
	return all
}

func (q inquiry) reached(from *iam.Identity) []*iam.Identity {
	var all []*iam.Identity
	for _, way := range q.iam().Reach(from) {
		all = append(all, way[len(way)-1].To)
	}
	return all
}
