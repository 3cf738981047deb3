package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// holder is a type that holds data or identity.
type holder struct {
	// holds is what is lost with it.
	holds string
	// outage is what happens while the old one is gone or the new one is not in place.
	outage string
}

// replaced is what a replacement does.
func (h holder) replaced() string {
	if h.holds == inUse {
		return "would be replaced by one that must be issued first"
	}
	return "would be replaced: the new one is without " + h.holds
}

const (
	noDatabase = "the application is without its data until that is restored from a snapshot"
	noTable    = "whoever reads the table gets nothing"
	noFiles    = "servers that mount it lose their files"
	noCache    = "the application begins with an empty cache"
	noIndex    = "searches find nothing until everything is indexed again"
	noMessages = "senders that know it by its address are refused"
	noImages   = "servers that start can pull none"
	noRestore  = "there is nothing to restore from"
	noBucket   = "links to the bucket by name stop working"
	noZone     = "no name in the zone resolves until the registrar delegates to the new name servers"
	noKey      = "what it encrypts cannot be read once the key is gone"
	noTrust    = "whoever trusts it refuses what it signed"
	inUse      = "the names that it is for"
	noBrowser  = "browsers are refused where the listener has none, or one without the name that they open"
	noAddress  = "names lead nowhere until DNS has changed everywhere"
	noPartner  = "whoever lets this address in by its number must be given another"
	logged     = "what was logged so far is gone"
	noSecret   = "whoever reads it by its ARN is refused"
)

// holders are the types whose loss cannot be undone by deploying again.
var holders = map[string]holder{
	"aws:rds/instance:Instance":                                  {"the database's data", noDatabase},
	"aws:rds/cluster:Cluster":                                    {"the database's data", noDatabase},
	"aws:rds/globalCluster:GlobalCluster":                        {"the database's data", noDatabase},
	"aws:rds/snapshot:Snapshot":                                  {"the snapshot", noRestore},
	"aws:rds/clusterSnapshot:ClusterSnapshot":                    {"the snapshot", noRestore},
	"aws:docdb/cluster:Cluster":                                  {"the database's data", noDatabase},
	"aws:docdb/elasticCluster:ElasticCluster":                    {"the database's data", noDatabase},
	"aws:neptune/cluster:Cluster":                                {"the database's data", noDatabase},
	"aws:redshift/cluster:Cluster":                               {"the warehouse's data", noDatabase},
	"aws:redshiftserverless/namespace:Namespace":                 {"the warehouse's data", noDatabase},
	"aws:dsql/cluster:Cluster":                                   {"the database's data", noDatabase},
	"aws:memorydb/cluster:Cluster":                               {"the database's data", noDatabase},
	"aws:dynamodb/table:Table":                                   {"the table's items", noTable},
	"aws:dynamodb/globalTable:GlobalTable":                       {"the table's items", noTable},
	"aws:keyspaces/table:Table":                                  {"the table's rows", noTable},
	"aws:timestreamwrite/table:Table":                            {"the table's rows", noTable},
	"aws:s3tables/table:Table":                                   {"the table's rows", noTable},
	"aws:efs/fileSystem:FileSystem":                              {"the files", noFiles},
	"aws:fsx/windowsFileSystem:WindowsFileSystem":                {"the files", noFiles},
	"aws:fsx/lustreFileSystem:LustreFileSystem":                  {"the files", noFiles},
	"aws:fsx/ontapVolume:OntapVolume":                            {"the files", noFiles},
	"aws:fsx/openZfsVolume:OpenZfsVolume":                        {"the files", noFiles},
	"aws:ebs/volume:Volume":                                      {"the volume's data", "the server that has it attached stops working"},
	"aws:ebs/snapshot:Snapshot":                                  {"the snapshot", noRestore},
	"aws:ec2/ami:Ami":                                            {"the image", "servers that start from it do not"},
	"aws:elasticache/cluster:Cluster":                            {"what is cached", noCache},
	"aws:elasticache/replicationGroup:ReplicationGroup":          {"what is cached", noCache},
	"aws:elasticache/serverlessCache:ServerlessCache":            {"what is cached", noCache},
	"aws:opensearch/domain:Domain":                               {"the index", noIndex},
	"aws:elasticsearch/domain:Domain":                            {"the index", noIndex},
	"aws:opensearch/serverlessCollection:ServerlessCollection":   {"the index", noIndex},
	"aws:s3/bucketV2:BucketV2":                                   {"the objects", noBucket},
	"aws:s3/bucket:Bucket":                                       {"the objects", noBucket},
	"aws:s3/directoryBucket:DirectoryBucket":                     {"the objects", noBucket},
	"aws:ecr/repository:Repository":                              {"the images", noImages},
	"aws:ecrpublic/repository:Repository":                        {"the images", noImages},
	"aws:codecommit/repository:Repository":                       {"the source", "nobody can push or pull"},
	"aws:backup/vault:Vault":                                     {"the recovery points", noRestore},
	"aws:backup/logicallyAirGappedVault:LogicallyAirGappedVault": {"the recovery points", noRestore},
	"aws:glacier/vault:Vault":                                    {"the archives", noRestore},
	"aws:cloudwatch/logGroup:LogGroup":                           {"the logs", logged},
	"aws:cloudtrail/eventDataStore:EventDataStore":               {"the events", "what was recorded so far is gone"},
	"aws:kinesis/stream:Stream":                                  {"the records that wait", noMessages},
	"aws:msk/cluster:Cluster":                                    {"the records in its topics", noMessages},
	"aws:msk/serverlessCluster:ServerlessCluster":                {"the records in its topics", noMessages},
	"aws:mq/broker:Broker":                                       {"the messages that wait", noMessages},
	"aws:sqs/queue:Queue":                                        {"the messages that wait", noMessages},
	"aws:secretsmanager/secret:Secret":                           {"the secret's value", noSecret},
	"aws:ssm/parameter:Parameter":                                {"the parameter's value", "whoever reads it by its name is refused"},
	"aws:kms/key:Key":                                            {"everything that the key encrypts", noKey},
	"aws:kms/externalKey:ExternalKey":                            {"everything that the key encrypts", noKey},
	"aws:kms/replicaKey:ReplicaKey":                              {"everything that the key encrypts", noKey},
	"aws:kms/replicaExternalKey:ReplicaExternalKey":              {"everything that the key encrypts", noKey},
	"aws:acmpca/certificateAuthority:CertificateAuthority":       {"the authority's key", noTrust},
	"aws:ec2/keyPair:KeyPair":                                    {"the key", "servers made with it let nobody in by the new one"},
	"aws:cloudfront/publicKey:PublicKey":                         {"the key", noTrust},
	"aws:cognito/userPool:UserPool":                              {"the users' accounts", "nobody can sign in"},
	"aws:cognito/identityPool:IdentityPool":                      {"the users' identities", "nobody can sign in"},
	"aws:directoryservice/directory:Directory":                   {"the directory", "nobody can sign in"},
	"aws:route53/zone:Zone":                                      {"the zone's name servers", noZone},
	"cloudflare:index/zone:Zone":                                 {"the zone's name servers", noZone},
	"aws:acm/certificate:Certificate":                            {inUse, noBrowser},
	"aws:iam/serverCertificate:ServerCertificate":                {inUse, noBrowser},
	"cloudflare:index/originCaCertificate:OriginCaCertificate":   {inUse, "Cloudflare is refused if the origin is left without it"},
	"cloudflare:index/r2Bucket:R2Bucket":                         {"the objects", noBucket},
	"cloudflare:index/d1Database:D1Database":                     {"the database's data", noDatabase},
	"cloudflare:index/workersKvNamespace:WorkersKvNamespace":     {"the namespace's values", noTable},
	"aws:lb/loadBalancer:LoadBalancer":                           {"the load balancer's addresses", noAddress},
	"aws:ec2/eip:Eip":                                            {"the public address", noPartner},
	"aws:ec2/vpc:Vpc":                                            {"anything that is in it", "everything inside is made anew"},
	"tls:index/privateKey:PrivateKey":                            {"the key", noTrust},
	"random:index/randomPassword:RandomPassword":                 {"the password", "whoever knows the old one is refused"},
}

