package controls

import (
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// claims are what records tell others of who owns the domain, and who mails in its name.
var claims = []Control{{
	Number: 241, House: true, Severity: report.Medium,
	Title: "No record proves the domain to somebody else, or lets others mail in its name",
	Types: slices.Concat([]string{recordType}, graph.CloudflareRecords), Later: true,
	Note: "whoever is shown such a proof takes its owner for the domain's: searches, mail and directories are then theirs to steer. The " +
		"platform needs none, and none is told apart from another's: who wants one waives this by its name",
	Remedy: "remove the record, or waive C241 for as long as it is needed", each: claimsNothing,
}}

func claimsNothing(v *view, r *graph.Resource) outcome {
	kind, name := strings.ToUpper(r.String("type")), strings.ToLower(r.String("name"))
	path := recordContent(r)
	if r.Type == recordType {
		path = "records"
	}
	if _, known := read(r, path); known == hidden && len(v.g.Ref(r, path)) == 0 {
		return unknown(r, path)
	}
	for _, content := range contentsOf(r) {
		if found := v.claim(kind, name, content); found != "" {
			return broken("%s", found)
		}
	}
	return holds()
}

// claim is what a record's content tells others that the platform does not, "" if it tells nothing.
func (v *view) claim(kind, name, content string) string {
	label, _, _ := strings.Cut(name, ".")
	key := strings.Contains(name, "_domainkey")
	switch {
	case kind == "TXT" && label == "_dmarc":
		return v.reports(content)
	case kind == "TXT" && key:
		if text := strings.TrimRight(strings.ReplaceAll(content, " ", ""), `";`); strings.HasSuffix(text, "p=") {
			return "" // a key that was taken back
		}
		return "whoever has its key signs mail of the domain"
	case kind == "TXT":
		if policy, isSPF := sender(content); isSPF && policy != "v=spf1 -all" {
			return "it lets others send the domain's mail: " + shortened(content)
		} else if !isSPF {
			return "it is somebody's proof that the name is theirs, or tells what nothing here needs: " + shortened(content)
		}
	case kind == "MX" && !nobody(content):
		return "it has the domain's mail go to " + content
	case slices.Contains(leading, kind):
		if (key || strings.HasPrefix(label, "_")) && !strings.HasSuffix(strings.TrimSuffix(content, "."), ".acm-validations.aws") {
			return "it leaves what " + name + " proves to " + content
		}
	case kind != "MX" && kind != "CAA" && kind != "DS":
		return "what a record of the type " + kind + " tells is not known"
	}
	return ""
}

var mailto = regexp.MustCompile(`mailto:[^@,;!\s]+@([^,;!\s"]+)`)

// reports is what is wrong with a policy about false mail (RFC 7489): that it lets it pass, or tells somebody else of it.
func (v *view) reports(content string) string {
	policy := strings.ToLower(strings.ReplaceAll(strings.Trim(content, `" `), " ", ""))
	if !strings.HasPrefix(policy, "v=dmarc1;") || !strings.Contains(policy, ";p=reject") && !strings.Contains(policy, ";p=quarantine") {
		return "it lets false mail pass: " + shortened(content)
	}
	for _, m := range mailto.FindAllStringSubmatch(policy, -1) {
		if !v.ownHost(m[1], true) {
			return "it tells " + m[1] + " who mails in the domain's name"
		}
	}
	for _, tag := range []string{";pct=", ";sp=none"} {
		if strings.Contains(policy, tag) && !strings.Contains(policy, ";pct=100") {
			return "it lets some false mail pass: " + shortened(content)
		}
	}
	return ""
}
