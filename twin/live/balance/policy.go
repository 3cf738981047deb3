package balance

import (
	"crypto/tls"
	"fmt"
	"strings"
)

// Suites of TLS 1.2, from the strictest policies to the widest. TLS 1.3 has its own, all of which every policy takes.
var (
	forwardGCM = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384}
	forwardCBC = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256}
	forwardSHA = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA}
	staticGCM = []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_128_CBC_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384}
	staticSHA = []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA}
)

type policy struct {
	lowest, highest uint16
	suites          [][]uint16
}

// policies are ELB's, as far as Go's TLS has their suites: it lacks CBC with SHA-384 (ELB user guide, "Security policies
// for your Application Load Balancer"). A name is looked up without ELBSecurityPolicy-, its date, and the parts that only
// change key exchange (PQ) or validation (FIPS).
var policies = map[string]policy{
	"TLS13-1-3":      {tls.VersionTLS13, tls.VersionTLS13, nil},
	"TLS13-1-2-Res":  {tls.VersionTLS12, tls.VersionTLS13, [][]uint16{forwardGCM}},
	"TLS13-1-2":      {tls.VersionTLS12, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC}},
	"TLS13-1-2-Ext0": {tls.VersionTLS12, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC, forwardSHA}},
	"TLS13-1-2-Ext1": {tls.VersionTLS12, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC, staticGCM}},
	"TLS13-1-2-Ext2": {tls.VersionTLS12, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"TLS13-1-1":      {tls.VersionTLS11, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"TLS13-1-0":      {tls.VersionTLS10, tls.VersionTLS13, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"TLS-1-2":        {tls.VersionTLS12, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, staticGCM}},
	"TLS-1-2-Ext":    {tls.VersionTLS12, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"TLS-1-1":        {tls.VersionTLS11, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"TLS-1-0":        {tls.VersionTLS10, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"FS-1-2-Res":     {tls.VersionTLS12, tls.VersionTLS12, [][]uint16{forwardGCM}},
	"FS-1-2":         {tls.VersionTLS12, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA}},
	"FS-1-1":         {tls.VersionTLS11, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA}},
	"FS":             {tls.VersionTLS10, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA}},
	"2016-08":        {tls.VersionTLS10, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
	"2015-05":        {tls.VersionTLS10, tls.VersionTLS12, [][]uint16{forwardGCM, forwardCBC, forwardSHA, staticGCM, staticSHA}},
}

// tlsPolicy is how a listener of the policy shakes hands.
func tlsPolicy(name string) (*tls.Config, error) {
	bare, ok := strings.CutPrefix(name, "ELBSecurityPolicy-")
	p, known := policies[bare]
	if !known {
		p, known = policies[undated(bare)]
	}
	if !ok || !known {
		return nil, fmt.Errorf("the living world does not know the TLS policy %q", name)
	}
	c := &tls.Config{MinVersion: p.lowest, MaxVersion: p.highest, CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256, tls.CurveP384}}
	if strings.Contains(bare, "-PQ-") {
		c.CurvePreferences = append([]tls.CurveID{tls.X25519MLKEM768}, c.CurvePreferences...)
	}
	for _, suites := range p.suites {
		c.CipherSuites = append(c.CipherSuites, suites...)
	}
	return c, nil
}

func undated(name string) string {
	if len(name) > 8 && name[len(name)-3] == '-' && name[len(name)-8] == '-' { // -2025-09
		name = name[:len(name)-8]
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "-PQ", ""), "-FIPS", "")
}

// suiteName is a suite as OpenSSL and AWS's logs call it.
func suiteName(id uint16) string {
	name := tls.CipherSuiteName(id)
	if rest, ok := strings.CutPrefix(name, "TLS_ECDHE_"); ok {
		name = "ECDHE-" + rest
	} else if rest, ok := strings.CutPrefix(name, "TLS_RSA_WITH_"); ok {
		name = rest
	} else {
		return name
	}
	return strings.NewReplacer("_WITH_AES_", "-AES", "AES_", "AES", "_CBC", "", "_", "-").Replace(name)
}

func versionName(v uint16) string {
	return map[uint16]string{tls.VersionTLS10: "TLSv1", tls.VersionTLS11: "TLSv1.1", tls.VersionTLS12: "TLSv1.2",
		tls.VersionTLS13: "TLSv1.3"}[v]
}