// guardians are the types that protect others, with what is no longer protected once one of them is gone.
var guardians = map[string]string{
	"aws:s3/bucketVersioning:BucketVersioning":                               "the bucket no longer keeps what is overwritten or deleted",
	"aws:s3/bucketVersioningV2:BucketVersioningV2":                           "the bucket no longer keeps what is overwritten or deleted",
	"aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration":     "new objects can be deleted before their time",
	"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": "new objects can be deleted before their time",
	"aws:s3/bucketReplicationConfig:BucketReplicationConfig":                 "the bucket's copy elsewhere is no longer kept up",
	"aws:backup/plan:Plan":                                                            "no more backups are made by this plan",
	"aws:backup/selection:Selection":                                                  "what it selected is no longer backed up",
	"aws:backup/vaultLockConfiguration:VaultLockConfiguration":                        "recovery points can be deleted before their time",
	"aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": "the backups' copy elsewhere is no longer kept up",
	"aws:rds/clusterAutomatedBackupsReplication:ClusterAutomatedBackupsReplication":   "the backups' copy elsewhere is no longer kept up",
	"aws:dlm/lifecyclePolicy:LifecyclePolicy":                                         "no more snapshots are made by this policy",
	"aws:dynamodb/tableReplica:TableReplica":                                          "the table's copy elsewhere is gone",
}

// guard is a property that protects: changing it from its safe value is a loss.
type guard struct {
	path string
	// weaker says that the change from before to after is for the worse.
	weaker func(before, after any) bool
	// what the change does; %s is the resource's name.
	what string
}

func turnedOff(before, after any) bool { return truth(before) && !truth(after) }
func turnedOn(before, after any) bool  { return !truth(before) && truth(after) }

func truth(value any) bool { return value == true || value == "true" || value == "Enabled" }

// fewer says that a number went down, or a limit was removed.
func fewer(before, after any) bool {
	b, was := before.(float64)
	a, is := after.(float64)
	return was && is && a < b || was && b > 0 && after == nil
}

