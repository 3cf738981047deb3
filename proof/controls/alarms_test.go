package controls

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/graph"
)

// What is right, and looks like what is wrong: no control breaks.
func TestWhatIsRightIsNotBroken(t *testing.T) {
	for name, c := range map[string]struct {
		numbers []int
		change  func(*edit)
	}{
		"a password that a program asks for": {[]int{79}, booting("import boto3\npassword = " +
			"boto3.client('secretsmanager').get_secret_value(SecretId='db')['SecretString']\ntoken = os.environ['TOKEN']\nsecret = " +
			"getenv(\"X\")\n")},
		"a script that is named after a secret": {[]int{79},
			booting("#cloud-config\nwrite_files:\n- path: /usr/local/bin/get-secret.sh\n  content: ZWNobyBoZWxsbw==\n")},
		"an output that tells where tokens are from": {[]int{234}, telling("tokenUrl", "https://auth.example.com/oauth2/token")},
		"an output that names a secret":              {[]int{234}, telling("databaseSecretName", "prod/database")},
		"a description that is a secret": {[]int{42},
			func(s *edit) { s.set(groupType, "prod-web", "description", graph.Secret{}) }},
		"a balancer that the provider filled in": {[]int{62}, func(s *edit) {
			delete(s.the(balancerType, edge).Inputs, "enableCrossZoneLoadBalancing")
			s.the(balancerType, edge).Outputs["enableCrossZoneLoadBalancing"] = false
		}},
		"a read replica": {[]int{137, 139}, func(s *edit) {
			r := s.add(databaseType, "replica", cloned(s.the(databaseType, db).Inputs).(in))
			r.Inputs["replicateSourceDb"], r.Inputs["identifier"] = "prod-database-f2e5d92", "replica"
			r.Outputs["arn"] = "arn:aws:rds:eu-west-1:444455556666:db:replica"
		}},
		"an instance of the stack's own template": {[]int{74, 75, 76, 77, 78, 79, 80, 81, 82, 83, 84, 85, 86, 87, 94},
			func(s *edit) { ofTemplate(s, "$Latest") }},
		"an instance that says its version": {[]int{74, 77, 78, 81, 86}, func(s *edit) { ofTemplate(s, "1") }},
	} {
		s := begin(t, "prod")
		c.change(s)
		assert.Empty(t, failingOn(s, c.numbers...), name)
	}
}

