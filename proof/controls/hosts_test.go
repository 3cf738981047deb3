package controls

import (
	"strings"
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
	own := append(strings.Fields("example.net EXAMPLE.NET. a.b.example.net https://a.example.net:8443/x *.example.net example.org "+
		"a.example.org www.example.test home.away.example.net x.home.away.example.net guestbook.example.com"),
		s.the(balancerType, edge).Outputs["dnsName"].(string))
	proved := strings.Fields("login.guestbook.example.com x.issued.example issued.example")
	theirs := strings.Fields(`* net http://* badexample.net example.net.stranger.example *example.net https://stranger.example\@example.net
		https://example.net@stranger.example a.www.example.test example.test stranger.example bucket.example theirs.elb.amazonaws.com
		away.example.net x.away.example.net pending.example imported.example x.imported.example issued.example.stranger.example`)
	for i, hosts := range [][]string{own, proved, append(theirs, "")} {
		for _, host := range hosts {
			assert.Equal(t, i == 0, v.ownHost(host, false), "%q", host)
			assert.Equal(t, i < 2, v.ownHost(host, true), "%q, by a certificate", host)
		}
	}
}
