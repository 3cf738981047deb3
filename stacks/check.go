package stacks

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/release"
	"github.com/causeway-iac/causeway/infra/settings"
)

var (
	namePattern = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
	// reservedPattern is what load balancers, security groups and tags may not begin with.
	reservedPattern = regexp.MustCompile(`^(internal(-|$)|sg-|aws)`)
	accountPattern  = regexp.MustCompile(`^[0-9]{12}$`)
	regionPattern   = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	secretPattern   = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^\s*]+-[A-Za-z0-9]{6}$`)
	tagPattern      = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// Problems is everything wrong with the settings of a stack, found without
// reaching any cloud. Folder is the project's, which releases are relative to.
func (s Settings) Problems(folder string, today time.Time) infra.Problems {
	var problems infra.Problems
	for _, check := range []func(Settings) infra.Problems{
		checkIdentity, checkDNS, checkTiers, checkWorkers, checkFirewall, checkRoutes, checkPermissions, checkTags,
	} {
		problems = append(problems, check(s)...)
	}
	problems = append(problems, checkComponents(s, folder)...)
	return append(problems, checkWaivers(s, today)...)
}

func checkIdentity(s Settings) infra.Problems {
	var problems infra.Problems
	if !slices.Contains(Environments, s.Environment) {
		problems.Addf("environment", "write local, dev or prod, or give the stack one of these names", "there is no profile %q", s.Environment)
	}
	switch {
	case !namePattern.MatchString(s.Name):
		problems.Addf("name", "write lower-case letters, digits and dashes, such as shop-prod",
			"%q cannot begin the names of load balancers and buckets", s.Name)
	case strings.Contains(s.Name, "--"):
		problems.Addf("name", "write one dash", "%q has two dashes in a row, which a database's name cannot have", s.Name)
	case len(s.Name) > 20:
		problems.Addf("name", "write at most 20, since a load balancer's whole name has 32", "%q has %d characters", s.Name, len(s.Name))
	case reservedPattern.MatchString(s.Name):
		problems.Addf("name", "begin it with something else", "AWS reserves names that begin like %q", s.Name)
	}
	switch {
	case s.Region == "":
		problems.Add("region", "write the AWS region, such as eu-west-1", "is missing")
	// RDS's authorities and the private endpoints' names differ there (AWS, RDS user guide, "Using SSL/TLS"; VPC
	// guide, "AWS services that integrate with AWS PrivateLink").
	case (&infra.Platform{Region: s.Region}).Partition() != "aws":
		problems.Addf("region", "write one of the others, such as eu-west-1",
			"%s is in AWS GovCloud or China, whose certificate authorities and endpoints the platform does not support", s.Region)
	case !slices.Contains(regions, s.Region):
		problems.Addf("region", settings.Suggest(s.Region, slices.Clone(regions)), "%q is not an AWS region", s.Region)
	}
	switch {
	case s.AccountID == "":
		problems.Add("accountId", "write the twelve digits of the AWS account, in quotes: no other account can then be deployed to", "is missing")
	case !accountPattern.MatchString(s.AccountID):
		problems.Addf("accountId", "write its twelve digits, in quotes so that none is lost", "%q is not an AWS account", s.AccountID)
	}
	return problems
}

// checkProfile refuses the one line that would weaken everything in prod at once, and have it
// judged as what it then is.
func checkProfile(environment, stack string) infra.Problems {
	var problems infra.Problems
	if stack == "prod" && environment != "prod" && slices.Contains(Environments, environment) {
		problems.Addf("environment", "leave it out, or give the stack another name",
			"the stack prod cannot have the profile %s", environment)
	}
	return problems
}

func checkDNS(s Settings) infra.Problems {
	var problems infra.Problems
	if s.Domain == "" {
		problems.Add("domain", "write the name that browsers open, such as guestbook.example.com", "is missing")
	} else {
		problems = append(problems, checkHost("domain", s.Domain)...)
	}
	for i, name := range s.DNS.Names {
		at := fmt.Sprintf("dns.names[%d]", i)
		problems = append(problems, checkHost(at, strings.TrimPrefix(name, "*."))...)
		if name == s.Domain {
			problems.Addf(at, "remove it", "%q is the domain itself", name)
		}
	}
	for _, p := range renamed(s.dnsArgs().CheckHosts(s.hosts()...), s.hostPlaces()) {
		if !listed(problems, p.Where) {
			problems = append(problems, p)
		}
	}
	for _, p := range s.dnsArgs().Validate().Under("dns") {
		if !listed(problems, p.Where) && (p.Where != "dns.zone" || s.DNS.Zone != s.Domain) {
			problems = append(problems, p)
		}
	}
	if *s.DNS.DNSSEC && !s.DNS.Create {
		problems.Add("dns.dnssec", "remove it, or write dns.create: true", "an adopted zone is signed by whoever made it")
	}
	if *s.DNS.QueryLog && s.DNS.Provider != dns.Cloudflare && !s.DNS.Create {
		problems.Add("dns.queryLog", "remove it, or write dns.create: true", "an adopted zone is logged by whoever made it")
	}
	return problems
}

func checkTiers(s Settings) infra.Problems {
	var problems infra.Problems
	internet, sealed := false, false
	for _, t := range s.tiers() {
		problems = append(problems, t.check(s, t.party.Name).Under(t.setting)...)
		internet, sealed = internet || t.Internet, sealed || !t.Internet
	}
	if len(s.Web.Before) > 0 {
		problems.Add("web.before", "write it for app", "the web tier does not reach the database, which keeps the lock")
	}
	if s.Network.NAT == "none" && internet {
		problems.Add("network.nat", "write single or perZone, or internet: false for web and app",
			"a tier may reach the internet, but there is no NAT gateway")
	}
	if s.Network.NAT != "none" && !s.leaves() {
		problems.Add("network.nat", "remove it, or write internet: true for web or app", "no tier may use the NAT gateways, which cost money")
	}
	if sealed && !s.Network.Endpoints {
		problems.Add("network.endpoints", "write network.endpoints: true, or internet: true for web and app",
			"a tier without internet access needs them to reach AWS's own services")
	}
	return problems
}

func (t TierSettings) check(s Settings, tier string) infra.Problems {
	var problems infra.Problems
	for _, name := range slices.Sorted(maps.Keys(t.Environment)) {
		problems = append(problems, cloudinit.CheckVariable(name, string(t.Environment[name]))...)
		if slices.Contains(platformVariables, name) {
			problems.Add("environment."+name, "choose another name", "the platform sets this variable")
		}
	}
	problems = append(problems, t.checkBuckets()...)
	switch {
	case t.Protocol != https && t.Protocol != http:
		problems.Addf("protocol", "write https or http", "there is no protocol %q", t.Protocol)
	case t.Port != 0 && (t.Port < 1024 || t.Port > 65535):
		problems.Addf("port", "write 1024 to 65535, since the process is not root", "%d cannot be listened on", t.Port)
	case t.Protocol == http && (t.Port == webPort || t.Port == appPort):
		problems.Addf("port", "write another, such as 8080", "%d is where nginx speaks TLS", t.Port)
	case t.Protocol == http && t.Release == "" && t.Container == "":
		problems.Add("protocol", "leave it out, or name a release", "the guestbook speaks https")
	}
	problems = append(problems, t.checkContainer(s.Region)...)
	if t.Release == "" && t.Container == "" && len(t.Command) > 0 {
		problems.Add("command", "name the archive or folder under release", "there is no release to run it with")
	}
	if kept, _, _ := release.Kept(t.Release); kept.Tier != "" && kept.Tier != tier {
		problems.Addf("release", "write sha256:"+kept.SHA256+" once it is deployed there",
			"it is a release of %s, and servers read their own tier's alone", kept.Tier)
	}
	for i, arn := range t.Secrets {
		if !secretPattern.MatchString(arn) {
			problems.Addf(fmt.Sprintf("secrets[%d]", i),
				"write the whole ARN, such as arn:aws:secretsmanager:"+s.Region+":"+s.AccountID+":secret:name-AbCdEf",
				"%q is not the whole ARN of one secret, with the six characters at its end", arn)
		}
	}
	return problems
}

// checkTags holds tags to what every AWS service takes (AWS, Tagging user guide,
// tag naming limits).
func checkTags(s Settings) infra.Problems {
	var problems infra.Problems
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		value, at := s.Tags[key], "tags."+key
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"), strings.HasPrefix(key, "causeway:"), key == infra.TagName:
			problems.Addf(at, "choose another key", "the key %q is reserved", key)
		case len(key) > 128 || !tagPattern.MatchString(key):
			problems.Addf(at, "write letters, digits, spaces and _ . : / = + - @, at most 128", "%q cannot be a tag's key", key)
		case len(value) > 256 || !tagPattern.MatchString(value):
			problems.Addf(at, "write letters, digits, spaces and _ . : / = + - @, at most 256", "%q cannot be a tag's value", value)
		}
	}
	if len(s.Tags) > 30 {
		problems.Addf("tags", "AWS takes 50, and the platform adds its own", "must be at most 30 tags, not %d", len(s.Tags))
	}
	return problems
}

func checkHost(at, host string) infra.Problems {
	var problems infra.Problems
	what := dns.NameProblem(host)
	if what == "" && host != strings.ToLower(host) {
		what = "has capitals"
	}
	if what != "" {
		problems.Addf(at, "write lower-case labels with dots between, such as guestbook.example.com", "%q %s", host, what)
	}
	return problems
}

// hostPlaces is the setting that each of hosts comes from.
func (s Settings) hostPlaces() map[string]string {
	places := map[string]string{"hosts[0]": "domain"}
	for i := range s.DNS.Names {
		places[fmt.Sprintf("hosts[%d]", i+1)] = fmt.Sprintf("dns.names[%d]", i)
	}
	return places
}

// checkFile holds the file to what only the file can tell: keys that nothing
// reads, secrets, and keys of providers that the program configures itself.
func checkFile(f *settings.File) infra.Problems {
	problems := f.Unread(Project, settings.Names(Settings{}))
	for _, key := range f.Foreign {
		namespace, _, _ := strings.Cut(key, ":")
		remedy, ours := elsewhere[key]
		if !ours {
			remedy, ours = elsewhere[namespace]
		}
		if ours {
			problems.Add(key, remedy, "nothing reads this, since the program makes its own providers")
		}
	}
	return append(problems, f.SecretsAre()...)
}

// elsewhere is where to say what people say to a default provider.
var elsewhere = map[string]string{
	"aws:region":            "write causeway:region",
	"aws:allowedAccountIds": "write causeway:accountId",
	"aws:defaultTags":       "write causeway:tags",
	"aws":                   "set AWS's own variables, such as AWS_PROFILE, in the environment",
	"cloudflare":            "set CLOUDFLARE_API_TOKEN in the environment, which keeps it out of the state",
}
