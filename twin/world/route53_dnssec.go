package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeZoneDNSSEC = "aws:route53/hostedZoneDnsSec:HostedZoneDnsSec"
	typeSigningKey = "aws:route53/keySigningKey:KeySigningKey"
)

var dnssecKinds = map[string]*kind{
	typeZoneDNSSEC: {id: byOutput("hostedZoneId"), put: true, create: []rule{
		inZone("hostedZoneId"),
		zoneHasKey,
	}},
	typeSigningKey: {
		id:    byTemplate("{hostedZoneId},{name}"),
		taken: "KeySigningKeyAlreadyExists",
		check: []rule{inZone("hostedZoneId")},
		create: []rule{
			signingKeyRegion,
			signingKeySpec,
		},
		fill:   fillSigningKey,
		remove: []rule{signingKeyUnused},
	},
}

// zoneHasKey: a signed zone has an active key-signing key (Route 53 API, EnableHostedZoneDNSSEC).
func zoneHasKey(c *Call, o *Object) error {
	if c.where(typeSigningKey, "hostedZoneId", o.Text("hostedZoneId")) == nil {
		return fault("KeySigningKeyWithActiveStatusNotFound", "The zone %s has no active key-signing key", o.Text("hostedZoneId"))
	}
	return nil
}

// signingKeyRegion: the KMS key of a key-signing key is in us-east-1 (Route 53 developer guide, "Working with
// customer managed keys for DNSSEC").
func signingKeyRegion(_ *Call, o *Object) error {
	if arn := o.Text("keyManagementServiceArn"); !strings.Contains(arn, ":us-east-1:") {
		return fault("InvalidKMSArn", "The key %s is not in us-east-1", arn)
	}
	return nil
}

// signingKeySpec: the KMS key of a key-signing key is asymmetric (Route 53 developer guide, the same page).
func signingKeySpec(c *Call, o *Object) error {
	arn := o.Text("keyManagementServiceArn")
	if key := c.any(arn, typeKey); key == nil || key.Text("customerMasterKeySpec") != "ECC_NIST_P256" {
		return fault("InvalidKMSArn", "The key %s does not exist or is not of ECC_NIST_P256", arn)
	}
	return nil
}

// signingKeyUnused: the only active key of a signed zone cannot be deactivated, which the provider does before it
// deletes one (Route 53 API, DeactivateKeySigningKey).
func signingKeyUnused(c *Call, o *Object) error {
	zone := c.find(typeZoneDNSSEC, o.Text("hostedZoneId"))
	if zone == nil || o.Text("status") != "ACTIVE" || zone.Text("signingStatus") != "SIGNING" {
		return nil
	}
	other := func(key *Object) bool { return key.ID != o.ID && key.Text("status") == "ACTIVE" }
	if first(c.having(typeSigningKey, "hostedZoneId", o.Text("hostedZoneId")), other) == nil {
		return fault("KeySigningKeyInUse",
			"The key-signing key %s is the only active one of a zone that is signed, and can't be deactivated: end %s first, or make "+
				"another key active", o.Text("name"), called(zone))
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
	for k, v := range (value.Map{"digestAlgorithmMnemonic": "SHA-256", "digestAlgorithmType": 2.0, "digestValue": digest,
		"keyTag": float64(tag), "flag": 257.0,
		"signingAlgorithmMnemonic": "ECDSAP256SHA256", "signingAlgorithmType": 13.0, "publicKey": public,
		"dsRecord": fmt.Sprintf("%d 13 2 %s", tag, digest), "dnskeyRecord": "257 3 13 " + public}) {
		o.Outputs[k] = v
	}
}
