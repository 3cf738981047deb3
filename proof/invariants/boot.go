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
	"github.com/causeway-iac/causeway/proof/userdata"
)

// boot is what one node's servers are told when they start, and as whom they act.
type boot struct {
	*platform
	r        *result
	n        *network.Node
	of       *graph.Resource // the template, or the instance
	told     userdata.Data
	roles    []*iam.Identity
	settings map[string]string // of environment files
}

// boots holds what servers are told to fetch, to read, to write and to call against what they may, and what they reach. Before
// a deployment that makes something, what they will be told, and may, is not known as a whole: its end decides.
func (p *platform) boots(r *result) {
	if slices.ContainsFunc(p.g.Resources, func(r *graph.Resource) bool { return r.Planned }) {
		return
	}
	for _, n := range p.servers() {
		b := boot{platform: p, r: r, n: n, of: cmp.Or(n.Template, n.Resource), roles: p.identitiesOf(n), settings: map[string]string{}}
		var known bool
		if b.told, known = userdata.Of(b.of); !known {
			continue
		}
		for _, line := range userdata.Lines(b.told.Text) {
			if m := setting.FindStringSubmatch(line); m != nil {
				b.settings[m[1]] = m[2]
			}
		}
		b.fetches()
		b.reads()
		b.logs()
		b.services()
		b.installs()
		b.names()
		b.shadows()
		b.calls()
		b.asksDatabase()
		b.asksNext()
		b.listens()
		b.starts()
		b.hooks()
	}
}

// hooks demands that a hook which keeps new servers waiting lets them go on.
func (b boot) hooks() {
	halts := func(r *graph.Resource, at string) bool {
		return r.String(at+"lifecycleTransition") == "autoscaling:EC2_INSTANCE_LAUNCHING" && r.String(at+"defaultResult") != "CONTINUE" &&
			r.String(at+"notificationTargetArn") == "" && !strings.Contains(b.told.Text, "complete-lifecycle-action")
	}
	found := false
	list, _ := b.n.Resource.Inputs["initialLifecycleHooks"].([]any)
	for i := range list {
		found = found || halts(b.n.Resource, fmt.Sprintf("initialLifecycleHooks[%d].", i))
	}
	for _, hook := range b.g.ByType("aws:autoscaling/lifecycleHook:LifecycleHook") {
		found = found || slices.Contains(b.g.Ref(hook, "autoscalingGroupName"), b.n.Resource) && halts(hook, "")
	}
	if found {
		b.lacks(report.High, "set defaultResult to CONTINUE, or have the server complete the action",
			"is given up while it starts, by a hook "+
				"that nobody answers")
	}
}

var setting = regexp.MustCompile(`^\s*(?:export\s+)?([A-Z][A-Z0-9_]*)=["']?([^"']*)["']?\s*$`)

func (b boot) lacks(severity report.Severity, remedy, format string, args ...any) {
	b.r.add(breach{resources: []*graph.Resource{b.n.Resource, b.of}, found: b.n.Name + " " + fmt.Sprintf(format, args...), remedy: remedy,
		severity: severity})
}

// must demands that the servers' role can do something, and that the endpoint by which they ask lets them.
func (b boot) must(severity report.Severity, service, action, on string, r *graph.Resource) {
	known := iam.Context{"aws:principalisawsservice": "false", "aws:securetransport": "true", "aws:viaawsservice": "false"}
	if b.n.VPC != nil {
		known["aws:sourcevpc"] = b.n.VPC.ID
	}
	if parts := strings.SplitN(on, ":", 6); len(parts) == 6 {
		known["aws:requestedregion"] = parts[3]
		known["aws:resourceaccount"] = parts[4]
	}
	if r != nil {
		known["aws:resourceaccount"] = strings.Join(b.iam().AccountsOf(r), "")
	}
	by, _ := b.way(service)
	if by != nil {
		known["aws:sourcevpce"] = by.ID
	}
	for _, role := range b.roles {
		q := iam.Request{Action: action, On: on, Known: known}
		b.certain(severity, b.iam().Must(role, r, q), action+" on "+on, "as "+role.Resource.Name,
			"let the role do it, within its boundary, and let no policy deny it")
		b.byEndpoint(severity, by, role, q, known)
	}
}

