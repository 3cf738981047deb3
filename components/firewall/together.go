package firewall

import (
	"net/netip"
	"slices"

	"github.com/causeway-iac/causeway/infra"
)

// checkRepeats finds sentences that repeat an earlier one.
func checkRepeats(problems *infra.Problems, sentences []Sentence) {
	first, named := map[string]int{}, map[string]Party{}
	for i, s := range sentences {
		for _, end := range []Peer{s.From, s.To} {
			party, ok := end.(Party)
			if other, found := named[party.Name]; ok && found && other != party {
				problems.Addf(place(i), "give one of them another name", "%s: two different parties are called %s", s, party)
			}
			named[party.Name] = party
		}
		if j, found := first[s.key()]; found {
			problems.Addf(place(i), "leave one out", "%s: sentences[%d] says the same", s, j)
			continue
		}
		first[s.key()] = i
	}
}

// checkSets finds sets of prefixes that have no effect, because all of the internet is admitted on the same port, or
// that contain an address twice: AWS refuses the second rule.
func checkSets(problems *infra.Problems, sentences []Sentence) {
	for i, s := range sentences {
		set, inward := s.From.(PrefixSet)
		if to, ok := s.To.(PrefixSet); ok {
			set = to
		} else if !inward {
			continue
		}
		for j, other := range sentences {
			far, near, ours := other.From, other.To, s.To
			if !inward {
				far, near, ours = other.To, other.From, s.From
			}
			if near.String() != ours.String() || other.Port != s.Port || other.protocol() != s.protocol() {
				continue
			}
			if far == Peer(Internet) {
				problems.Addf(place(i), "leave one out", "%s: sentences[%d] is for the whole internet, so %s restricts nothing", s, j, set)
			}
			if twin, ok := far.(PrefixSet); ok && j < i && twin.name != set.name {
				if shared, found := overlap(twin, set); found {
					problems.Addf(place(i), "leave it out of one", "%s: %s is in %s too", s, shared, twin)
				}
			}
		}
	}
	named := map[string]PrefixSet{}
	for i, s := range sentences {
		for _, end := range []Peer{s.From, s.To} {
			set, ok := end.(PrefixSet)
			if !ok {
				continue
			}
			if other, found := named[set.name]; found && !slices.Equal(other.sorted(), set.sorted()) {
				problems.Addf(place(i), "give one of them another name", "%s: two different sets are called %s", s, set)
			}
			named[set.name] = set
		}
	}
}

func overlap(a, b PrefixSet) (netip.Prefix, bool) {
	for _, x := range a.sorted() {
		for _, y := range b.sorted() {
			if x.Overlaps(y) {
				return y, true
			}
		}
	}
	return netip.Prefix{}, false
}

// checkQuota counts the rules of each group in each direction.
func checkQuota(problems *infra.Problems, sentences []Sentence, quotas infra.Quotas) {
	in, out := map[Party]int{}, map[Party]int{}
	for _, s := range sentences {
		if to, ok := s.To.(Party); ok {
			in[to] += size(s.From)
		}
		if from, ok := s.From.(Party); ok {
			out[from] += size(s.To)
		}
	}
	for _, party := range parties(sentences) {
		if count, most := max(in[party], out[party]), quotas.Of(infra.RulesPerGroup); count > most {
			problems.Addf("sentences", quotas.Raise(count, "merge prefixes into shorter ones", infra.RulesPerGroup),
				"the group of %s needs %d rules in one direction; AWS allows %d", party, count, most)
		}
		// AWS, Tagging user guide, tag naming limits.
		if ways := declared(sentences, party); len(ways) > 256 {
			problems.Addf("sentences", "merge prefixes into shorter ones, or name a prefix list",
				"the ways out of %s take %d characters of a tag, which holds 256", party, len(ways))
		}
	}
}

// size is how many rules a peer needs at the other end of a sentence.
func size(peer Peer) int {
	if set, ok := peer.(PrefixSet); ok {
		return len(set.cidrs)
	}
	return 1
}

// sorted returns the set's prefixes in order; the set must be valid.
func (s PrefixSet) sorted() (prefixes []netip.Prefix) {
	for _, cidr := range s.cidrs {
		if prefix, err := netip.ParsePrefix(cidr); err == nil {
			prefixes = append(prefixes, prefix)
		}
	}
	slices.SortFunc(prefixes, netip.Prefix.Compare)
	return prefixes
}
