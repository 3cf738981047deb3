package controls

import (
	"slices"

	"github.com/causeway-iac/causeway/graph"
)

const (
	exportType      = "aws:rds/exportTask:ExportTask"
	integrationType = "aws:rds/integration:Integration"
	vaultPolicyType = "aws:backup/vaultPolicy:VaultPolicy"
	imageForType    = "aws:ec2/amiLaunchPermission:AmiLaunchPermission"
	volumeForType   = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
	lifecyclesType  = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
	globalType      = "aws:rds/globalCluster:GlobalCluster"
)

// copyTypes are what copies the data, or gives somebody a copy.
var copyTypes = []string{
	"aws:rds/snapshot:Snapshot", "aws:rds/clusterSnapshot:ClusterSnapshot", "aws:rds/snapshotCopy:SnapshotCopy",
	"aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy",
	globalType, lifecyclesType, exportType, integrationType, planType, vaultPolicyType, imageForType, volumeForType,
}

func copies(v *view, r *graph.Resource) outcome {
	switch r.Type {
	case globalType:
		if _, source := asked(r, "sourceDbClusterIdentifier"); source != absent {
			return outcome{}
		}
		return is("storageEncrypted", true)(v, r)
	case lifecyclesType:
		return elements("policyDetails.schedules", 0, func(at string) check { return isUnset(at + ".shareRules") })(v, r)
	case exportType:
		return logsTo("s3BucketName", bucketTypes...)(v, r)
	case integrationType:
		return logsTo("targetArn", "aws:redshift/cluster:Cluster", "aws:redshiftserverless/namespace:Namespace")(v, r)
	case vaultPolicyType:
		return noStrangers(v, r)
	case planType:
		return elements("rules", 0, func(at string) check {
			return elements(at+".copyActions", 0, func(at string) check { return logsTo(at+".destinationVaultArn", vaultType) })
		})(v, r)
	case imageForType, volumeForType:
		return givenTo(v, r)
	}
	return isUnset("sharedAccounts")(v, r)
}

// givenTo demands that an image or a volume's snapshot be given to no account but the stack's own.
func givenTo(v *view, r *graph.Resource) outcome {
	for _, path := range []string{"group", "organizationArn", "organizationalUnitArn"} {
		if _, known := asked(r, path); known != absent {
			return broken("%s is %s", path, r.String(path))
		}
	}
	value, known := asked(r, "accountId")
	switch {
	case known == hidden:
		return unknown(r, "accountId")
	case !slices.Contains(v.iam.AccountsOf(r), text(value)):
		return broken("it is given to the account %s", text(value))
	}
	return holds()
}