// The same with what makes it wrong.
func TestWhatLooksRightIsBroken(t *testing.T) {
	for name, c := range map[string]struct {
		number int
		change func(*edit)
	}{
		"a password that looks like a call": {79, booting("password = \"get.it(now)\"\n")},
		"a short secret in a file": {79,
			booting("#cloud-config\nwrite_files:\n- encoding: b64\n  content: " +
				base64.StdEncoding.EncodeToString([]byte("DB_PASS=hunter22")) + "\n  path: /etc/app.env\n")},
		"a short secret on a line of its own": {79,
			booting("#cloud-config\nwrite_files:\n- encoding: b64\n  path: /etc/app.env\n  content: |\n    " +
				base64.StdEncoding.EncodeToString([]byte("TOKEN=abcdef")) + "\n")},
		"a short secret as binary": {79,
			booting("#cloud-config\nwrite_files:\n- content: !!binary " + base64.StdEncoding.EncodeToString([]byte("password: abcdefg")) +
				"\n")},
		"a file that is a secret": {79,
			booting("#cloud-config\nwrite_files:\n- path: /run/secrets/db_password\n  permissions: '0600'\n  content: aHVudGVyMg==\n")},
		"an output that is a token":      {234, telling("apiToken", "0123456789abcdef")},
		"an address that has a password": {234, telling("tokenUrl", "https://user:hunter22@auth.example.com/")},
		"an instance that takes back what it was given": {74,
			func(s *edit) { ofTemplate(s, "$Latest").Inputs["metadataOptions"] = in{"httpTokens": "optional"} }},
		"an instance of an older version": {74, func(s *edit) { ofTemplate(s, "7") }},
		"an instance of a bad template": {77, func(s *edit) {
			ofTemplate(s, "$Latest")
			s.set(templateType, "prod-web", "blockDeviceMappings[0].ebs.encrypted", "false")
		}},
		"an instance with an address that is attached": {76,
			func(s *edit) { s.add(eipType, "address", in{"instance": ofTemplate(s, "$Latest"), "domain": "vpc"}) }},
		"a redirect from HTTPS to HTTP": {50, func(s *edit) {
			s.set(listenerType, https, "defaultActions",
				list(in{"type": "redirect", "redirect": in{"protocol": "HTTP", "port": "80", "statusCode": "HTTP_301"}}))
		}},
		"a rule that redirects from HTTPS to HTTP": {50, func(s *edit) {
			s.add("aws:lb/listenerRule:ListenerRule", "mutant",
				in{"listenerArn": s.the(listenerType, https), "actions": list(in{"type": "redirect", "redirect": in{"protocol": "HTTP"}})})
		}},
		"a replica of nothing that is backed up": {137, func(s *edit) { s.remove(backupSelectionType, "prod-backup") }},
		"a key that the account cannot use through RDS": {147, func(s *edit) {
			key := s.the(keyType, "prod-data")
			s.set(keyType, key.Name, "policy", strings.ReplaceAll(key.Inputs["policy"].(string), "rds.eu-west-1", "rds.eu-west-2"))
		}},
		"backups for a day": {137, func(s *edit) { s.set(planType, "prod-backup", "rules[0].lifecycle.deleteAfter", 1.0) }},
		"a challenge that somebody else answers, in Cloudflare": {216, record("cloudflare:index/record:Record", "_acme-challenge.guestbook",
			"CNAME", "x.auth.acme-dns.io")},
		"a challenge that somebody else answers, by its zone": {216,
			record("cloudflare:index/dnsRecord:DnsRecord", "_acme-challenge", "NS", "ns1.somebody.net")},
		"a name by the other type": {216,
			record("cloudflare:index/dnsRecord:DnsRecord", "old", "CNAME", "old.somebody.net")},
		"a name that is not proxied, by the other type": {213,
			record("cloudflare:index/dnsRecord:DnsRecord", "old", "CNAME", "old.somebody.net")},
		"every name, by the other type": {214, record("cloudflare:index/dnsRecord:DnsRecord", "*", "TXT", "x")},
		"an internal address, by the other type": {215,
			record("cloudflare:index/dnsRecord:DnsRecord", "in", "A", "10.1.2.3")},
		"a challenge that somebody else answers, in Route 53": {191, func(s *edit) {
			s.add(recordType, "mutant", in{"name": "_acme-challenge.app", "type": "CNAME", "records": list("x.auth.acme-dns.io")})
		}},
	} {
		s := begin(t, "prod")
		c.change(s)
		assert.NotEmpty(t, failingOn(s, c.number), "C%03d: %s", c.number, name)
	}
}

func booting(text string) func(*edit) { return userData(text).change }

func telling(name string, value any) func(*edit) {
	return func(s *edit) { s.the("pulumi:pulumi:Stack", "").Outputs[name] = value }
}

func record(kind, name, of, content string) func(*edit) {
	return func(s *edit) {
		s.add(kind, "mutant", in{"zoneId": "z", "name": name, "type": of, "content": content, "proxied": false})
	}
}

// ofTemplate adds an instance that leaves everything to prod's template of web servers.
func ofTemplate(s *edit, version string) *graph.Resource {
	t := s.the(templateType, "prod-web")
	return s.add(instanceType, "single",
		in{"launchTemplate": in{"id": t.ID, "version": version}, "subnetId": s.the(subnetType, "prod-network-web-a").ID})
}
