package controls

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
)

const (
	globalType      = "aws:rds/globalCluster:GlobalCluster"
	vaultPolicyType = "aws:backup/vaultPolicy:VaultPolicy"
	exportType      = "aws:rds/exportTask:ExportTask"
	integrationType = "aws:rds/integration:Integration"
	imageForType    = "aws:ec2/amiLaunchPermission:AmiLaunchPermission"
	volumeForType   = "aws:ec2/snapshotCreateVolumePermission:SnapshotCreateVolumePermission"
	lifecyclesType  = "aws:dlm/lifecyclePolicy:LifecyclePolicy"
)

// ways are the ways in which what databases, backups, buckets and volumes keep leaves them, by type. Where a stranger's bucket, queue
// or function is named, I21 says so of every type.
var ways = map[string]check{
	"aws:rds/snapshot:Snapshot":                       isUnset("sharedAccounts"),
	"aws:rds/clusterSnapshot:ClusterSnapshot":         isUnset("sharedAccounts"),
	"aws:rds/snapshotCopy:SnapshotCopy":               isUnset("sharedAccounts"),
	"aws:rds/clusterSnapshotCopy:ClusterSnapshotCopy": isUnset("sharedAccounts"),
	globalType: when(func(_ *view, r *graph.Resource) bool {
		_, source := asked(r, "sourceDbClusterIdentifier")
		return source == absent
	}, is("storageEncrypted", true)),
	exportType: logsTo("s3BucketName", bucketTypes...),
	"aws:rds/roleAssociation:RoleAssociation":               handsTo("roleArn"),
	"aws:rds/clusterRoleAssociation:ClusterRoleAssociation": handsTo("roleArn"),
	clusterType: when(has("iamRoles"), handsTo("iamRoles")),
	integrationType: logsTo("targetArn", "aws:redshift/cluster:Cluster",
		"aws:redshiftserverless/namespace:Namespace"),
	"aws:rds/clusterActivityStream:ClusterActivityStream": handsOn("what the database is asked goes into a stream"),
	vaultPolicyType: all(noStrangers, noneUnknown),
	planType: elements("rules", 0, func(at string) check {
		return elements(at+".copyActions", 0, func(at string) check { return logsTo(at+".destinationVaultArn", vaultType) })
	}),
	"aws:backup/globalSettings:GlobalSettings": isNot("globalSettings.isCrossAccountBackupEnabled", true),
	lifecyclesType: elements("policyDetails.schedules", 0, func(at string) check {
		return isUnset(at + ".shareRules")
	}),
	imageForType: givenTo, volumeForType: givenTo,
	"aws:ebs/snapshotBlockPublicAccess:SnapshotBlockPublicAccess": isNot("state", "unblocked"),
	"aws:ec2/imageBlockPublicAccess:ImageBlockPublicAccess":       isNot("state", "unblocked"),

	"aws:s3/accessPoint:AccessPoint":                           all(givenTo, blocked("publicAccessBlockConfiguration.")),
	"aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock": blocked(""),
	"aws:s3/bucketObject:BucketObject":                         objectWays, "aws:s3/bucketObjectv2:BucketObjectv2": objectWays,
	"aws:s3/objectCopy:ObjectCopy": objectWays,
	part("CorsConfiguration")[0]:   origins("corsRules"), part("CorsConfiguration")[1]: origins("corsRules"),
	part("WebsiteConfiguration")[0]: redirects, part("WebsiteConfiguration")[1]: redirects,
}

// keeping are the packages of what keeps data or carries it: of their types, each is one of ways, or lets nothing out for a reason,
// or this cannot be decided where it is in a stack.
var keeping = []string{"s3", "s3control", "s3outposts", "s3tables", "s3vectors", "datasync", "transfer", "dms", "appflow"}

// quiet are those types of which nothing leaves, or whose ways are another check's: of a bucket's parts by what they are, such as
// Versioning, and of others by package and name.
var quiet = map[string]string{
	"":       "what a bucket says within itself is judged as the part that it is",
	"Policy": "C169 judges it", "PublicAccessBlock": "C160 asks for it", "OwnershipControls": "C166 asks for it", "Acl": "C166 refuses it",
	"Logging": "C165 and I21 judge where to", "ReplicationConfig": "I21 judges where to", "Notification": "I21 judges where to",
	"Inventory": "I21 judges where to", "AnalyticsConfiguration": "I21 judges where to", "s3control/AccessPointPolicy": "C169 judges it",
	"s3control/StorageLensConfiguration": "I21 judges where to", "datasync/S3Location": "I21 judges where to",
	"AccelerateConfiguration": "it is another way in for the same people", "IntelligentTieringConfiguration": "it is a price",
	"LifecycleConfiguration": "it deletes", "Metric": "it counts", "ObjectLockConfiguration": "it keeps",
	"RequestPaymentConfiguration": "it says who pays", "ServerSideEncryptionConfiguration": "C161 and C162 ask for it",
	"Versioning": "C164 asks for it", "DirectoryBucket": "it is another bucket, which lets in nobody by itself",
	"dms/ReplicationSubnetGroup": "it is a list of subnets", "s3tables/Namespace": "it is a name",
	"s3tables/TableBucket": "it lets in nobody by itself",
}