// byEndpoint demands that the policy of the endpoint, if there is one, lets the role ask.
func (b boot) byEndpoint(severity report.Severity, endpoint *graph.Resource, role *iam.Identity, q iam.Request, known iam.Context) {
	if endpoint == nil {
		return
	}
	q.Principals, q.Known = []string{role.ARN()}, role.Known(known)
	for _, s := range b.policiesOf(endpoint) {
		b.certain(severity, s.Admits(q), strings.TrimSuffix(q.Action+" on "+q.On, " on "), "by the endpoint "+endpoint.Name,
			"let the endpoint's policy allow it")
	}
}

func (b boot) certain(severity report.Severity, c iam.Certainty, what, how, remedy string) {
	switch c {
	case iam.Refused:
		b.lacks(severity, remedy, "needs %s, and cannot do it %s", what, how)
	case iam.Unsure:
		b.lacks(severity, remedy, "needs %s, and it is not known that it can do it %s", what, how)
		b.r.breaches[len(b.r.breaches)-1].undecided = true
	}
}

// policiesOf are an endpoint's, none where AWS's own lets everything through.
func (b boot) policiesOf(endpoint *graph.Resource) []iam.Source {
	var all []iam.Source
	for _, p := range append(b.g.ByType("aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy"), endpoint) {
		if p != endpoint && !slices.Contains(b.g.Ref(p, "vpcEndpointId"), endpoint) {
			continue
		}
		if s := iam.SourceAt(p, "policy"); s.Err != iam.ErrAbsent {
			all = append(all, s)
		}
	}
	return all
}

// way is the endpoint by which the servers reach a service of AWS, nil where they reach it by the internet; why they
// do not, "" if they do.
func (b boot) way(service string) (endpoint *graph.Resource, why string) {
	https := network.TCP(443)
	for _, to := range b.w.OfKind(network.Endpoint, network.Service) {
		name := to.Resource.String("serviceName")
		region := iam.Region(b.of.String("arn"))
		if to.VPC != b.n.VPC || !strings.HasSuffix(name, "."+service) || !strings.Contains(name, region) {
			continue
		}
		private, known := to.Resource.Bool("privateDnsEnabled")
		gateway := to.Kind == network.Service
		switch open := b.w.Edge(network.Must, b.n, to); {
		case gateway && !open.Overlaps(https), !gateway && !(private && known):
			continue // its names lead to the internet
		case !open.Overlaps(https):
			return to.Resource, cmp.Or(b.w.Stopped(network.Must, b.n, to), "nothing gets to "+to.Name+" by 443")
		}
		return to.Resource, ""
	}
	if b.w.Edge(network.Must, b.n, b.w.Internet).Overlaps(https) {
		return nil, ""
	}
	return nil, "there is no endpoint for it that they reach, and no way to the internet by 443"
}

// served are the services without which a server does not start, or nobody can look after it.
var served = map[string]report.Severity{"s3": report.High, "secretsmanager": report.High, "logs": report.Medium, "ssm": report.Medium,
	"ssmmessages": report.Medium}

// asksOf is what an agent asks of a service all the time.
var asksOf = map[string][]string{"ssm": {"ssm:UpdateInstanceInformation"}, "ssmmessages": {"ssmmessages:OpenControlChannel"}}

// services demands a way to each service that the role is for.
func (b boot) services() {
	for service, severity := range served {
		if !slices.ContainsFunc(b.roles, func(i *iam.Identity) bool { return i.Uses(service) }) {
			continue
		}
		endpoint, why := b.way(service)
		for _, action := range asksOf[service] {
			for _, role := range b.roles {
				b.byEndpoint(severity, endpoint, role, iam.Request{Action: action, On: ""}, iam.Context{"aws:securetransport": "true"})
			}
		}
		if why != "" {
			b.lacks(severity, "add an endpoint for "+service+" that its group, its routes and the endpoint's let it reach, or a way out",
				"is to use %s, and does not reach it for sure: %s", service, why)
		}
	}
}

var packages = regexp.MustCompile(`\b(?:dnf|yum)\b[^\n]*\binstall\b`)

// installs demands that the packages of Amazon Linux get through the endpoint for S3, where that is the way to them: they are fetched
// by nobody (AWS, AL2023 user guide, "AL2023 repositories").
func (b boot) installs() {
	endpoint, why := b.way("s3")
	region := iam.Region(b.of.String("arn"))
	if endpoint == nil || why != "" || region == "" || !packages.MatchString(b.told.Text) || !strings.Contains(b.of.String("imageId"),
		"al2023") {
		return
	}
	q := iam.Request{Action: "s3:GetObject", On: "arn:aws:s3:::al2023-repos-" + region + "-de612dc2/*",
		Known: iam.Context{"aws:principalaccount": "anonymous", "aws:sourcevpce": endpoint.ID}}
	for _, s := range b.policiesOf(endpoint) {
		b.certain(report.Medium, s.Admits(q), "the packages of Amazon Linux, "+q.On, "by the endpoint "+endpoint.Name,
			"let the endpoint's policy allow s3:GetObject on it")
	}
}

