package invariants

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

// served are the services without which a server does not start, cannot be managed, or has no work, by their names in IAM.
var served = map[string]struct {
	endpoint string // its name there
	severity report.Severity
}{
	"s3": {"s3", report.High}, "secretsmanager": {"secretsmanager", report.High}, "logs": {"logs", report.Medium},
	"ssm": {"ssm", report.Medium}, "ssmmessages": {"ssmmessages", report.Medium}, "sqs": {"sqs", report.Medium},
	"sns": {"sns", report.Medium}, "events": {"events", report.Medium}, "lambda": {"lambda", report.Medium},
	"states": {"states", report.Medium}, "kinesis": {"kinesis-streams", report.Medium}, "firehose": {"kinesis-firehose", report.Medium},
}

// asksOf are the actions that an agent calls on a service all the time.
var asksOf = map[string][]string{"ssm": {"ssm:UpdateInstanceInformation"}, "ssmmessages": {"ssmmessages:OpenControlChannel"}}

// services demands a way to each service that the role may use.
func (b boot) services() {
	for service, s := range served {
		if !slices.ContainsFunc(b.roles, func(i *iam.Identity) bool { return i.Uses(service) }) {
			continue
		}
		endpoint, why := b.way(s.endpoint)
		for _, action := range asksOf[service] {
			for _, role := range b.roles {
				b.byEndpoint(s.severity, endpoint, role, iam.Request{Action: action, On: ""}, iam.Context{"aws:securetransport": "true"})
			}
		}
		if why != "" {
			b.lacks(s.severity, "add an endpoint for "+service+" that its group, its routes and the endpoint's let it reach, or a way out",
				"is to use %s, and does not reach it for sure: %s", service, why)
		}
	}
}

var packages = regexp.MustCompile(`\b(?:dnf|yum)\b[^\n]*\binstall\b`)

// installs demands that the packages of Amazon Linux get through the endpoint for S3, if that is the way to them:
// they are fetched without credentials (AWS, AL2023 user guide, "AL2023 repositories").
func (b boot) installs() {
	region := iam.Region(b.of.String("arn"))
	if region != "" && packages.MatchString(b.about("install")) && strings.Contains(b.of.String("imageId"), "al2023") {
		b.anonymously("al2023-repos-"+region+"-de612dc2", "the packages of Amazon Linux")
	}
}

// shadows finds private zones that hide AWS names because they would contain them but do not.
func (b boot) shadows() {
	hosts := ofRDS.FindAllString(b.about(".rds."), -1)
	for service := range served {
		hosts = append(hosts, service+"."+iam.Region(b.of.String("arn"))+".amazonaws.com")
	}
	for _, zone := range b.g.ByType("aws:route53/zone:Zone") {
		name := dotless(zone.String("name"))
		for _, host := range unique(hosts) {
			if list, _ := zone.Inputs["vpcs"].([]any); len(list) == 0 || name == "" || !strings.HasSuffix("."+host, "."+name) {
				continue
			}
			if !slices.ContainsFunc(b.records(), func(record *graph.Resource) bool {
				return dotless(recordName(record)) == host && slices.Contains(b.g.Ref(record, "zoneId"), zone)
			}) {
				b.lacks(report.High, "remove the private zone "+name, "asks for %s, which the private zone %s hides", host, zone.Name)
			}
		}
	}
}

// names demands that user data computed from a bucket or a log group contains its name.
func (b boot) names() {
	for _, urn := range b.of.PropertyDependencies["userData"] {
		source := b.g.ByURN(urn)
		if source == nil || source.Type != "aws:s3/bucketV2:BucketV2" && source.Type != "aws:cloudwatch/logGroup:LogGroup" {
			continue
		}
		if strings.HasPrefix(source.Type, "aws:s3/") && strings.Contains(b.told.Text, "docker pull") {
			continue // it runs an image in place of a release
		}
		if name := cmp.Or(source.String("bucket"), source.String("name")); name != "" && !strings.Contains(b.told.Text, name) {
			b.lacks(report.High, "pass its own output on", "is told what comes of %s, and not its name %s", source.Name, name)
		}
	}
}

