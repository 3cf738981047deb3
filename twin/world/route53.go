package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeZone             = "aws:route53/zone:Zone"
	typeRecord           = "aws:route53/record:Record"
	typeHealthCheck      = "aws:route53/healthCheck:HealthCheck"
	typeZoneDNSSEC       = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
	typeSigningKey       = "aws:route53/keySigningKey:KeySigningKey"
	typeQueryLog         = "aws:route53/queryLog:QueryLog"
	typeResolverLog      = "aws:route53/resolverQueryLogConfig:ResolverQueryLogConfig"
	typePrivateNamespace = "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace"
)

var route53Kinds = map[string]*kind{
	typeZone: {
		id:  func(c *Call, _ *Object) string { return "Z0" + strings.ToUpper(c.hex(18)) },
		arn: "arn:{partition}:route53:::hostedzone/{id}", text: map[string]string{"zoneId": "{id}"},
		check:  []rule{refers("vpcs.vpcId", "InvalidVPCId", "The VPC %s does not exist", typeVPC)},
		fill:   fillZone,
		remove: []rule{zoneEmpty},
	},
	typeRecord: {
		id: recordID, taken: "InvalidChangeBatch",
		check:  []rule{refers("zoneId", "NoSuchHostedZone", "No hosted zone found with ID: %s", typeZone), recordName, recordValues},
		create: []rule{recordConflicts},
		fill:   func(_ *Call, o, _ *Object) { setDefault(o, "allowOverwrite", false) },
	},
	typeHealthCheck: {
		id: func(c *Call, _ *Object) string { return c.uuid("health") }, arn: "arn:{partition}:route53:::healthcheck/{id}",
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"failureThreshold": 3.0, "enableSni": strings.HasPrefix(o.Text("type"), "HTTPS")})
		},
		remove: []rule{unused("HealthCheckInUse", "The health check %s is in use by a record.", use{typeRecord, "healthCheckId"})},
	},
	typeZoneDNSSEC: {id: byOutput("hostedZoneId"), create: []rule{inZone("hostedZoneId"), zoneHasKey}},
	typeSigningKey: {
		id: byTemplate("{hostedZoneId},{name}"), check: []rule{inZone("hostedZoneId")}, create: []rule{signingKeyRegion},
		fill: fillSigningKey,
		remove: []rule{func(c *Call, o *Object) error {
			if c.find(typeZoneDNSSEC, o.Text("hostedZoneId")) != nil && o.Text("status") == "ACTIVE" && c.find(typeZoneDNSSEC, o.Text("hostedZoneId")).Text("signingStatus") == "SIGNING" {
				return fault("InvalidKeySigningKeyStatus", "The key %s is the only active one of a zone that is signed", o.Text("name"))
			}
			return nil
		}},
	},
	typeQueryLog: {id: func(c *Call, _ *Object) string { return c.uuid("query") }, arn: "arn:{partition}:route53:::queryloggingconfig/{id}",
		create: []rule{inZone("zoneId")}},
	typeResolverLog: {id: func(c *Call, _ *Object) string { return "rqlc-" + c.hex(17) },
		arn:  "arn:{partition}:route53resolver:{region}:{account}:resolver-query-log-config/{id}",
		text: map[string]string{"ownerId": "{account}"}, fill: func(_ *Call, o, _ *Object) { setDefault(o, "shareStatus", "NOT_SHARED") }},
	typePrivateNamespace: {id: func(c *Call, _ *Object) string { return "ns-" + c.hex(16) },
		arn: "arn:{partition}:servicediscovery:{region}:{account}:namespace/{id}", create: []rule{refers("vpc", "InvalidInput", "VPC %s does not exist", typeVPC)},
		fill: func(c *Call, o, _ *Object) { setDefault(o, "hostedZone", "Z0"+strings.ToUpper(c.hex(18, "zone"))) }},
}

func inZone(property string) rule {
	return refers(property, "NoSuchHostedZone", "No hosted zone found with ID: %s", typeZone)
}

func fillZone(c *Call, o, old *Object) {
	if old == nil && len(o.Objects("vpcs")) == 0 {
		var servers []any
		for i, tld := range []string{"com", "net", "org", "co.uk"} {
			var n int
			_, _ = fmt.Sscanf(c.hex(6, "ns", tld), "%x", &n)
			servers = append(servers, fmt.Sprintf("ns-%d.awsdns-%02d.%s", n%512+i*512, n%64, tld))
		}
		o.Outputs["nameServers"] = servers
	}
	if old == nil && len(o.Objects("vpcs")) > 0 {
		o.Outputs["nameServers"] = []any{"ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.", "ns-1024.awsdns-00.org.", "ns-1536.awsdns-00.co.uk."}
	}
	for _, vpc := range o.Objects("vpcs") {
		if vpc["vpcRegion"] == nil {
			vpc["vpcRegion"] = o.Region
		}
	}
	if servers := o.Texts("nameServers"); len(servers) > 0 {
		setDefault(o, "primaryNameServer", servers[0])
	}
}

