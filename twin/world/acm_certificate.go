package world

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/store"
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
		arn:    "{id}",
		create: []rule{certificateNames},
		fill:   fillCertificate,
		remove: []rule{
			unused("ResourceInUseException", "Certificate %s is in use.",
				use{typeListener, "certificateArn"}, use{typeListenerCert, "certificateArn"}),
		},
	},
	typeValidation: {
		id: func(c *Call, _ *Object) string { return c.Now.Format("2006-01-02 15:04:05 +0000 UTC") + " " + c.hex(8) },
		create: []rule{
			refers("certificateArn", "ResourceNotFoundException", "Could not find certificate %s.", typeCertificate),
			validationRecords,
			validationResolves,
			validationCAA,
		},
		fill: issueCertificate,
	},
}

// certificateNames: a name is a host name, with a wildcard only as its first label (ACM user guide, "Certificate
// characteristics").
func certificateNames(_ *Call, o *Object) error {
	for _, name := range append([]string{o.Text("domainName")}, o.Texts("subjectAlternativeNames")...) {
		rest := strings.TrimPrefix(name, "*.")
		if name != "" && (strings.Contains(rest, "*") || !strings.Contains(rest, ".") || strings.HasSuffix(rest, ".") ||
			len(rest) > 253) {
			return fault("InvalidDomainValidationOptionsException",
				"The domain name '%s' is not valid: write a host name, with * as its first label or not at all", name)
		}
	}
	if len(o.Text("domainName")) > 64 {
		return fault("ValidationException", "The first domain name can have 64 characters: '%s'", o.Text("domainName"))
	}
	return nil
}

// certificateHosts are the names of a certificate, each once.
func certificateHosts(o *Object) []string {
	names := append([]string{o.Text("domainName")}, o.Texts("subjectAlternativeNames")...)
	sort.Strings(names)
	return slices.DeleteFunc(slices.Compact(names), func(n string) bool { return n == "" })
}

func fillCertificate(c *Call, o, old *Object) {
	setDefaults(o, value.Map{"keyAlgorithm": "RSA_2048", "renewalEligibility": "INELIGIBLE", "pendingRenewal": false,
		"renewalSummaries": []any{},
		"validationEmails": []any{}, "notBefore": "", "notAfter": "",
		"options": value.Map{"certificateTransparencyLoggingPreference": "ENABLED"}})
	if o.Outputs["privateKey"] != nil {
		setDefaults(o, value.Map{"type": "IMPORTED", "status": "ISSUED", "validationMethod": "NONE", "domainValidationOptions": []any{},
			"subjectAlternativeNames": []any{}})
		return
	}
	setDefaults(o, value.Map{"type": "AMAZON_ISSUED", "status": "PENDING_VALIDATION", "validationMethod": "DNS"})
	if old != nil {
		return
	}
	names := certificateHosts(o)
	o.Outputs["subjectAlternativeNames"] = list(names)
	options := []any{}
	for _, n := range names {
		options = append(options, c.validationOption(n))
	}
	if o.Text("validationMethod") != "DNS" {
		options = []any{}
	}
	o.Outputs["domainValidationOptions"] = options
}

// validationOption: a domain and its wildcard share one record per account (ACM user guide, "DNS validation").
func (c *Call) validationOption(name string) value.Map {
	base := strings.ToLower(strings.TrimPrefix(name, "*."))
	return value.Map{
		"domainName":          name,
		"resourceRecordName":  "_" + c.hexFor("acm name "+base, 32) + "." + base + ".",
		"resourceRecordType":  "CNAME",
		"resourceRecordValue": "_" + c.hexFor("acm value "+base, 32) + "." + c.hexFor("acm zone "+base, 10) + ".acm-validations.aws.",
	}
}

// validationRecords: validationRecordFqdns, if set, names all of the certificate's records (Pulumi AWS,
// acm.CertificateValidation). The provider checks this, not ACM.
func validationRecords(c *Call, o *Object) error {
	given := map[string]bool{}
	for _, fqdn := range o.Texts("validationRecordFqdns") {
		given[hostName(fqdn)] = true
	}
	if len(given) == 0 {
		return nil
	}
	certificate := c.find(typeCertificate, o.Text("certificateArn"))
	for _, name := range at(certificate.Outputs, "domainValidationOptions.resourceRecordName") {
		if !given[hostName(name)] {
			return message("MissingValidationRecord", "missing %s DNS validation record: %s; give it in validationRecordFqdns",
				certificate.ID, hostName(name))
		}
	}
	return nil
}