var object = regexp.MustCompile(`s3://([a-z0-9][a-z0-9.-]+)/([^\s'"$]+)`)

// fetches demands that what servers fetch from buckets of the stack exists, and that they can fetch it.
func (b boot) fetches() {
	for _, m := range object.FindAllStringSubmatch(b.about("s3://"), -1) {
		for _, bucket := range b.g.ByIdentity(m[1]) {
			if bucket.Type != "aws:s3/bucketV2:BucketV2" && bucket.Type != "aws:s3/bucket:Bucket" {
				continue
			}
			b.must(report.High, "s3", "s3:GetObject", cmp.Or(bucket.String("arn"), "arn:aws:s3:::"+m[1])+"/"+m[2], bucket)
			object, some := b.object(bucket, m[2])
			if object == nil && some {
				b.lacks(report.High, "name the key of the object that the stack uploads",
					"fetches %s, which the stack does not upload", m[0])
			}
			b.decrypts("s3", b.keyOf(object, bucket))
			b.stays(bucket, m[2])
			hash := m[2][strings.LastIndexByte(m[2], '/')+1:]
			if sum.MatchString(hash) && !strings.Contains(strings.ReplaceAll(b.told.Text, m[0], ""), hash) {
				b.lacks(report.High, "write the hash beside it", "fetches %s by its hash, and is not told to check it", m[0])
			}
			if object == nil {
				continue
			}
			if class := object.String("storageClass"); class == "GLACIER" || class == "DEEP_ARCHIVE" {
				b.lacks(report.High, "leave out storageClass", "fetches %s, which is archived in %s and has to be restored first", m[0],
					class)
			}
			if source, _ := object.Get("source"); sum.MatchString(hash) {
				if file, is := source.(graph.Asset); is && sum.MatchString(file.Hash) && file.Hash != hash {
					b.lacks(report.High, "upload what the key is the hash of", "refuses %s: what is uploaded has the hash %s", m[0],
						file.Hash)
				}
			}
		}
	}
	for _, m := range digest.FindAllStringSubmatch(b.about("sha256"), -1) {
		if named := strings.Contains(b.told.Text, "/"+m[1]); !named && strings.Contains(b.told.Text, "s3://") {
			b.lacks(report.High, "name the hash of what is fetched", "refuses whatever is not %s, which it does not fetch", m[1])
		}
	}
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

var digest = regexp.MustCompile(`(?m)^\s*sha256=["']?([0-9a-f]{64})\b`)

// stays demands that what servers fetch is not deleted, and does not require payment, while servers still start.
func (b boot) stays(bucket *graph.Resource, key string) {
	for _, rules := range b.g.ByType(graph.PartOfBucket("LifecycleConfiguration")...) {
		list, _ := rules.Get("rules")
		all, _ := list.([]any)
		for i := range all {
			at := fmt.Sprintf("rules[%d].", i)
			days, ends := rules.Int(at + "expiration.days")
			prefix := cmp.Or(rules.String(at+"filter.prefix"), rules.String(at+"prefix"), rules.String(at+"filter.and.prefix"))
			if ends && days > 0 && rules.String(at+"status") != "Disabled" && strings.HasPrefix(key, prefix) &&
				slices.Contains(b.g.Ref(rules, "bucket"), bucket) {
				b.lacks(report.High, "leave out expiration for releases", "fetches %s, which %s deletes after %d days", key,
					rules.Name, days)
			}
		}
	}
	for _, payment := range b.g.ByType(graph.PartOfBucket("RequestPaymentConfiguration")...) {
		if payment.String("payer") == "Requester" && slices.Contains(b.g.Ref(payment, "bucket"), bucket) {
			b.lacks(report.High, "leave the payment to the bucket's owner", "fetches %s from a bucket that asks it to pay", key)
		}
	}
}

var objects = []string{"aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/bucketObject:BucketObject", "aws:s3/objectCopy:ObjectCopy"}

func folder(key string) string {
	return strings.TrimPrefix(key[:strings.LastIndexByte(key, '/')+1], "/")
}

var keyTypes = []string{"aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"}

// keyOf returns the stack's key that an object is encrypted with, nil if there is none.
func (b boot) keyOf(object, bucket *graph.Resource) []*graph.Resource {
	if object != nil && object.String("kmsKeyId") != "" {
		return b.g.Ref(object, "kmsKeyId", keyTypes...)
	}
	for _, part := range b.g.ByType(graph.PartOfBucket("ServerSideEncryptionConfiguration")...) {
		if slices.Contains(b.g.Ref(part, "bucket"), bucket) {
			return b.g.Ref(part, "rules", keyTypes...)
		}
	}
	return nil
}

// decrypts demands that the role can use the keys through a service, which calls KMS for it.
func (b boot) decrypts(service string, keys []*graph.Resource) {
	for _, key := range keys {
		arn := key.String("arn")
		account := strings.Join(b.iam().AccountsOf(key), "")
		known := iam.Context{"kms:viaservice": service + "." + iam.Region(arn) + ".amazonaws.com", "kms:calleraccount": account,
			"aws:resourceaccount": account, "aws:principalisawsservice": "false", "aws:viaawsservice": "true",
			"aws:securetransport": "true"}
		for _, role := range b.roles {
			c := b.iam().Must(role, key, iam.Request{Action: "kms:Decrypt", On: arn, Known: known})
			b.certain(report.High, c, "kms:Decrypt by "+key.Name+" for "+service, "as "+role.Resource.Name,
				"let the role do it, within its boundary, and let the key's policy leave that to the account")
		}
	}
}

var secretARN = regexp.MustCompile(`arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@!-]+`)

// reads demands that servers can read the secrets that they are told about.
func (b boot) reads() {
	for _, arn := range unique(secretARN.FindAllString(b.about(":secretsmanager:"), -1)) {
		var secret *graph.Resource
		var keys []*graph.Resource
		for _, s := range b.g.ByType("aws:secretsmanager/secret:Secret") {
			if s.String("arn") == arn {
				secret, keys = s, b.g.Ref(s, "kmsKeyId", keyTypes...)
			}
		}
		managed := strings.Contains(arn, ":secret:rds!")
		for _, n := range b.w.OfKind(network.Database) {
			if all, _ := b.secretsOf(n.Resource); slices.ContainsFunc(all, func(k keeper) bool { return iam.Matches(k.arn, arn) }) {
				managed, keys = false, b.g.Ref(n.Resource, "masterUserSecretKmsKeyId", keyTypes...)
			}
		}
		if managed {
			b.lacks(report.High, "pass on the secret of the stack's own database",
				"is told %s, the secret of a database that is not of the stack", arn)
		}
		b.must(report.High, "secretsmanager", "secretsmanager:GetSecretValue", arn, secret)
		b.decrypts("secretsmanager", keys)
	}
}

var logGroup = regexp.MustCompile(`"log_group_name":\s*"([^"{}]+)"`)

// logs demands that servers can write to the log groups that they are told about.
func (b boot) logs() {
	for _, name := range unique(submatches(logGroup, b.about("log_group_name"))) {
		on := ""
		for _, group := range b.g.ByIdentity(name) {
			if group.Type == "aws:cloudwatch/logGroup:LogGroup" {
				on = strings.TrimSuffix(group.String("arn"), ":*") + ":*"
			}
		}
		if on == "" {
			b.lacks(report.Medium, "name the log group of the stack", "writes its logs to %s, which is not in the stack", name)
			continue
		}
		b.must(report.Medium, "logs", "logs:PutLogEvents", on, nil)
	}
}