// shadows finds private zones that are asked for names of AWS which they do not have.
func (b boot) shadows() {
	hosts := ofRDS.FindAllString(b.told.Text, -1)
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

// names demands that what the program makes the user data of is named there.
func (b boot) names() {
	for _, urn := range b.of.PropertyDependencies["userData"] {
		source := b.g.ByURN(urn)
		if source == nil || source.Type != "aws:s3/bucketV2:BucketV2" && source.Type != "aws:cloudwatch/logGroup:LogGroup" {
			continue
		}
		if strings.HasPrefix(source.Type, "aws:s3/") && strings.Contains(b.told.Text, "docker pull") {
			continue // an image, in place of a release
		}
		if name := cmp.Or(source.String("bucket"), source.String("name")); name != "" && !strings.Contains(b.told.Text, name) {
			b.lacks(report.High, "pass its own output on", "is told what comes of %s, and not its name %s", source.Name, name)
		}
	}
}

var object = regexp.MustCompile(`s3://([a-z0-9][a-z0-9.-]+)/([^\s'"$]+)`)

// fetches demands that what servers fetch from buckets of the stack is there, and that they can.
func (b boot) fetches() {
	for _, m := range object.FindAllStringSubmatch(b.told.Text, -1) {
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
			if source, _ := object.Get("source"); sum.MatchString(hash) {
				if file, is := source.(graph.Asset); is && sum.MatchString(file.Hash) && file.Hash != hash {
					b.lacks(report.High, "upload what the key is the hash of", "refuses %s: what is uploaded has the hash %s", m[0],
						file.Hash)
				}
			}
		}
	}
	for _, m := range digest.FindAllStringSubmatch(b.told.Text, -1) {
		if named := strings.Contains(b.told.Text, "/"+m[1]); !named && strings.Contains(b.told.Text, "s3://") {
			b.lacks(report.High, "name the hash of what is fetched", "refuses whatever is not %s, which it does not fetch", m[1])
		}
	}
}

var sum = regexp.MustCompile(`^[0-9a-f]{64}$`)

var digest = regexp.MustCompile(`(?m)^\s*sha256=["']?([0-9a-f]{64})\b`)

// stays demands that nothing deletes what servers fetch, or has them pay for it, while they still start.
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

// object is what the stack uploads under the key; some says that it uploads anything beside it. What is not uploaded may have
// been there before.
func (b boot) object(bucket *graph.Resource, key string) (found *graph.Resource, some bool) {
	for _, o := range b.g.ByType(objects...) {
		if slices.Contains(b.g.Ref(o, "bucket"), bucket) {
			some = some || folder(o.String("key")) == folder(key)
			if strings.TrimPrefix(o.String("key"), "/") == key {
				return o, true
			}
		}
	}
	return nil, some
}

var keyTypes = []string{"aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"}

// keyOf is the key of the stack that an object is encrypted with, nil if there is none.
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

// decrypts demands that the role can use the keys by a service, which asks KMS for it.
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

