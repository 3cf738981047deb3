package review

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Loss is a change that could lose data or identity: it deletes or replaces what holds it, switches a
// protection off, shortens what is kept, or shrinks what cannot grow back.
type Loss struct {
	URN  string `json:"urn"`
	Name string `json:"name"`
	Type string `json:"type"`
	// What happens, one sentence.
	What string `json:"what"`
	// Why is the property that forces it, as "path: old → new", or what else does.
	Why string `json:"why,omitempty"`
	// Protection is what stands in the way today: "" if nothing does.
	Protection string `json:"protection,omitempty"`
	// Consequence is what follows for whoever uses it: the order of old and new, and the downtime.
	Consequence string `json:"consequence"`
	// Allowed is the reason for which the stack's settings allow it, "" if they do not.
	Allowed string `json:"allowed,omitempty"`
}

// holder is a type that holds data or identity.
type holder struct {
	// holds is what is lost with it.
	holds string
	// outage is what follows while the old one is gone or the new one not in place.
	outage string
}

// holders are the types whose loss cannot be undone by deploying again.
var holders = map[string]holder{
	"aws:rds/instance:Instance":                         {"the database's data", "the application has no database until a new one is restored from a snapshot"},
	"aws:rds/cluster:Cluster":                           {"the database's data", "the application has no database until a new one is restored from a snapshot"},
	"aws:rds/globalCluster:GlobalCluster":               {"the database's data", "the application has no database until a new one is restored"},
	"aws:dynamodb/table:Table":                          {"the table's items", "whoever reads the table gets nothing"},
	"aws:efs/fileSystem:FileSystem":                     {"the files", "servers that mount it lose their files"},
	"aws:ebs/volume:Volume":                             {"the volume's data", "the server that has it attached stops working"},
	"aws:elasticache/replicationGroup:ReplicationGroup": {"what is cached", "the application begins with an empty cache"},
	"aws:s3/bucketV2:BucketV2":                          {"the objects", "links to the bucket by name stop working"},
	"aws:s3/bucket:Bucket":                              {"the objects", "links to the bucket by name stop working"},
	"aws:ecr/repository:Repository":                     {"the images", "servers that start can pull none"},
	"aws:backup/vault:Vault":                            {"the recovery points", "there is nothing to restore from"},
	"aws:cloudwatch/logGroup:LogGroup":                  {"the logs", "what was logged so far is gone"},
	"aws:secretsmanager/secret:Secret":                  {"the secret's value", "whoever reads it by its ARN is refused"},
	"aws:ssm/parameter:Parameter":                       {"the parameter's value", "whoever reads it by its name is refused"},
	"aws:kms/key:Key":                                   {"everything that the key encrypts", "what it encrypts cannot be read once the key is gone"},
	"aws:sqs/queue:Queue":                               {"the messages that wait", "senders that know the queue by its address are refused"},
	"aws:cognito/userPool:UserPool":                     {"the users' accounts", "nobody can sign in"},
	"aws:route53/zone:Zone":                             {"the zone's name servers", "no name in the zone resolves until the registrar delegates to the new name servers"},
	"cloudflare:index/zone:Zone":                        {"the zone's name servers", "no name in the zone resolves until the registrar delegates to the new name servers"},
	"aws:acm/certificate:Certificate":                   {"a certificate that is in use", "browsers are refused if the listener is left without it"},
	"aws:lb/loadBalancer:LoadBalancer":                  {"the load balancer's addresses", "names lead nowhere until DNS has changed everywhere"},
	"aws:ec2/eip:Eip":                                   {"the public address", "partners that allow this address by number refuse the new one"},
	"aws:ec2/vpc:Vpc":                                   {"the network with all in it", "everything inside is made anew"},
}

// guard is a property that protects: a change from its safe value is a loss.
type guard struct {
	path string
	// weaker says that the change from before to after is one for the worse.
	weaker func(before, after any) bool
	// what the change does, of the resource called by its name.
	what string
}

func turnedOff(before, after any) bool { return truth(before) && !truth(after) }
func turnedOn(before, after any) bool  { return !truth(before) && truth(after) }

func truth(value any) bool { return value == true || value == "true" || value == "Enabled" }

// fewer says that a number went down, or a limit was taken away.
func fewer(before, after any) bool {
	b, was := before.(float64)
	a, is := after.(float64)
	return was && is && a < b || was && b > 0 && after == nil
}

// guards are the properties, of any type, that keep data or identity from being lost.
var guards = []guard{
	{"deletionProtection", turnedOff, "loses its protection from deletion"},
	{"enableDeletionProtection", turnedOff, "loses its protection from deletion"},
	{"deletionProtectionEnabled", turnedOff, "loses its protection from deletion"},
	{"forceDestroy", turnedOn, "may be deleted with all that is in it"},
	{"forceDelete", turnedOn, "may be deleted with all that is in it"},
	{"skipFinalSnapshot", turnedOn, "would be deleted without a final snapshot"},
	{"deleteAutomatedBackups", turnedOn, "would lose its automated backups with itself"},
	{"versioningConfiguration.status", turnedOff, "no longer keeps what is overwritten or deleted"},
	{"versioning.enabled", turnedOff, "no longer keeps what is overwritten or deleted"},
	{"pointInTimeRecovery.enabled", turnedOff, "can no longer be restored to a point in time"},
	{"multiAz", turnedOff, "loses its standby in another zone"},
	{"enableKeyRotation", turnedOff, "is no longer rotated"},
	{"deletionWindowInDays", fewer, "could be deleted sooner after it was asked for"},
	{"recoveryWindowInDays", fewer, "could be deleted sooner after it was asked for"},
	{"backupRetentionPeriod", fewer, "keeps its backups for a shorter time"},
	{"retentionInDays", fewer, "keeps its logs for a shorter time: AWS deletes the older ones"},
	{"allocatedStorage", fewer, "has its disk shrunk, which AWS refuses: only a new database has a smaller one"},
	{"size", fewer, "is shrunk, which a volume cannot be"},
}

