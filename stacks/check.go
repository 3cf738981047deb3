package stacks

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/causeway-iac/causeway/components/certificate"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
	"github.com/causeway-iac/causeway/infra/release"
	"github.com/causeway-iac/causeway/infra/settings"
)

var (
	namePattern = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)
	// reservedPattern matches names that load balancers, security groups and tags may not begin with.
	reservedPattern = regexp.MustCompile(`^(internal(-|$)|sg-|aws)`)
	accountPattern  = regexp.MustCompile(`^[0-9]{12}$`)
	// secretPattern is an ARN's partition, region, account and name, and the suffix that ECS allows after them.
	secretPattern = regexp.MustCompile(`^arn:([a-z-]+):secretsmanager:([a-z0-9-]+):([0-9]{12}):secret:` +
		`([A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6})(:.*)?$`)
	tagPattern = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

// Problems are everything wrong with the settings of a stack that can be found without reaching any cloud. folder is
// the project's, which releases are relative to.
func (s Settings) Problems(folder string, today time.Time) infra.Problems {
	var problems infra.Problems
	for _, check := range []func(Settings) infra.Problems{
		checkIdentity, checkDNS, checkTiers, checkWorkers, checkRoutes, checkPermissions, checkTags, checkTargets,
	} {
		problems = append(problems, check(s)...)
	}
	for _, p := range slices.Concat(checkFirewall(s), checkComponents(s, folder)) {
		if !listed(problems, p.Where) { // a wrong port is reported once
			problems = append(problems, p)
		}
	}
	problems = append(problems, s.Quotas.Validate().Under("quotas")...)
	return append(problems, checkWaivers(s, today)...)
}

func checkIdentity(s Settings) infra.Problems {
	var problems infra.Problems
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
	// RDS's authorities and the private endpoints' names are different there (AWS, RDS user guide, "Using SSL/TLS";
	// VPC guide, "AWS services that integrate with AWS PrivateLink").
	case (&infra.Platform{Region: s.Region}).Partition() != "aws":
		problems.Addf("region", "write one of the others, such as eu-west-1",
			"%s is in AWS GovCloud or China, whose certificate authorities and endpoints the platform does not support", s.Region)
	case !slices.Contains(regions, s.Region):
		problems.Addf("region", cmp.Or(settings.Near(s.Region, regions), "write one such as eu-west-1"), "%q is not an AWS region",
			s.Region)
	}
	switch {
	case s.AccountID == "":
		problems.Add("accountId", "write the twelve digits of the AWS account, in quotes: no other account can then be deployed to",
			"is missing")
	case !accountPattern.MatchString(s.AccountID):
		problems.Addf("accountId", "write its twelve digits, in quotes so that none is lost, such as \"111122223333\"",
			"%q is not an AWS account", s.AccountID)
	}
	return problems
}

// checkProfile refuses the one line that would weaken everything in prod at once, and have the stack judged as a
// weaker environment.
func checkProfile(environment, stack string) infra.Problems {
	var problems infra.Problems
	known := slices.Contains(Environments, environment)
	switch {
	case stack == "prod" && environment != "prod" && known:
		problems.Addf("environment", "leave it out, or give the stack another name",
			"the stack prod cannot have the profile %s", environment)
	case !known && stack == "prod":
		problems.Addf("environment", "leave it out: the stack prod has the profile prod", "there is no profile %q", environment)
	case !known:
		problems.Addf("environment", "write local, dev or prod, or give the stack one of these names", "there is no profile %q",
			environment)
	}
	return problems
}

