package invariants_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
)

// choices are the values that one property or another can have, by what it is about.
var choices = [][]string{
	{"true", "false"}, {"on", "off"}, {"Enabled", "Disabled", "Suspended"}, {"ENABLED", "DISABLED"}, {"enabled", "disabled"},
	{"required", "optional"},
	{"HTTPS", "HTTP", "TLS", "TCP", "UDP"}, {"tcp", "udp", "icmp", "-1"}, {"allow", "deny"}, {"forward", "redirect", "fixed-response"},
	{"ELB", "EC2"},
	{"BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"}, {"aws:kms", "AES256"}, {"ALL", "ACCEPT", "REJECT"}, {"DNS", "EMAIL"},
	{"strictest", "defensive", "monitor"}, {"append", "preserve", "remove"}, {"verify", "passthrough", "off"},
	{"strict", "full", "flexible", "off"},
	{"application", "network"}, {"ipv4", "dualstack"}, {"Interface", "Gateway"}, {"REGIONAL", "CLOUDFRONT"}, {"SIGNING", "NOT_SIGNING"},
	{"SYMMETRIC_DEFAULT", "RSA_2048"}, {"ENCRYPT_DECRYPT", "SIGN_VERIFY"},
	{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-2016-08", "ELBSecurityPolicy-TLS13-1-0-2021-06"},
	{"1.2", "1.0", "1.1"}, {"cloud-watch-logs", "s3"}, {"EC_prime256v1", "RSA_1024"}, {"1", "0"}, {"IP", "CUSTOM_KEYS"}, {"Allow", "Deny"},
	{"open-source-rds-extended-support-disabled", "open-source-rds-extended-support"}, {"medium", "off", "essentially_off", "under_attack"},
}

// unheld are the choices that no check asks for, by the end of the property's name, and why.
var unheld = map[string]string{
	"bucketKeyEnabled":                             "it is a price, not a key",
	"BucketObjectv2.forceDestroy":                  "the bucket keeps versions",
	"BucketObjectv2.serverSideEncryption = AES256": "the bucket's own encryption is held, and the policy of its readers",
	"allowMajorVersionUpgrade":                     "it only lets a person ask for it",
	"applyImmediately":                             "it is when, and not what",
	"enableGlobalWriteForwarding":                  "a writer is asked for its password",
	"enableLocalWriteForwarding":                   "a writer is asked for its password",
	"ClusterInstance.copyTagsToSnapshot":           "the cluster's is held",
	"revokeRulesOnDelete":                          "it is about the end of a group",
	"Key.enableKeyRotation = true":                 "AWS refuses it of a key that signs",
	"skipDestroy":                                  "it keeps more, not less",
	"forceDelete":                                  "servers hold nothing",
	"forceDeleteWarmPool":                          "servers hold nothing",
	"ignoreFailedScalingActivities":                "it is how long a deployment waits",
	"autoRollback":                                 "it is how a deployment ends",
	"skipMatching":                                 "it is how a deployment goes",
	"protectFromScaleIn":                           "it is how many servers there are",
	"Policy.enabled":                               "it is how many servers there are",
	"disableScaleIn":                               "it is how many servers there are",
	"dedicatedLogVolume":                           "it is speed",
	"deleteOnTermination":                          "what is left of a server is encrypted",
	"httpProtocolIpv6":                             "a token is asked for all the same",
	"updateDefaultVersion":                         "groups name the version that they start",
	"Listener.mutualAuthentication.ignoreClientCertificateExpiry": "nobody is asked for a certificate where it is so",
	"Listener.protocol = TLS":                                     "AWS refuses it of an application load balancer",
	"TargetGroup.protocol = TLS":                                  "AWS refuses it of an application load balancer",
	"LoadBalancer.desyncMitigationMode = defensive":               "it is as good",
	"enableHttp2":                             "it is speed",
	"enableTlsVersionAndCipherSuiteHeaders":   "it tells servers more",
	"enableXffClientPort":                     "it tells servers more",
	"enableZonalShift":                        "it lets a person move traffic away from a zone",
	"ipAddressType":                           "AWS refuses it in subnets without IPv6, which are held",
	"returnData":                              "AWS refuses an alarm that is about none of its metrics, or about several",
	"enableContinuousBackup":                  "the database's own backups are continuous",
	"evaluateTargetHealth":                    "there is one target",
	"allowOverwrite":                          "what it writes is held",
	"Record.data.flags = 1":                   "a CA that does not understand it refuses, which is stricter",
	"Role.forceDetachPolicies":                "it is about the end of a role",
	"enableResourceNameDnsARecordOnLaunch":    "names lead to where they may go",
	"enableResourceNameDnsAaaaRecordOnLaunch": "there is no IPv6",
	"ipv6Native":                              "AWS refuses it of a subnet with IPv4",
	"assignGeneratedIpv6CidrBlock":            "no subnet has IPv6, which is held",
	"lambdaMultiValueHeadersEnabled":          "the targets are servers",
	"proxyProtocolV2":                         "it is of network load balancers",
	"TargetGroup.stickiness.enabled":          "it is which server answers",
	"contentBasedDeduplication":               "the topic is not a queue",
	"fifoTopic":                               "alarms publish to such a topic as well",
	"endpointAutoConfirms":                    "it is of addresses of programs",
	"rawMessageDelivery":                      "it is the form of what is told",
	"sampledRequestsEnabled":                  "all requests that count are logged",
	"Zone.forceDestroy":                       "the records are in the program",
	"Zone.type = off":                         "it is no such type",
	"Zone.type = strict":                      "it is no such type",
	"Zone.type = flexible":                    "it is no such type",
	"opportunisticEncryption":                 "browsers are sent to HTTPS",
	"preload":                                 "whoever wants it lists the zone by hand",
	"skipCredentialsValidation":               "it is when a wrong credential is found",
	"skipRegionValidation":                    "it is when a wrong region is found",
	"apiClientLogging":                        "it is written to the log of whoever deploys",
}

// choice is a value of a resource, and another one that it could have.
type choice struct {
	path  string
	value string
	set   func(any)
	was   any
}

func choicesIn(value any, at string) (all []choice) {
	add := func(path string, value any, set func(any)) {
		text := fmt.Sprint(value)
		if _, isText := value.(string); !isText {
			if _, isBool := value.(bool); !isBool {
				return
			}
		}
		for _, values := range choices {
			if !slices.Contains(values, text) {
				continue
			}
			for _, other := range values {
				if other != text {
					all = append(all, choice{path, other, set, value})
				}
			}
			return
		}
	}
	switch v := value.(type) {
	case map[string]any:
		for key, element := range v {
			path := strings.TrimPrefix(at+"."+key, ".")
			add(path, element, func(to any) { v[key] = to })
			all = append(all, choicesIn(element, path)...)
		}
	case []any:
		for i, element := range v {
			add(at+"[]", element, func(to any) { v[i] = to })
			all = append(all, choicesIn(element, at+"[]")...)
		}
	}
	return all
}

func stored(t *testing.T, name string) *graph.Graph {
	t.Helper()
	f, err := os.Open("../controls/testdata/" + name + ".json.gz")
	require.NoError(t, err)
	defer f.Close()
	unzipped, err := gzip.NewReader(f)
	require.NoError(t, err)
	raw, err := io.ReadAll(unzipped)
	require.NoError(t, err)
	g, err := graph.FromState(bytes.NewReader(raw))
	require.NoError(t, err)
	return g
}

// Every choice that a resource of the platform makes is held by some check, or nobody needs
// it to be: whatever the platform declares next is attacked on the day that it does.
func TestEveryChoiceIsHeldOrHarmless(t *testing.T) {
	tried, let, used := map[string]bool{}, 0, map[string]bool{}
	for _, base := range []string{"prod", "proxied", "aurora"} {
		g := stored(t, base)
		for _, r := range g.Resources {
			if !r.Custom {
				continue
			}
			answered := map[string]choice{}
			for _, c := range choicesIn(r.Outputs, "") {
				answered[c.path+c.value] = c
			}
			for _, c := range choicesIn(r.Inputs, "") {
				kind := r.Type[strings.LastIndexByte(r.Type, ':')+1:] + "." + c.path
				if strings.HasPrefix(c.path, "tags") || tried[kind+c.value] {
					continue
				}
				tried[kind+c.value] = true
				answer, both := answered[c.path+c.value]
				to := any(c.value)
				if _, isBool := c.was.(bool); isBool {
					to = c.value == "true"
				}
				c.set(to)
				if both {
					answer.set(to)
				}
				held := slices.ContainsFunc(proof.Verify(g, report.FromState, time.Now()).Findings,
					func(f report.Finding) bool { return f.Verdict.Fails() })
				c.set(c.was)
				if both {
					answer.set(answer.was)
				}
				if held {
					continue
				}
				let++
				reason := ""
				for _, end := range []string{kind, kind + " = " + c.value, c.path[strings.LastIndexByte(c.path, '.')+1:]} {
					if unheld[end] != "" {
						reason, used[end] = unheld[end], true
					}
				}
				assert.NotEmpty(t, reason, "%s = %s (%s of %s): no check holds it, and nothing says why none need to", kind, c.value,
					r.Name, base)
			}
		}
	}
	for end := range unheld {
		assert.True(t, used[end], "%s is held, or is no choice of the platform's: leave it out", end)
	}
	t.Logf("%d choices, of which %d may be made otherwise", len(tried), let)
}
