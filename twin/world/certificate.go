package world

import (
	"sort"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeCertificate = "aws:acm/certificate:Certificate"
	typeValidation  = "aws:acm/certificateValidation:CertificateValidation"
)

var certificateKinds = map[string]*kind{
	typeCertificate: {
		id: func(c *Call, o *Object) string {
			return c.expand("arn:{partition}:acm:{region}:{account}:certificate/", o) + c.uuid("certificate")
		},
		arn: "{id}", create: []rule{certificateNames}, fill: fillCertificate,
		remove: []rule{unused("ResourceInUseException", "Certificate %s is in use.",
			use{typeListener, "certificateArn"}, use{typeListenerCert, "certificateArn"})},
	},
	typeValidation: {
		id: func(c *Call, _ *Object) string { return c.Now.Format("2006-01-02 15:04:05 +0000 UTC") + " " + c.hex(8) },
		create: []rule{
			refers("certificateArn", "ResourceNotFoundException", "Could not find certificate %s.", typeCertificate),
			validationRecords, issueCertificate,
		},
	},
}

// certificateNames: names are host names, a wildcard only as the first label (ACM user guide, "Certificate characteristics").
func certificateNames(_ *Call, o *Object) error {
	for _, name := range append([]string{o.Text("domainName")}, o.Texts("subjectAlternativeNames")...) {
		rest := strings.TrimPrefix(name, "*.")
		if name != "" && (strings.Contains(rest, "*") || !strings.Contains(rest, ".") || strings.HasSuffix(rest, ".") || len(rest) > 253) {
			return fault("InvalidDomainValidationOptionsException", "The domain name '%s' is not valid", name)
		}
	}
	if len(o.Text("domainName")) > 64 {
		return fault("ValidationException", "The first domain name can have 64 characters: '%s'", o.Text("domainName"))
	}
	return nil
}

func fillCertificate(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"keyAlgorithm": "RSA_2048", "renewalEligibility": "INELIGIBLE", "pendingRenewal": false, "renewalSummaries": []any{},
		"validationEmails": []any{}, "notBefore": "", "notAfter": "", "options": value.Map{"certificateTransparencyLoggingPreference": "ENABLED"}})
	if o.Outputs["privateKey"] != nil {
		setDefaults(o, value.Map{"type": "IMPORTED", "status": "ISSUED", "validationMethod": "NONE", "domainValidationOptions": []any{}, "subjectAlternativeNames": []any{}})
		return
	}
	setDefaults(o, value.Map{"type": "AMAZON_ISSUED", "status": "PENDING_VALIDATION", "validationMethod": "DNS"})
	if old != nil {
		return
	}
	names := map[string]bool{o.Text("domainName"): true}
	for _, n := range o.Texts("subjectAlternativeNames") {
		names[n] = true
	}
	sorted := make([]string, 0, len(names))
	for n := range names {
		sorted = append(sorted, n)
	}
	sort.Strings(sorted)
	o.Outputs["subjectAlternativeNames"] = list(sorted)
	var options []any
	for _, n := range sorted {
		options = append(options, c.validationOption(n))
	}
	o.Outputs["domainValidationOptions"] = options
	if o.Text("validationMethod") != "DNS" {
		o.Outputs["domainValidationOptions"] = []any{}
	}
}

// validationOption: a domain has one record per account, which its wildcard shares (ACM user guide,
// "DNS validation").
func (c *Call) validationOption(name string) value.Map {
	base := strings.ToLower(strings.TrimPrefix(name, "*."))
	return value.Map{
		"domainName":          name,
		"resourceRecordName":  "_" + c.hexFor("acm name "+base, 32) + "." + base + ".",
		"resourceRecordType":  "CNAME",
		"resourceRecordValue": "_" + c.hexFor("acm value "+base, 32) + "." + c.hexFor("acm zone "+base, 10) + ".acm-validations.aws.",
	}
}

// validationRecords: a certificate is issued once each of its records can be resolved.
func validationRecords(c *Call, o *Object) error {
	certificate := c.find(typeCertificate, o.Text("certificateArn"))
	given := map[string]bool{}
	for _, fqdn := range o.Texts("validationRecordFqdns") {
		given[strings.ToLower(strings.TrimSuffix(fqdn, "."))] = true
	}
	var missing []string
	for _, option := range certificate.Objects("domainValidationOptions") {
		name, _ := option["resourceRecordName"].(string)
		want, _ := option["resourceRecordValue"].(string)
		host := strings.TrimSuffix(name, ".")
		if len(given) > 0 && !given[host] {
			missing = append(missing, host+" (not in validationRecordFqdns)")
			continue
		}
		if !c.resolves(host, "CNAME", want) {
			missing = append(missing, host+" CNAME "+want)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return fault("PendingValidation", "timeout while waiting for state to become 'ISSUED' (last state: 'PENDING_VALIDATION'): the twin's DNS has no record %s",
			strings.Join(missing, ", "))
	}
	return nil
}

func issueCertificate(c *Call, o *Object) error {
	certificate := c.find(typeCertificate, o.Text("certificateArn")).copy()
	if certificate.Text("status") != "ISSUED" {
		certificate.Outputs["status"] = "ISSUED"
		certificate.Outputs["notBefore"] = c.Now.Truncate(24 * time.Hour).Format(time.RFC3339)
		certificate.Outputs["notAfter"] = c.Now.Truncate(24*time.Hour).AddDate(0, 13, 0).Format(time.RFC3339)
		c.Put(certificate)
	}
	return nil
}

// resolves asks the zones that the twin hosts: public ones in Route 53, and Cloudflare's.
func (c *Call) resolves(host, typ, want string) bool {
	same := func(a, b string) bool {
		return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
	}
	found := false
	c.each(typeRecord, func(r *Object) bool {
		zone := c.find(typeZone, r.Text("zoneId"))
		if zone != nil && len(zone.Objects("vpcs")) == 0 && r.Text("type") == typ && same(r.Text("fqdn"), host) {
			for _, v := range r.Texts("records") {
				found = found || same(v, want)
			}
		}
		return !found
	})
	c.each(typeCloudflareRecord, func(r *Object) bool {
		if r.Text("type") == typ && same(r.Text("hostname"), host) && same(r.Text("content"), want) && !r.Flag("proxied") {
			found = true
		}
		return !found
	})
	return found
}

func (c *Call) uuid(purpose string) string {
	h := c.hex(32, purpose)
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:32]
}
