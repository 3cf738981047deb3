package stacks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra"
)

// said is a sentence of the firewall with the setting that it comes from, "" for the picture's own.
type said struct {
	firewall.Sentence
	setting string
}

// tier is a group of servers, as the settings name it.
type tier struct {
	TierSettings
	party   firewall.Party
	setting string
	subnets network.Tier
}

// tiers are all groups of servers.
func (s Settings) tiers() []tier {
	return append([]tier{{s.Web, firewall.Web, "web", network.Web}, {s.App, firewall.App, "app", network.App}}, s.workers()...)
}

// peer is whom the sentence leads to.
func (e Egress) peer() firewall.Peer {
	switch {
	case e.To == firewall.Internet.Name:
		return firewall.Internet
	case e.inside():
		return firewall.Internal
	case strings.HasPrefix(e.To, "pl-"):
		return firewall.PrefixList(e.To)
	}
	return firewall.Range(e.To)
}

// inside reports whether it leads to the application, through its load balancer.
func (e Egress) inside() bool { return e.To == toApp }

// says returns the sentences for the tier's ways out.
func (t tier) says() []said {
	var all []said
	for i, e := range t.Egress {
		port := e.Port
		if e.inside() {
			port = cmp.Or(port, loadbalancer.HTTPSPort)
		}
		all = append(all, said{firewall.Out(t.party, e.peer(), e.Protocol, port, e.Why), fmt.Sprintf("%s.egress[%d]", t.setting, i)})
	}
	return all
}

// out are the ways out that the network's ACLs must admit. An ACL cannot name a prefix list.
func (s Settings) out() []network.Out {
	var all []network.Out
	for _, t := range s.tiers() {
		for _, e := range t.Egress {
			if e.inside() {
				continue
			}
			cidr := e.To
			if e.peer() == firewall.Internet || strings.HasPrefix(e.To, "pl-") {
				cidr = "0.0.0.0/0"
			}
			all = append(all, network.Out{Tier: t.subnets, Protocol: cmp.Or(e.Protocol, "tcp"), Port: e.Port, CIDR: cidr})
		}
	}
	return all
}

// checkNetwork reports what is wrong with the network. Problems with ways out are reported under the settings that
// ask for them.
func checkNetwork(s Settings) infra.Problems {
	places := map[string]string{}
	count := 0
	for _, t := range s.tiers() {
		for i, e := range t.Egress {
			if e.inside() {
				continue
			}
			places[fmt.Sprintf("network.out[%d]", count)] = fmt.Sprintf("%s.egress[%d]", t.setting, i)
			places["network.out"] = t.setting + ".egress"
			count++
		}
	}
	problems := s.networkArgs(s.someZones()).Validate().Under("network")
	for i, p := range problems {
		problems[i].Where = cmp.Or(places[p.Where], p.Where)
	}
	return problems
}

// leaves reports whether some tier goes out through the NAT gateways.
func (s Settings) leaves() bool {
	return slices.ContainsFunc(s.tiers(), func(t tier) bool {
		return t.Internet || slices.ContainsFunc(t.Egress, func(e Egress) bool { return !e.inside() })
	})
}

// checkEgress reports what is wrong with the tier's ways out, apart from what the firewall reports about its
// sentences.
func (t tier) checkEgress() infra.Problems {
	var problems infra.Problems
	for i, e := range t.Egress {
		at := fmt.Sprintf("%s.egress[%d]", t.setting, i)
		if e.To == "" {
			problems.Add(at+".to", "write a public CIDR such as 198.51.100.0/24, a prefix list's id, or internet", "is missing")
		}
		if e.inside() && (t.party.Tier != infra.TierWorker || e.Port != 0 && e.Port != loadbalancer.HTTPSPort || e.Protocol == "udp") {
			problems.Add(at+".to", "remove it, or have workers say it, without a port",
				"web calls app anyway, and nobody else but workers may, by HTTPS")
		}
		if len(strings.Fields(e.Why)) < 2 {
			problems.Add(at+".why", "write some words that a reviewer understands, such as mail by the provider", "is missing or too short")
		}
		// AWS, EC2 user guide, "Restriction on email sent using port 25".
		if e.Port == 25 && cmp.Or(e.Protocol, "tcp") == "tcp" {
			problems.Add(at+".port", "write 587, which mail providers take from their customers",
				"AWS lets no server send to port 25 of the internet")
		}
	}
	return problems
}

// checkFirewall reports what is wrong with the firewall's sentences, under the settings that they come from.
func checkFirewall(s Settings) infra.Problems {
	said := s.sentences(firewall.Internet)
	args := firewall.Args{Quotas: s.Quotas}
	places := map[string]string{"sentences": "app.egress"}
	var problems infra.Problems
	for _, t := range s.tiers() {
		problems = append(problems, t.checkEgress()...)
	}
	for i, one := range said {
		args.Sentences = append(args.Sentences, one.Sentence)
		places[fmt.Sprintf("sentences[%d]", i)] = one.setting
	}
	incomplete := slices.ContainsFunc(problems, func(p infra.Problem) bool {
		return strings.HasSuffix(p.Where, ".to") || strings.HasSuffix(p.Where, ".why")
	})
	for _, p := range args.Validate() {
		if at := places[p.Where]; at != "" && !incomplete {
			p.Where = at
			problems = append(problems, p)
		}
	}
	return problems
}
