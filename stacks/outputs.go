package stacks

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// outputs are what a person wants to know about a platform once it exists.
func (b *builder) outputs() pulumi.Map {
	told := pulumi.Map{
		"url":            pulumi.String("https://" + b.s.Domain),
		"nameServers":    b.zone.NameServers,
		"loadBalancer":   b.edge.DNSName,
		"application":    pulumi.String("https://" + b.s.internalHost()),
		"database":       pulumi.Sprintf("%s:%d", b.database.Endpoint, b.database.Port),
		"databaseSecret": b.database.SecretARN,
		"databaseZones":  b.database.Zones.ToStringArrayOutput(),
		"natAddresses":   b.network.NATAddresses,
		"releases":       b.releases.Name,
		"webServers":     b.web.Name,
		"appServers":     b.app.Name,
		"webRelease":     pulumi.String(b.web.Release),
		"appRelease":     pulumi.String(b.app.Release),
		"dashboard":      b.monitoring.Dashboard,
	}
	if *b.s.DNS.DNSSEC {
		told["ds"] = b.zone.DS // to enter at the registrar
	}
	return told
}