// waysOut judges every way out.
func waysOut(v *view) []outcome {
	var found []outcome
	for _, kind := range slices.Sorted(maps.Keys(ways)) {
		for _, r := range v.g.ByType(kind) {
			if o := ways[kind](v, r); o.verdict != "" {
				found = append(found, o.about(r))
			}
		}
	}
	for _, r := range v.g.Resources {
		if ways[r.Type] == nil && r.Custom && !r.External && carries(r.Type) {
			found = append(found, undecided("%s may let out what the stack keeps, and is not modelled", r.Type).about(r))
		}
	}
	return found
}

func carries(kind string) bool {
	rest, ofAWS := strings.CutPrefix(kind, "aws:")
	module, _, _ := strings.Cut(rest, "/")
	name := kind[strings.LastIndexByte(kind, ':')+1:]
	if module == "s3" {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "Bucket"), "V2")
	} else {
		name = module + "/" + name
	}
	return ofAWS && slices.Contains(keeping, module) && quiet[name] == ""
}

func handsOn(what string) check {
	return func(*view, *graph.Resource) outcome { return undecided("%s", what) }
}

// handsTo demands that the roles by which a database writes to buckets, and calls functions, lead to what is the stack's.
func handsTo(path string) check {
	return func(v *view, r *graph.Resource) outcome {
		for _, role := range v.iam.ActsAs(r, path) {
			if role.Unreadable() != nil {
				return undecided("what %s may do is not known", role.Resource.Name)
			}
			if arn := v.beyond(role); arn != "" {
				return broken("%s lets it write to %s, which is not of the stack", role.Resource.Name, arn)
			}
		}
		return holds()
	}
}

// beyond is what a role's policies name that is not the stack's, "" if they name nothing such. The use of a key leads nowhere by itself.
func (v *view) beyond(role *iam.Identity) string {
	for _, p := range role.Policies {
		for _, s := range p.Statements {
			for _, arn := range slices.Concat(s.Resources, s.NotResources) {
				bucket, _, _ := strings.Cut(arn, "/")
				if s.Allow && !strings.HasPrefix(arn, "arn:aws:kms:") && len(v.g.ByIdentity(arn))+len(v.g.ByIdentity(bucket)) == 0 {
					return arn
				}
			}
		}
	}
	return ""
}

// blocked demands that nobody turns off a block of public access.
func blocked(at string) check {
	return all(isNot(at+"blockPublicAcls", false), isNot(at+"blockPublicPolicy", false), isNot(at+"ignorePublicAcls", false),
		isNot(at+"restrictPublicBuckets", false))
}

// objectWays demands of an object that it is its bucket's owner's, and nobody else's.
var objectWays = all(isNot("acl", "public-read", "public-read-write", "authenticated-read", "aws-exec-read"), isUnset("grants"), redirects)

// origins demands that browsers read a bucket for pages of the stack's own names only.
func origins(path string) check {
	return elements(path, 0, func(at string) check {
		return elements(at+".allowedOrigins", 0, func(at string) check {
			return func(v *view, r *graph.Resource) outcome {
				if origin := r.String(at); !v.ownHost(origin, false) {
					return broken("pages of %s may read it in a browser", origin)
				}
				return holds()
			}
		})
	})
}

// redirects demands that nobody who asks a bucket's website is sent to a host that is not of the stack.
func redirects(v *view, r *graph.Resource) outcome {
	o := holds()
	for path, value := range texts(r.Inputs, "") {
		key := path[strings.LastIndexByte(path, '.')+1:]
		host := slices.Contains([]string{"hostName", "redirectAllRequestsTo", "websiteRedirect"}, key) && !strings.HasPrefix(value, "/")
		if host && !v.ownHost(value, false) {
			o = broken("whoever asks it is sent to %s", value)
		}
	}
	return o
}

// texts are the texts within a value, by their paths.
func texts(value any, at string) map[string]string {
	found := map[string]string{}
	switch v := value.(type) {
	case string:
		found[at] = v
	case []any:
		for i := range v {
			maps.Copy(found, texts(v[i], fmt.Sprintf("%s[%d]", at, i)))
		}
	case map[string]any:
		for key := range v {
			maps.Copy(found, texts(v[key], at+"."+key))
		}
	}
	return found
}

// givenTo demands that what is given to an account is given to none but the stack's own.
func givenTo(v *view, r *graph.Resource) outcome {
	for _, path := range []string{"group", "organizationArn", "organizationalUnitArn"} {
		if _, known := asked(r, path); known != absent {
			return broken("%s is %s", path, r.String(path))
		}
	}
	for _, path := range []string{"accountId", "bucketAccountId"} {
		value, known := asked(r, path)
		switch {
		case known == hidden:
			return unknown(r, path)
		case known == present && !slices.Contains(v.iam.AccountsOf(r), text(value)):
			return broken("it is given to the account %s", text(value))
		}
	}
	return holds()
}