// reads demands that servers can read the secrets that they are told of.
func (b boot) reads() {
	for _, arn := range unique(secretARN.FindAllString(b.told.Text, -1)) {
		var secret *graph.Resource
		var keys []*graph.Resource
		for _, s := range b.g.ByType("aws:secretsmanager/secret:Secret") {
			if s.String("arn") == arn {
				secret, keys = s, b.g.Ref(s, "kmsKeyId", keyTypes...)
			}
		}
		managed := strings.Contains(arn, ":secret:rds!")
		for _, n := range b.w.OfKind(network.Database) {
			if all, _ := b.secretsOf(n.Resource); slices.ContainsFunc(all, func(k keeper) bool { return k.arn == arn }) {
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

// logs demands that servers can write to the log groups that they are told of.
func (b boot) logs() {
	for _, name := range unique(submatches(logGroup, b.told.Text)) {
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

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

func submatches(e *regexp.Regexp, text string) (all []string) {
	for _, m := range e.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

// ports are those of schemes where none is written.
var ports = map[string]network.Port{"http": 80, "https": 443, "ws": 80, "wss": 443, "postgres": 5432, "postgresql": 5432, "mysql": 3306,
	"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671, "smtp": 25, "smtps": 465}

// calls demands that servers reach what they are told of in URLs.
func (b boot) calls() {
	for _, a := range userdata.Addresses(strings.Join(userdata.Lines(b.told.Text), "\n")) {
		port := ports[a.Scheme]
		if n, err := parsePort(a.Port); err == nil {
			port = n
		}
		if port == 0 || !strings.Contains(a.Host, ".") || strings.HasPrefix(a.Host, "127.") || strings.HasPrefix(a.Host, "169.254.") ||
			strings.HasSuffix(a.Host, ".amazonaws.com") {
			continue
		}
		what := a.Scheme + "://" + a.Host
		nodes, own := b.at(a.Host)
		switch {
		case len(nodes) > 0:
			for _, to := range nodes {
				if !b.w.Edge(network.Must, b.n, to).Overlaps(network.TCP(port)) {
					b.lacks(report.High, "name the port that "+to.Name+" listens on, and open the way to it",
						"is told to call %s, and does not reach %s by %d for sure", what, to.Name, port)
				}
			}
		case own:
			b.lacks(report.High, "write a record of the name, or one that there is",
				"is told to call %s, a name of the stack that no record has", what)
		case !b.w.Edge(network.Must, b.n, b.w.Internet).Overlaps(network.TCP(port)):
			b.lacks(report.High, "declare a way out to it, or name what is in the stack",
				"is told to call %s, which is not in the stack, and has no way out by %d for sure", what, port)
		}
	}
}

// at are the nodes that a name leads to; own says that the name is in a private zone of the stack.
func (b boot) at(host string) (nodes []*network.Node, own bool) {
	add := func(resources []*graph.Resource) {
		for _, r := range resources {
			if n := b.w.Of(r); n != nil && n.VPC == b.n.VPC && !slices.Contains(nodes, n) {
				nodes = append(nodes, n)
			}
		}
	}
	add(b.g.ByIdentity(host))
	for _, record := range b.records() {
		if dotless(recordName(record)) == host {
			add(b.pointsAt(record))
			own = own || len(nodes) > 0
		}
	}
	for _, zone := range b.g.ByType("aws:route53/zone:Zone") {
		_, private := zone.Inputs["vpcs"].([]any)
		own = own || private && strings.HasSuffix("."+host, "."+dotless(zone.String("name")))
	}
	return nodes, own
}

func parsePort(text string) (network.Port, error) {
	var n int
	_, err := fmt.Sscanf(text, "%d", &n)
	return network.Port(n), err
}

// endpoints are the addresses by which programs know a database.
func endpoints(db *graph.Resource) []string {
	var all []string
	for _, key := range []string{"address", "endpoint", "readerEndpoint"} {
		if host, _, _ := strings.Cut(db.String(key), ":"); host != "" {
			all = append(all, host)
		}
	}
	return all
}

var ofRDS = regexp.MustCompile(`\b[a-z0-9-]+(?:\.[a-z0-9-]+){2,3}\.rds\.amazonaws\.com\b`)

// asksDatabase demands that servers which are told of the database are told its own address and port.
func (b boot) asksDatabase() {
	var hosts []string
	for _, n := range b.tiers[database] {
		own := endpoints(n.Resource)
		for _, member := range b.g.ByType("aws:rds/clusterInstance:ClusterInstance") {
			if slices.Contains(b.g.Ref(member, "clusterIdentifier"), n.Resource) {
				own = append(own, endpoints(member)...)
			}
		}
		for _, record := range b.records() {
			if slices.Contains(b.pointsAt(record), n.Resource) {
				own = append(own, recordName(record))
			}
		}
		hosts = append(hosts, own...)
		secrets, _ := b.secretsOf(n.Resource)
		told := slices.Contains(b.of.PropertyDependencies["userData"], n.Resource.URN) ||
			slices.ContainsFunc(secrets, func(k keeper) bool { return strings.Contains(b.told.Text, k.arn) })
		named := slices.IndexFunc(own, func(host string) bool { return strings.Contains(b.told.Text, host) })
		switch {
		case len(own) > 0 && told && named < 0 && slices.Contains(b.clients(), b.n):
			b.lacks(report.High, "pass on the database's address", "is told of %s, and not its address", n.Name)
		case named >= 0:
			b.port(n, own)
			for _, k := range secrets {
				if b.mayRead(k.arn) && !strings.Contains(b.told.Text, k.arn) && strings.Contains(b.told.Text, "EnvironmentFile=") {
					b.lacks(report.High, "pass on the secret's ARN", "may read the password of %s, and is not told its secret", n.Name)
				}
			}
		}
	}
	for _, host := range unique(ofRDS.FindAllString(b.told.Text, -1)) {
		if !slices.Contains(hosts, host) && len(hosts) > 0 {
			b.lacks(report.High, "pass on the address of the stack's own database",
				"is told of the database %s, which is not of the stack", host)
		}
	}
}

// mayRead says that the role is for this very secret.
func (b boot) mayRead(arn string) bool {
	return slices.ContainsFunc(b.roles, func(i *iam.Identity) bool {
		return slices.ContainsFunc(i.Policies, func(p iam.Source) bool {
			return slices.ContainsFunc(p.Statements, func(s iam.Statement) bool { return s.Allow && slices.Contains(s.Resources, arn) })
		})
	})
}

// port holds a port beside the database's address: NAME_HOST and NAME_PORT.
func (b boot) port(n *network.Node, own []string) {
	for name, value := range b.settings {
		prefix, is := strings.CutSuffix(name, "_HOST")
		written, told := b.settings[prefix+"_PORT"]
		if !is || !told || !slices.Contains(own, value) {
			continue
		}
		if port, err := parsePort(written); err != nil || !n.Listens.Overlaps(network.TCP(port)) {
			b.lacks(report.High, "pass on the database's port", "is told to ask %s on port %s, and it listens on %s", n.Name, written,
				n.Listens)
		}
	}
}

// asksNext demands that servers which are configured by an environment file are told the name of the next tier, where that has one.
func (b boot) asksNext() {
	if !slices.Contains(b.tiers[web], b.n) || b.after(web) != internal || !strings.Contains(b.told.Text, "EnvironmentFile=") {
		return
	}
	var names []string
	for _, n := range b.tiers[internal] {
		for _, record := range b.recordsFor(n) {
			names = append(names, recordName(record))
		}
		names = append(names, n.Resource.String("dnsName"))
	}
	if len(names) > 1 && !slices.ContainsFunc(names, func(name string) bool { return name != "" && strings.Contains(b.told.Text, name) }) {
		b.lacks(report.High, "pass on the name of the internal load balancer", "is not told where the next tier is: %s",
			strings.Join(names, ", "))
	}
}

var listening = regexp.MustCompile(`(?m)^\s*(?:LISTEN_ADDRESS=["']?([0-9.]*):|listen\s+)(\d+)`)

// listens demands that what servers are told to listen on is what they are asked on.
func (b boot) listens() {
	var asked network.Traffic
	for _, balancer := range b.w.OfKind(network.LoadBalancer) {
		for _, t := range balancer.Targets {
			if t.To == b.n {
				asked = asked.Union(t.Requests)
			}
		}
	}
	var told []string
	for _, m := range listening.FindAllStringSubmatch(b.told.Text, -1) {
		port, _ := parsePort(m[2])
		if strings.HasPrefix(m[1], "127.") {
			told = append(told, m[2]+" of itself only")
			continue
		}
		if asked.Overlaps(network.TCP(port)) {
			return
		}
		told = append(told, m[2])
	}
	if len(told) > 0 && !asked.Empty() {
		b.lacks(report.High, "listen on the target group's port", "is told to listen on %s, and is asked on %s", strings.Join(told,
			", "), asked)
	}
}

// starts demands that each unit which is written to be started at boot is.
func (b boot) starts() {
	for _, u := range b.told.Units {
		started := slices.ContainsFunc(b.told.Commands, func(command string) bool {
			return strings.Contains(command, "systemctl") && slices.ContainsFunc(strings.Fields(command), func(word string) bool {
				word = strings.Trim(word, `"';&`)
				return word == u.Name() || word+".service" == u.Name()
			})
		})
		timer := slices.ContainsFunc(b.told.Units, func(t userdata.Unit) bool {
			return t.Name() == strings.TrimSuffix(u.Name(), ".service")+".timer"
		})
		if u.Installed && !started && !timer {
			b.lacks(report.High, "enable it by systemctl in runcmd", "is given the unit %s, and starts it nowhere", u.Name())
		}
	}
}