// sooner says that something is kept for fewer days; no number, or 0, means for ever.
func sooner(before, after any) bool {
	b, _ := before.(float64)
	a, _ := after.(float64)
	return a > 0 && (b == 0 || a < b)
}

// guards are the properties, of any type, that keep data or identity from being lost.
var guards = []guard{
	{"deletionProtection", turnedOff, "loses its protection from deletion"},
	{"enableDeletionProtection", turnedOff, "loses its protection from deletion"},
	{"deletionProtectionEnabled", turnedOff, "loses its protection from deletion"},
	{"deleteProtection", turnedOff, "loses its protection from deletion"},
	{"disableApiTermination", turnedOff, "loses its protection from termination"},
	{"forceDestroy", turnedOn, "may be deleted with all that is in it"},
	{"forceDelete", turnedOn, "may be deleted with all that is in it"},
	{"skipFinalSnapshot", turnedOn, "would be deleted without a final snapshot"},
	{"skipFinalBackup", turnedOn, "would be deleted without a final backup"},
	{"deleteAutomatedBackups", turnedOn, "would lose its automated backups with itself"},
	{"versioningConfiguration.status", turnedOff, "no longer keeps what is overwritten or deleted"},
	{"versioning.enabled", turnedOff, "no longer keeps what is overwritten or deleted"},
	{"objectLockEnabled", turnedOff, "lets objects be deleted before their time"},
	{"pointInTimeRecovery.enabled", turnedOff, "can no longer be restored to a point in time"},
	{"multiAz", turnedOff, "loses its standby in another zone"},
	{"enableKeyRotation", turnedOff, "is no longer rotated"},
	{"deletionWindowInDays", fewer, "could be deleted sooner after it was asked for"},
	{"recoveryWindowInDays", fewer, "could be deleted sooner after it was asked for"},
	{"backupRetentionPeriod", fewer, "keeps its backups for a shorter time"},
	{"automatedSnapshotRetentionPeriod", fewer, "keeps its snapshots for a shorter time"},
	{"snapshotRetentionLimit", fewer, "keeps its snapshots for a shorter time"},
	{"automaticBackupRetentionDays", fewer, "keeps its backups for a shorter time"},
	{"retentionInDays", sooner, "keeps its logs for a shorter time: AWS deletes the older ones"},
	{"retentionPeriod", fewer, "keeps what it holds for a shorter time"},
	{"messageRetentionSeconds", fewer, "keeps its messages for a shorter time"},
	{"allocatedStorage", fewer, "has its disk shrunk, which AWS refuses: only a new database has a smaller one"},
	{"storageCapacity", fewer, "is shrunk, which a file system cannot be"},
	{"size", fewer, "is shrunk, which a volume cannot be"},
}

// unclear says that a value which is not known yet could be for the worse.
func (g guard) unclear(before, after any) bool {
	return unknown(after) && slices.ContainsFunc([]any{false, true, 0.0, 1.0}, func(value any) bool { return g.weaker(before, value) })
}

// keeping are the services whose resources say, at some depth, after how many days something is deleted.
var keeping = []string{"aws:s3/", "aws:backup/"}

// kept are the properties that say so. A lower number is a loss, except for those that say for how long deletion is
// forbidden to everybody.
var (
	kept   = []string{"deleteAfter", "days", "noncurrentDays"}
	locked = []string{"minRetentionDays", "years"}
)

// shortened finds what is deleted sooner than before, and backups that are no longer made.
func shortened(r *graph.Resource, before, after map[string]any) []Difference {
	if !slices.ContainsFunc(keeping, func(service string) bool { return strings.HasPrefix(r.Type, service) }) {
		return nil
	}
	var found []Difference
	if b, a, ok := keyed(list(before["rules"]), list(after["rules"])); ok && r.Type == "aws:backup/plan:Plan" {
		for _, name := range slices.Sorted(maps.Keys(b)) {
			if a[name] == nil {
				found = append(found, Difference{Path: join("rules", name), Before: "makes backups", After: none})
			}
		}
	}
	return append(found, daysIn("", before, after)...)
}

func list(value any) []any {
	all, _ := value.([]any)
	return all
}

func daysIn(path string, before, after any) []Difference {
	if all := list(after); all != nil {
		if b, a, ok := keyed(list(before), all); ok {
			before, after = b, a
		}
	}
	var found []Difference
	b, _ := before.(map[string]any)
	switch a := after.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(a)) {
			at := join(path, key)
			// Moving to a cheaper class of storage deletes nothing.
			counts := path != "" && !strings.Contains(path, "ransition")
			if counts && (slices.Contains(kept, key) && sooner(b[key], a[key]) || slices.Contains(locked, key) && fewer(b[key], a[key])) {
				found = append(found, Difference{Path: at, Before: brief(b[key]), After: brief(a[key])})
				continue
			}
			found = append(found, daysIn(at, b[key], a[key])...)
		}
	case []any:
		was := list(before)
		for i, element := range a {
			var old any
			if i < len(was) {
				old = was[i]
			}
			found = append(found, daysIn(index(path, i), old, element)...)
		}
	}
	return found
}