// kept are the properties, at any depth, that say for how many days something is kept.
var kept = []string{"deleteAfter", "days", "noncurrentDays", "minRetentionDays"}

// losses are the changes of a preview that could lose data or identity.
func losses(p *graph.Preview, all []Change) []Loss {
	forced := map[string]Change{}
	for _, c := range all {
		forced[c.URN] = c
	}
	var found []Loss
	for _, c := range p.Changes {
		if c.Before == nil || !c.Before.Custom {
			continue
		}
		h, holds := holders[c.Before.Type]
		switch {
		case holds && c.Action == graph.Delete:
			found = append(found, Loss{
				What: fmt.Sprintf("would be deleted, with %s", h.holds), Why: "the program no longer declares it",
				Consequence: h.outage, Protection: protection(c.Before),
			}.of(c))
		case holds && c.Action == graph.Replace:
			found = append(found, Loss{
				What: fmt.Sprintf("would be replaced: the new one is without %s", h.holds), Why: why(forced[c.URN]),
				Consequence: order(c) + h.outage, Protection: protection(c.Before),
			}.of(c))
		case c.After != nil:
			found = append(found, weakened(c)...)
		}
	}
	slices.SortStableFunc(found, func(a, b Loss) int { return strings.Compare(a.Name, b.Name) })
	return found
}

func (l Loss) of(c graph.Change) Loss {
	r := c.Before
	l.URN, l.Name, l.Type = r.URN, r.Name, r.Type
	return l
}

// order says which of the two is there first.
func order(c graph.Change) string {
	if c.DeletedFirst {
		return "the old one goes before the new one is made: "
	}
	return "the new one is made before the old one goes: "
}

// why is what forces a replacement.
func why(c Change) string {
	var reasons []string
	for _, d := range c.Differences {
		if d.Forces {
			reasons = append(reasons, d.Path+": "+d.Text())
		}
	}
	if len(reasons) == 0 && c.Caused != "" {
		return c.Caused + " is replaced"
	}
	return cmp.Or(strings.Join(reasons, "; "), "the provider does not say which property forces it")
}

// protection is what keeps a resource from being deleted, as it stands.
func protection(r *graph.Resource) string {
	var all []string
	if r.Protect {
		all = append(all, "Pulumi's protect")
	}
	for _, path := range []string{"deletionProtection", "enableDeletionProtection", "deletionProtectionEnabled"} {
		if on, _ := r.Bool(path); on {
			all = append(all, "AWS's "+path)
		}
	}
	if skips, known := r.Bool("skipFinalSnapshot"); known && !skips {
		all = append(all, "a final snapshot")
	}
	return strings.Join(all, ", ")
}

// weakened are the protections that an update takes from a resource.
func weakened(c graph.Change) []Loss {
	var found []Loss
	add := func(what, path, before, after string) {
		found = append(found, Loss{
			What: what, Why: path + ": " + before + " → " + after,
			Consequence: "nothing is lost yet: the next change or mistake could lose it", Protection: protection(c.After),
		}.of(c))
	}
	if c.Before.Protect && !c.After.Protect {
		add("loses Pulumi's protection from deletion", "protect", "true", "false")
	}
	for _, g := range guards {
		before, _ := c.Before.Get(g.path)
		after, _ := c.After.Get(g.path)
		if unknown(after) {
			continue
		}
		if g.weaker(before, after) {
			add(g.what, g.path, brief(before), brief(after))
		}
	}
	for _, d := range shortened("", c.Before.Inputs, c.After.Inputs) {
		add("keeps something for a shorter time", d.Path, d.Before, d.After)
	}
	return found
}

func unknown(value any) bool {
	switch value.(type) {
	case graph.Unknown, graph.Secret:
		return true
	}
	return false
}

// shortened finds, at any depth, numbers of days that went down.
func shortened(path string, before, after any) []Difference {
	var found []Difference
	switch b := before.(type) {
	case map[string]any:
		a, _ := after.(map[string]any)
		for key, value := range b {
			if slices.Contains(kept, key) && path != "" && fewer(value, a[key]) && a[key] != nil {
				found = append(found, Difference{Path: join(path, key), Before: brief(value), After: brief(a[key])})
				continue
			}
			found = append(found, shortened(join(path, key), value, a[key])...)
		}
	case []any:
		a, _ := after.([]any)
		for i := range min(len(a), len(b)) {
			found = append(found, shortened(fmt.Sprintf("%s[%d]", path, i), b[i], a[i])...)
		}
	}
	slices.SortFunc(found, func(x, y Difference) int { return strings.Compare(x.Path, y.Path) })
	return found
}
