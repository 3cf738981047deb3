package infra

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// AutoNameSuffix is the length of what Pulumi adds to a logical name to make a
// physical one: a dash and seven random hex digits.
const AutoNameSuffix = 8

// ShortName joins parts with dashes into a logical name whose physical name fits
// in limit characters. A name that is too long is cut, and ends in a hash of the
// whole so that two long names stay apart.
//
// Limits: 32 for a load balancer or target group (AWS, ELB API reference,
// CreateLoadBalancer and CreateTargetGroup), 64 for an IAM role (IAM API
// reference, CreateRole), 63 for a bucket (S3 user guide, bucket naming rules).
func ShortName(limit int, parts ...string) string {
	const hash = 5
	name := strings.Join(parts, "-")
	room := limit - AutoNameSuffix
	if len(name) <= room {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	head := strings.TrimRight(name[:room-hash-1], "-")
	return head + "-" + hex.EncodeToString(sum[:])[:hash]
}