func zoneEmpty(c *Call, o *Object) error {
	var records []*Object
	c.each(typeRecord, func(r *Object) bool {
		if r.Text("zoneId") == o.ID {
			records = append(records, r)
		}
		return true
	})
	if len(records) > 0 && !o.Flag("forceDestroy") {
		return fault("HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted: %s", records[0].ID)
	}
	for _, r := range records {
		c.Drop(r)
	}
	return nil
}

func recordID(_ *Call, o *Object) string {
	id := o.Text("zoneId") + "_" + strings.ToLower(strings.TrimSuffix(o.Text("name"), ".")) + "_" + o.Text("type")
	if set := o.Text("setIdentifier"); set != "" {
		id += "_" + set
	}
	return id
}

// recordName: a record lies in its zone; a name that does not end in the zone's is relative to it.
func recordName(c *Call, o *Object) error {
	zone := strings.TrimSuffix(c.find(typeZone, o.Text("zoneId")).Text("name"), ".")
	name := strings.ToLower(strings.TrimSuffix(o.Text("name"), "."))
	if name != zone && !strings.HasSuffix(name, "."+zone) {
		name = strings.TrimPrefix(name+"."+zone, ".")
	}
	o.Outputs["fqdn"] = name
	return nil
}

func recordValues(c *Call, o *Object) error {
	aliases := o.Objects("aliases")
	if len(aliases) == 0 && len(o.Texts("records")) == 0 {
		return fault("InvalidChangeBatch", "[RRSet with DNS name %s, type %s contains no values]", o.Text("fqdn"), o.Text("type"))
	}
	zone := c.find(typeZone, o.Text("zoneId"))
	if o.Text("type") == "CNAME" && strings.EqualFold(o.Text("fqdn"), strings.TrimSuffix(zone.Text("name"), ".")) {
		return fault("InvalidChangeBatch", "[RRSet of type CNAME with DNS name %s. is not permitted at apex in zone %s]", o.Text("fqdn"), zone.Text("name"))
	}
	return nil
}

// recordConflicts: one set of a name and type, and nothing beside a CNAME (RFC 1034, 3.6.2).
func recordConflicts(c *Call, o *Object) error {
	var err error
	c.each(typeRecord, func(other *Object) bool {
		if other.Text("zoneId") != o.Text("zoneId") || other.Text("fqdn") != o.Text("fqdn") {
			return true
		}
		sameType := other.Text("type") == o.Text("type")
		switch {
		case sameType && other.Text("setIdentifier") == o.Text("setIdentifier") && !o.Flag("allowOverwrite"):
			err = fault("InvalidChangeBatch", "[Tried to create resource record set [name='%s.', type='%s'] but it already exists]", o.Text("fqdn"), o.Text("type"))
		case sameType && other.Text("setIdentifier") == o.Text("setIdentifier"):
			c.Drop(other)
		case !sameType && (other.Text("type") == "CNAME" || o.Text("type") == "CNAME"):
			err = fault("InvalidChangeBatch", "[RRSet of type %s with DNS name %s. is not permitted because a conflicting RRSet of type %s with the same DNS name already exists in zone]",
				o.Text("type"), o.Text("fqdn"), other.Text("type"))
		}
		return err == nil
	})
	return err
}

func zoneHasKey(c *Call, o *Object) error {
	if c.where(typeSigningKey, "hostedZoneId", o.Text("hostedZoneId")) == nil {
		return fault("KeySigningKeyWithActiveStatusNotFound", "The zone %s has no active key-signing key", o.Text("hostedZoneId"))
	}
	return nil
}

// signingKeyRegion: a zone's key is an asymmetric KMS key in us-east-1 (Route 53 developer guide, "Working with customer managed keys for DNSSEC").
func signingKeyRegion(c *Call, o *Object) error {
	arn := o.Text("keyManagementServiceArn")
	if !strings.Contains(arn, ":us-east-1:") {
		return fault("InvalidKMSArn", "The key %s is not in us-east-1", arn)
	}
	if key := c.any(arn, typeKey); key == nil || key.Text("customerMasterKeySpec") != "ECC_NIST_P256" {
		return fault("InvalidKMSArn", "The key %s does not exist or is not of ECC_NIST_P256", arn)
	}
	return nil
}

func fillSigningKey(c *Call, o, old *Object) {
	if old != nil {
		return
	}
	digest := strings.ToUpper(c.hex(64, "digest"))
	var tag int
	_, _ = fmt.Sscanf(c.hex(4, "tag"), "%x", &tag)
	public := c.hex(60, "public")
	for k, v := range (value.Map{"digestAlgorithmMnemonic": "SHA-256", "digestAlgorithmType": 2.0, "digestValue": digest, "keyTag": float64(tag), "flag": 257.0,
		"signingAlgorithmMnemonic": "ECDSAP256SHA256", "signingAlgorithmType": 13.0, "publicKey": public,
		"dsRecord": fmt.Sprintf("%d 13 2 %s", tag, digest), "dnskeyRecord": "257 3 13 " + public}) {
		o.Outputs[k] = v
	}
}
