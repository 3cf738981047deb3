package infra

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Quota is a limit that AWS raises for an account that asks.
type Quota struct {
	// Name is what settings and the twin call it; Title and Code are AWS's own, as Service Quotas lists them.
	Name, Title, Code string
	// Default is what every account has. Most is the most that AWS grants, 0 where it publishes none.
	Default, Most int
}

// The quotas that settings can reach (AWS, Service Quotas; the documents are named by twin/world).
var (
	ElasticIPs          = Quota{"elastic-ips", "EC2-VPC Elastic IPs", "ec2/L-0263D0A3", 5, 0}
	RulesPerACL         = Quota{"rules-per-acl", "Rules per network ACL", "vpc/L-2AEEBF1A", 20, 40}
	RulesPerGroup       = Quota{"rules-per-security-group", "Inbound or outbound rules per security group", "vpc/L-0EA8095F", 60, 1000}
	TargetsPerGroup     = Quota{"targets-per-target-group", "Targets per Target Group per Region", balancing + "L-A0D0B863", 1000, 0}
	TargetsPerBalancer  = Quota{"targets-per-load-balancer", "Targets per Application Load Balancer", balancing + "L-7E6692B2", 1000, 0}
	RulesPerBalancer    = Quota{"rules-per-load-balancer", "Rules per Application Load Balancer", balancing + "L-7EED9B64", 100, 0}
	NamesPerCertificate = Quota{"names-per-certificate", "Domain names per ACM certificate", "acm/L-FB94F0B0", 10, 100}

	Raisable = []Quota{ElasticIPs, RulesPerACL, RulesPerGroup, TargetsPerGroup, TargetsPerBalancer, RulesPerBalancer, NamesPerCertificate}
)

const balancing = "elasticloadbalancing/"

// Quotas are what AWS has granted the account, by the quotas' names. What is not there is the default.
type Quotas map[string]int

// Of is what the account may have: the least of these.
func (q Quotas) Of(all ...Quota) int {
	least := math.MaxInt
	for _, of := range all {
		least = min(least, max(q[of.Name], of.Default))
	}
	return least
}

// Raise is a remedy: what to write instead, or how to come to as many as are needed where AWS grants that.
func (q Quotas) Raise(needed int, instead string, all ...Quota) string {
	var asked, written []string
	for _, of := range all {
		if of.Most > 0 && needed > of.Most {
			return instead
		}
		asked = append(asked, fmt.Sprintf("%q (%s)", of.Title, of.Code))
		written = append(written, fmt.Sprintf("%s: %d", of.Name, needed))
	}
	return fmt.Sprintf("%s; or ask AWS for %d of %s, and then write quotas: {%s}", instead, needed, strings.Join(asked, " and of "),
		strings.Join(written, ", "))
}

// Validate reports what AWS does not grant. Only what is raised is written: nobody has less than the default.
func (q Quotas) Validate() Problems {
	var problems Problems
	var names []string
	known := map[string]Quota{}
	for _, of := range Raisable {
		known[of.Name] = of
		names = append(names, of.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		of, ok := known[name]
		switch {
		case !ok:
			problems.Add(name, "the quotas are "+strings.Join(names, ", "), "AWS raises no such quota, or no setting reaches it")
		case q[name] <= of.Default:
			problems.Addf(name, "remove it", "every account has %d of %q", of.Default, of.Title)
		case of.Most > 0 && q[name] > of.Most:
			problems.Addf(name, fmt.Sprintf("write at most %d", of.Most), "AWS grants nobody %d of %q", q[name], of.Title)
		}
	}
	return problems
}
