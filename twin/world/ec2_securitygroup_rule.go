package world

import (
	"fmt"
	"hash/crc32"

	"github.com/causeway-iac/causeway/twin/value"
)

// typeGroupRule is the older form of a group's rule: one resource for several peers.
const typeGroupRule = "aws:ec2/securityGroupRule:SecurityGroupRule"

var groupRuleKinds = map[string]*kind{
	typeGroupRule: {
		id: func(_ *Call, o *Object) string {
			return fmt.Sprintf("sgrule-%d", crc32.ChecksumIEEE([]byte(value.Canonical(o.Inputs))))
		},
		taken: "InvalidPermission.Duplicate",
		check: []rule{
			groupsExist("securityGroupId", "InvalidGroup.NotFound"),
			groupsExist("sourceSecurityGroupId", "InvalidGroup.NotFound"),
			refers("prefixListIds", "InvalidPrefixListID.NotFound", "The prefix list ID '%s' does not exist", typePrefixList),
			peerGiven,
			peerOnce,
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"securityGroupRuleId": "sgr-0" + c.hex(16)})
		},
	},
}

// peersOf are the peers that a rule of the older form names.
func peersOf(o *Object) map[string]bool {
	all := map[string]bool{}
	for _, property := range []string{"cidrBlocks", "ipv6CidrBlocks", "prefixListIds"} {
		for _, peer := range o.Texts(property) {
			all[peer] = true
		}
	}
	if o.Flag("self") {
		all[o.Text("securityGroupId")] = true
	}
	if id := o.Text("sourceSecurityGroupId"); id != "" {
		all[id] = true
	}
	return all
}

// peerGiven: a rule names at least one peer (EC2 API, AuthorizeSecurityGroupIngress). The provider checks this
// itself.
func peerGiven(_ *Call, o *Object) error {
	if len(peersOf(o)) == 0 {
		return message("NoPeer",
			"One of ['cidr_blocks', 'ipv6_cidr_blocks', 'self', 'source_security_group_id', 'prefix_list_ids'] must be "+
				"set to create an AWS Security Group Rule: set one of cidrBlocks, ipv6CidrBlocks, self, sourceSecurityGroupId, "+
				"prefixListIds")
	}
	return nil
}

// peerOnce: a group has no duplicate rule, whichever resource made it (EC2 API, "Error codes").
func peerOnce(c *Call, o *Object) error {
	same := []string{"securityGroupId", "type", "protocol", "fromPort", "toPort"}
	mine := peersOf(o)
	for other := range c.having(typeGroupRule, "securityGroupId", o.Text("securityGroupId")) {
		for peer := range peersOf(other) {
			if mine[peer] && other.Key != o.Key && sameIn(same, o, other) {
				return fault("InvalidPermission.Duplicate", "the specified rule already exists in group %s (by %s)",
					o.Text("securityGroupId"), called(other))
			}
		}
	}
	return nil
}