func checkDNS(s Settings) infra.Problems {
	var problems infra.Problems
	longest := certificate.LongestDomain - len(Settings{}.internalHost())
	switch wrong := checkHost("domain", s.Domain); {
	case s.Domain == "":
		problems.Add("domain", "write the name that browsers open, such as guestbook.example.com", "is missing")
	case len(wrong) > 0:
		problems = append(problems, wrong...)
	case len(s.Domain) > longest:
		problems.Addf("domain", fmt.Sprintf("write one of at most %d", longest),
			"%q has %d characters: with %s before it, it cannot be the first name of a certificate, which has %d",
			s.Domain, len(s.Domain), Settings{}.internalHost(), certificate.LongestDomain)
	}
	if s.DNS.Zone != s.Domain {
		problems = append(problems, checkHost("dns.zone", s.DNS.Zone)...)
	}
	for i, name := range s.DNS.Names {
		at := fmt.Sprintf("dns.names[%d]", i)
		problems = append(problems, checkHost(at, strings.TrimPrefix(name, "*."))...)
		if len(name) > loadbalancer.LongestHost && !listed(problems, at) {
			problems.Addf(at, fmt.Sprintf("write one of at most %d", loadbalancer.LongestHost),
				"has %d characters, more than a load balancer's rule takes", len(name))
		}
		if name == s.Domain {
			problems.Addf(at, "remove it", "%q is the domain itself", name)
		}
	}
	written := append([]string{s.Domain}, s.DNS.Names...)
	of := renamed(s.dnsArgs().CheckHosts(written...), s.hostPlaces())
	for _, args := range []certificate.Args{s.certificateArgs(), s.internalCertificateArgs()} {
		of = append(of, renamed(args.Validate(), map[string]string{"alternativeNames": "dns.names"})...)
	}
	for _, p := range of {
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
		problems.Add("network.nat", "remove it, or write internet: true for web or app",
			"no tier may use the NAT gateways, which cost money")
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
		if t.Protocol == http && (name == "PORT" || name == "LISTEN_ADDRESS") {
			problems.Add("environment."+name, "remove it, or write port",
				"nginx passes requests on to port, which the process is told by this")
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
		problems = append(problems, checkSecret(s, fmt.Sprintf("secrets[%d]", i), arn)...)
	}
	return problems
}

// checkSecret checks that the tier's role can be allowed to read a secret by its ARN: one secret of the stack's
// account and region.
func checkSecret(s Settings, at, arn string) infra.Problems {
	var problems infra.Problems
	ours := "arn:aws:secretsmanager:" + s.Region + ":" + s.AccountID + ":secret:"
	match := secretPattern.FindStringSubmatch(arn)
	switch {
	case match == nil:
		problems.Addf(at, "write the whole ARN, such as "+ours+"name-AbCdEf; `aws secretsmanager describe-secret` tells it",
			"%q is not the whole ARN of one secret, with the six characters at its end", arn)
	case match[5] != "":
		problems.Addf(at, "write "+strings.TrimSuffix(arn, match[5])+", and have the program take its field",
			"%q is a field of a secret, as ECS names it", arn)
	case match[1] != "aws" || match[2] != s.Region || match[3] != s.AccountID:
		problems.Addf(at, "copy it, and write "+ours+"name-AbCdEf",
			"%q is another account's or region's than the stack's, where its role may read none", arn)
	}
	return problems
}

// checkTags checks tags against what every AWS service accepts (AWS, Tagging user guide, tag naming limits).
func checkTags(s Settings) infra.Problems {
	var problems infra.Problems
	seen := map[string]string{strings.ToLower(infra.TagName): infra.TagName}
	for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
		value, at, folded := s.Tags[key], "tags."+key, strings.ToLower(key)
		other, twice := seen[folded]
		switch {
		case strings.HasPrefix(folded, "aws:"), strings.HasPrefix(folded, "causeway:"), key == infra.TagName:
			problems.Addf(at, "choose another key", "the key %q is reserved", key)
		case twice:
			problems.Addf(at, "choose another key", "IAM takes %q and %q for one key, whatever their case", other, key)
		case key == "" || utf8.RuneCountInString(key) > 128 || !tagPattern.MatchString(key):
			problems.Addf(at, "write letters, digits, spaces and _ . : / = + - @, at most 128", "%q cannot be a tag's key", key)
		case utf8.RuneCountInString(value) > 256 || !tagPattern.MatchString(value):
			problems.Addf(at, "write letters, digits, spaces and _ . : / = + - @, at most 256", "%q cannot be a tag's value", value)
		}
		seen[folded] = key
	}
	if len(s.Tags) > mostTags {
		problems.Addf("tags", fmt.Sprintf("write at most %d: AWS takes 50, and the platform adds its own", mostTags),
			"has %d tags", len(s.Tags))
	}
	return problems
}

// mostTags leaves room for the platform's own.
const mostTags = 30

func checkHost(at, host string) infra.Problems {
	var problems infra.Problems
	what := dns.NameProblem(host)
	if what == "" && host != strings.ToLower(host) {
		what = "has capitals"
	}
	remedy := "write lower-case labels with dots between, such as guestbook.example.com"
	if meant := dns.Meant(host); meant != "" {
		remedy = "write " + meant
	}
	if strings.HasSuffix(host, ".") && strings.TrimSuffix(host, ".") != "" {
		what = "has a dot at its end"
	}
	if what != "" {
		problems.Addf(at, remedy, "%q %s", host, what)
	}
	return problems
}

// hostPlaces are the settings that each of hosts comes from.
func (s Settings) hostPlaces() map[string]string {
	places := map[string]string{"hosts[0]": "domain"}
	for i := range s.DNS.Names {
		places[fmt.Sprintf("hosts[%d]", i+1)] = fmt.Sprintf("dns.names[%d]", i)
	}
	return places
}

// checkFile checks what only the file can tell: keys that nothing reads, secrets, and keys of providers that the
// program configures itself.
func checkFile(f *settings.File) infra.Problems {
	problems := f.Unread(Project, Settings{})
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

// elsewhere says which setting to use in place of a default provider's.
var elsewhere = map[string]string{
	"aws:region":            "write causeway:region",
	"aws:allowedAccountIds": "write causeway:accountId",
	"aws:defaultTags":       "write causeway:tags",
	"aws":                   "set AWS's own variables, such as AWS_PROFILE, in the environment",
	"cloudflare":            "set CLOUDFLARE_API_TOKEN in the environment, which keeps it out of the state",
}
