package controls

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/report"
)

// dulled are ways in which an alarm does not come to alarm, or too late. What does nothing to an alarm says so.
var dulled = []struct {
	path  string
	value any
	idle  []string // alarms to which it does nothing, by the end of their names
}{
	{"threshold", 1e15, []string{"healthy", "burst", "memory", "storage"}}, {"threshold", -1e15, []string{"errors", "latency",
		"rejected", "unhealthy",
		"connections", "wraparound", "cpu", "lag", "ceiling"}},
	{"statistic", "SampleCount", []string{"errors", "latency", "ceiling", "rejected"}}, {"extendedStatistic", "p1", []string{"errors",
		"ceiling"}},
	{"comparisonOperator", "other", nil}, {"datapointsToAlarm", 1441.0, nil},
	{"namespace", "AWS/EC2", []string{"errors", "ceiling"}}, {"metricName", "Mistyped", []string{"errors", "ceiling", "burst",
		"memory", "storage",
		"connections", "wraparound", "cpu", "lag", "credit"}},
	{"dimensions", in{}, []string{"errors", "ceiling"}}, {"treatMissingData", "notBreaching", []string{"errors", "latency", "rejected",
		"unhealthy",
		"burst", "memory", "storage", "connections", "wraparound", "cpu", "lag", "ceiling"}},
	{"treatMissingData", "missing", []string{"errors", "latency", "rejected", "unhealthy", "burst", "memory", "storage", "connections",
		"wraparound",
		"cpu", "lag", "ceiling"}},
	{"actionsEnabled", false, nil}, {"actionsEnabled", "false", nil},
	{"metricQueries[0].expression", "0", []string{"latency", "rejected", "healthy", "burst", "memory", "storage", "connections",
		"wraparound", "cpu", "lag"}},
	{"metricQueries[1].metric.dimensions", in{"LoadBalancer": "app/theirs/0123456789abcdef"}, []string{"latency", "rejected",
		"healthy", "burst",
		"memory", "storage", "connections", "wraparound", "cpu", "lag"}},
}

// Every alarm that the platforms have, in every way in which one is there and tells nothing.
func TestEveryAlarmThatTellsNothing(t *testing.T) {
	tried := 0
	for _, base := range []string{"prod", "aurora"} {
		v := newView(begin(t, base).graph())
		for _, r := range v.g.ByType(alarmType) {
			for _, way := range dulled {
				if slices.ContainsFunc(way.idle, func(end string) bool {
					return strings.HasSuffix(r.Name, "-"+end) || end == "healthy" && strings.HasSuffix(r.Name, "unhealthy")
				}) {
					continue
				}
				value := way.value
				if value == "other" {
					value = map[bool]string{true: "LessThanThreshold",
						false: "GreaterThanThreshold"}[strings.HasPrefix(r.String("comparisonOperator"),
						"Greater")]
				}
				changed := &edit{t: t, resources: []*graph.Resource{{URN: r.URN, Type: r.Type, Name: r.Name,
					Inputs: cloned(r.Inputs).(in), Outputs: cloned(r.Outputs).(in)}}}
				changed.set(r.Type, r.Name, way.path, value)
				o := all(isNot("actionsEnabled", false), canFire)(v, changed.resources[0])
				assert.Equal(t, report.Broken, o.verdict, "%s of %s is %v", way.path, r.Name, value)
				tried++
			}
		}
	}
	assert.Greater(t, tried, 150)
	t.Log(tried, "alarms that are there and tell nothing")
}

// What people may well have.
func TestAlarmsThatTell(t *testing.T) {
	for name, change := range map[string]func(*edit){
		"a metric of one's own": func(s *edit) {
			s.add(alarmType, "x", in{"namespace": "Orders", "metricName": "Failed", "threshold": 1e12, "statistic": "SampleCount",
				"comparisonOperator": "GreaterThanThreshold", "period": 86400, "evaluationPeriods": 1})
		},
		"math that is not known here": func(s *edit) {
			s.set(alarmType, "prod-edge-errors", "metricQueries[0].expression", "ANOMALY_DETECTION_BAND(failed, 2)")
		},
		"a share of a few": func(s *edit) {
			s.set(alarmType, "prod-edge-errors", "metricQueries[0].expression", "(failed + refused) / requests * 100")
			s.set(alarmType, "prod-edge-errors", "threshold", 99.0)
		},
		"two that must both be": func(s *edit) {
			s.set(compoundType, "prod-users-see-errors", "alarmRule",
				`ALARM("prod-edge-errors-a6c0f28") AND NOT OK(prod-edge-latency-30c22e7)`)
		},
		"more often": func(s *edit) { s.set(alarmType, "prod-database-cpu", "threshold", 10.0) },
	} {
		s := begin(t, "prod")
		change(s)
		assert.Empty(t, failingOn(s, 178), name)
	}
}