// validationResolves: a certificate is issued once all of its records resolve, which takes a delegated zone (ACM user
// guide, "DNS validation"). On AWS the deployment waits until the provider's timeout.
func validationResolves(c *Call, o *Object) error {
	certificate := c.find(typeCertificate, o.Text("certificateArn"))
	var missing []string
	for _, option := range certificate.Objects("domainValidationOptions") {
		name, _ := option["resourceRecordName"].(string)
		want, _ := option["resourceRecordValue"].(string)
		if why := c.unresolved(hostName(name), "CNAME", want); why != "" && !slices.Contains(missing, why) {
			missing = append(missing, why)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	sort.Strings(missing)
	return message("PendingValidation", "waiting for ACM Certificate (%s) to be issued: timeout while waiting for state to become "+
		"'ISSUED' (last state: 'PENDING_VALIDATION', timeout: %s): %s",
		certificate.ID, cmp.Or(c.Timeout, validationTimeout), strings.Join(missing, "; "))
}

// validationTimeout is how long the provider waits unless the program says otherwise.
const validationTimeout = 75 * time.Minute

// amazonAuthorities are the names in a CAA record that let ACM issue (ACM user guide, "Certification Authority
// Authorization").
var amazonAuthorities = []string{"amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"}

// validationCAA: the nearest CAA records at or above a name let Amazon issue for it, or there are none (RFC 8659).
func validationCAA(c *Call, o *Object) error {
	certificate := c.find(typeCertificate, o.Text("certificateArn"))
	for _, name := range certificateHosts(certificate) {
		if host, records := c.caaOf(hostName(strings.TrimPrefix(name, "*."))); !allowsAmazon(records, strings.HasPrefix(name, "*.")) {
			return message("CAA_ERROR", "waiting for ACM Certificate (%s) to be issued: unexpected state 'FAILED', wanted target "+
				"'ISSUED'. last error: CAA_ERROR: the CAA records of %s (%s) let Amazon not issue for %s: add one with amazon.com",
				certificate.ID, host, strings.Join(records, ", "), name)
		}
	}
	return nil
}

// caaOf climbs from a host to the nearest CAA records.
func (c *Call) caaOf(host string) (string, []string) {
	for at := host; at != ""; _, at, _ = strings.Cut(at, ".") {
		if zone := c.authority(at); zone != nil {
			if records := c.answers(zone, at, "CAA"); len(records) > 0 {
				return at, records
			}
		}
	}
	return "", nil
}

// allowsAmazon reads records such as 0 issue "amazon.com". For a wildcard, issuewild records override the others.
func allowsAmazon(records []string, wildcard bool) bool {
	tags := map[string][]string{}
	for _, record := range records {
		if parts := strings.Fields(record); len(parts) >= 3 {
			authority, _, _ := strings.Cut(strings.Trim(parts[2], `"`), ";")
			tags[parts[1]] = append(tags[parts[1]], strings.Trim(authority, `"`))
		}
	}
	named := tags["issue"]
	if wildcard && tags["issuewild"] != nil {
		named = tags["issuewild"]
	}
	return named == nil || slices.ContainsFunc(named, func(a string) bool { return slices.Contains(amazonAuthorities, a) })
}

func issueCertificate(c *Call, o, _ *Object) {
	certificate := c.find(typeCertificate, o.Text("certificateArn"))
	if certificate == nil || certificate.Text("status") == "ISSUED" {
		return
	}
	certificate = certificate.copy()
	day := c.Now.Truncate(24 * time.Hour)
	certificate.Outputs["status"] = "ISSUED"
	certificate.Outputs["notBefore"] = day.Format(time.RFC3339)
	certificate.Outputs["notAfter"] = day.AddDate(0, 13, 0).Format(time.RFC3339)
	c.Put(certificate)
}

// issueWaiting issues the pending certificates whose records resolve by now, as ACM does within minutes, whether or
// not anything waits for them.
func (w *World) issueWaiting() error {
	c := w.call(Request{})
	var changes []store.Change
	for _, certificate := range slices.Collect(c.having(typeCertificate, "status", "PENDING_VALIDATION")) {
		validation := &Object{Type: typeValidation, Outputs: value.Map{"certificateArn": certificate.ID}}
		if certificate.Text("validationMethod") != "DNS" || validationResolves(c, validation) != nil ||
			validationCAA(c, validation) != nil {
			continue
		}
		issueCertificate(c, validation, nil)
		changes = append(changes, c.recordChange(Event{Time: c.Now, Operation: "update", Type: typeCertificate, URN: certificate.URN,
			ID: certificate.ID, Answer: "ok", Caller: "acm.amazonaws.com"})...)
	}
	if len(c.pending) == 0 {
		return nil
	}
	return w.commit(c.pending, changes)
}

func (c *Call) uuid(purpose string) string { return uuid(c.hex(32, purpose)) }

// uuid writes 32 digits as a random UUID.
func uuid(h string) string {
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-a" + h[17:20] + "-" + h[20:]
}
