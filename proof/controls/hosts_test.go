package controls

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// Whose a host is, in one meaning for all who ask.
func TestWhoseAHostIs(t *testing.T) {
	s := begin(t, "prod")
	s.add(zoneType, "zone", in{"name": "Example.net."})
	s.add(cfZoneType, "old", in{"zone": "example.org"})
	s.add(recordType, "www", in{"name": "www.example.test", "type": "A"})
	s.add(recordType, "delegated", in{"name": "away.example.net", "type": "NS", "records": list("ns1.stranger.example")})
	s.add(zoneType, "below", in{"name": "home.away.example.net"})
	s.add("aws:cloudwatch/logGroup:LogGroup", "group", in{"name": "stranger.example"}).Outputs["name"] = "stranger.example"
	s.add(bucketTypes[0], "bucket", in{"bucket": "bucket.example"}).Outputs["bucket"] = "bucket.example"
	away := s.add(balancerType, "theirs", in{})
	away.External, away.Outputs["dnsName"] = true, "theirs.elb.amazonaws.com"
	s.add(certificateType, "pending", in{"domainName": "pending.example"}).Outputs["status"] = "PENDING_VALIDATION"
	s.add(certificateType, "imported", in{"domainName": "imported.example", "privateKey": "x"})
	s.add(certificateType, "issued", in{"domainName": "*.issued.example"}).Outputs["status"] = "ISSUED"
	v := newView(s.graph())
	for host, own := range map[string][2]bool{ // by itself, and where a certificate counts
		"example.net": {true, true}, "EXAMPLE.NET.": {true, true}, "a.b.example.net": {true, true}, "https://a.example.net:8443/x": {true, true},
		"*.example.net": {true, true}, "example.org": {true, true}, "a.example.org": {true, true}, "www.example.test": {true, true},
		"home.away.example.net": {true, true}, "x.home.away.example.net": {true, true},
		"guestbook.example.com": {true, true}, "login.guestbook.example.com": {false, true}, "x.issued.example": {false, true},
		"issued.example": {false, true},
		"":               {}, "*": {}, "net": {}, "http://*": {}, "badexample.net": {}, "example.net.stranger.example": {},
		"*example.net": {}, "https://stranger.example\\@example.net": {}, "https://example.net@stranger.example": {},
		"a.www.example.test": {}, "example.test": {}, "stranger.example": {}, "bucket.example": {}, "theirs.elb.amazonaws.com": {},
		"away.example.net": {}, "x.away.example.net": {}, "pending.example": {}, "imported.example": {}, "x.imported.example": {},
		s.the(balancerType, edge).Outputs["dnsName"].(string): {true, true}, "issued.example.stranger.example": {},
	} {
		assert.Equal(t, own[0], v.ownHost(host, false), "%q", host)
		assert.Equal(t, own[1], v.ownHost(host, true), "%q, by a certificate", host)
	}
}