// Every type of record that leads names, mail or certificates away, under every name, in either provider.
func TestEveryRecordThatLeadsAway(t *testing.T) {
	tried, v := 0, newView(begin(t, "prod").graph())
	private := v.g.ByType(zoneType)[0].ID
	away := func(then check, kind string, inputs in) {
		o := then(v, &graph.Resource{URN: "mutant", Type: kind, Inputs: inputs})
		assert.Equal(t, report.Broken, o.verdict, "%s %v", kind, inputs)
		tried++
	}
	inside := all(noDangling, mailAndKeys, (*view).insideOut)
	for kind, content := range map[string]string{
		"CNAME": "stranger.example", "A": "203.0.113.9", "AAAA": "2001:db8::9", "NS": "ns1.stranger.example", "DNAME": "stranger.example",
		"HTTPS": "1 stranger.example.", "SVCB": "1 stranger.example.", "SRV": "1 1 443 stranger.example",
		"URI": "1 1 https://stranger.example",
		"MX":  "10 mx.stranger.example", "CAA": `0 issue "letsencrypt.org"`, "DS": "2371 13 2 00", "TXT": "v=spf1 +all",
	} {
		for _, name := range []string{"guestbook.example.com", "new.guestbook.example.com", "*.guestbook.example.com", "@",
			"internal.guestbook.example.com"} {
			for _, kindOf := range graph.CloudflareRecords {
				away(ownTarget, kindOf, in{"zoneId": "z", "name": name, "type": kind, "content": content})
			}
			away(inside, recordType, in{"zoneId": private, "name": name, "type": kind, "records": list(content)})
		}
	}
	for _, data := range []in{{"tag": "issue", "value": "letsencrypt.org"}, {"tag": "issuewild", "value": "stranger.example"},
		{"tag": "issue", "value": ";"},
		{"target": "stranger.example", "priority": 1}} {
		kind := "CAA"
		if data["target"] != nil {
			kind = "SRV"
		}
		away(ownTarget, cfRecordType, in{"zoneId": "z", "name": "guestbook.example.com", "type": kind, "data": data})
	}
	t.Log(tried, "records that lead away")
}

// What a zone may well have.
func TestRecordsThatLeadNowhereElse(t *testing.T) {
	for name, records := range map[string][]in{
		"mail that is meant": {{"type": "MX", "content": "aspmx.l.google.com", "priority": 1}, {"type": "TXT",
			"content": "v=spf1 include:_spf.google.com ~all"},
			{"type": "TXT", "name": "google._domainkey.example.com", "content": "v=DKIM1; k=rsa; p=MIGf"}},
		"no mail": {{"type": "MX", "content": ".", "priority": 0}, {"type": "TXT", "content": "v=spf1 -all"},
			{"type": "TXT", "name": "*._domainkey.example.com", "content": "v=DKIM1; p="}, {"type": "TXT",
				"name": "_dmarc.example.com", "content": "v=DMARC1; p=reject"}},
		"ACM alone": {{"type": "CAA", "data": in{"tag": "issue", "value": "amazon.com"}}, {"type": "CAA",
			"data": in{"tag": "issuewild", "value": ";"}},
			{"type": "CAA", "data": in{"tag": "iodef", "value": "mailto:security@example.com"}}},
		"a proof of something": {{"type": "TXT", "content": "google-site-verification=0"}},
	} {
		s := begin(t, "prod")
		for i, r := range records {
			r["zoneId"] = "z"
			if r["name"] == nil {
				r["name"] = "example.com"
			}
			s.add(cfRecordType, fmt.Sprint("x", i), r)
		}
		assert.Empty(t, failingOn(s, 216), name)
	}
}

// Every policy of a vault by which nothing is put into it.
func TestEveryVaultThatTakesNothing(t *testing.T) {
	role := begin(t, "prod").the(roleType, "prod-backup").String("arn")
	for _, whom := range []string{`"*"`, `{"AWS": "*"}`, `{"AWS": "` + role + `"}`, `{"AWS": ["arn:aws:iam::444455556666:root"]}`,
		`{"AWS": "444455556666"}`,
		`{"Service": "backup.amazonaws.com"}`} {
		for _, action := range []string{"backup:StartBackupJob", "backup:*", "*", "backup:CopyIntoBackupVault"} {
			s := begin(t, "prod")
			s.add(vaultPolicyType, "mutant", in{"backupVaultName": s.the(vaultType, "prod-backup").String("name"), "policy": fmt.Sprintf(
				`{"Statement": [{"Effect": "Deny", "Principal": %s, "Action": %q, "Resource": "*"}]}`, whom, action)})
			assert.NotEmpty(t, failingOn(s, 137), "%s %s", whom, action)
		}
	}
	for _, policy := range []string{
		`{"Effect": "Deny", "Principal": "*", "Action": ["backup:DeleteRecoveryPoint", "backup:PutBackupVaultAccessPolicy"], ` +
			`"Resource": "*"}`,
		`{"Effect": "Deny", "Principal": {"AWS": "arn:aws:iam::444455556666:role/somebody"}, "Action": "backup:*", "Resource": "*"}`,
		`{"Effect": "Deny", "NotPrincipal": {"AWS": "` + role +
			`", "Service": "backup.amazonaws.com"}, "Action": "backup:*", "Resource": "*"}`,
	} {
		s := begin(t, "prod")
		s.add(vaultPolicyType, "mutant", in{"backupVaultName": s.the(vaultType, "prod-backup").String("name"),
			"policy": `{"Statement": [` + policy + `]}`})
		assert.Empty(t, failingOn(s, 137), policy)
	}
}
