package cloudapi

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/metadata"
)

const (
	algorithm = "AWS4-HMAC-SHA256"
	clock     = "20060102T150405Z"
	trailing  = "STREAMING-UNSIGNED-PAYLOAD-TRAILER" // TLS protects the body, and a checksum follows it
	skew      = 15 * time.Minute                     // (AWS, "Signature Version 4 request signature errors")
)

// signed is what the Authorization header says.
type signed struct {
	id, day, region, service string
	headers                  []string
	signature                string
}

// authenticate checks a request's Signature Version 4 and says whose it is and for which service.
func authenticate(seal []byte, r *http.Request, body []byte, now time.Time) (Session, signed, error) {
	if r.URL.Query().Has("X-Amz-Signature") {
		return Session{}, signed{}, refuse(400, "UnsupportedSignature",
			"the living world takes no presigned requests: sign the Authorization header")
	}
	s, err := readAuthorization(r.Header.Get("Authorization"))
	if err != nil {
		return Session{}, s, err
	}
	token := r.Header.Get("X-Amz-Security-Token")
	who, keys, err := opened(seal, token, now)
	if err != nil {
		return who, s, err
	}
	return who, s, s.check(keys, r, body, now)
}

func readAuthorization(header string) (signed, error) {
	rest, found := strings.CutPrefix(header, algorithm+" ")
	if !found {
		return signed{}, refuse(403, "MissingAuthenticationToken", "Missing Authentication Token")
	}
	part := map[string]string{}
	for _, p := range strings.Split(rest, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		part[k] = v
	}
	scope := strings.Split(part["Credential"], "/")
	if len(scope) != 5 || scope[4] != "aws4_request" || part["SignedHeaders"] == "" || part["Signature"] == "" {
		return signed{}, refuse(400, "IncompleteSignature", "The Authorization header needs Credential, SignedHeaders and Signature.")
	}
	return signed{scope[0], scope[1], scope[2], scope[3], strings.Split(part["SignedHeaders"], ";"), part["Signature"]}, nil
}

// check recomputes the signature (AWS, "Create a signed AWS API request").
func (s *signed) check(keys metadata.Keys, r *http.Request, body []byte, now time.Time) error {
	if s.id != keys.AccessKeyID {
		return refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	stamp := r.Header.Get("X-Amz-Date")
	when, err := time.Parse(clock, stamp)
	if err != nil || stamp[:8] != s.day || when.Sub(now).Abs() > skew {
		return refuse(403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.")
	}
	if !slices.Contains(s.headers, "host") || !slices.Contains(s.headers, "x-amz-security-token") {
		return refuse(403, "SignatureDoesNotMatch", "Host and X-Amz-Security-Token must be signed.")
	}
	hash := r.Header.Get("X-Amz-Content-Sha256")
	if sum := hexHash(body); hash == "" || hash != "UNSIGNED-PAYLOAD" && hash != trailing && hash != sum {
		if hash != "" {
			return refuse(400, "XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.")
		}
		hash = sum
	}
	canonical := strings.Join([]string{r.Method, s.path(r), query(r.URL.Query()), s.canonicalHeaders(r), strings.Join(s.headers,
		";"), hash}, "\n")
	scope := strings.Join([]string{s.day, s.region, s.service, "aws4_request"}, "/")
	text := strings.Join([]string{algorithm, stamp, scope, hexHash([]byte(canonical))}, "\n")
	key := []byte("AWS4" + keys.SecretAccessKey)
	for _, part := range strings.Split(scope, "/") {
		key = mac(key, part)
	}
	given, err := hex.DecodeString(s.signature)
	if err != nil || !hmac.Equal(given, mac(key, text)) {
		return refuse(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. "+
			"Check your AWS Secret Access Key and signing method.")
	}
	return nil
}

// path is encoded twice for every service but S3.
func (s *signed) path(r *http.Request) string {
	path := cmp.Or(r.URL.EscapedPath(), "/")
	if s.service == "s3" {
		return path
	}
	return (&url.URL{Path: path}).EscapedPath()
}

func query(q url.Values) string {
	var all []string
	for k, values := range q {
		for _, v := range values {
			all = append(all, escape(k)+"="+escape(v))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "&")
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

func (s *signed) canonicalHeaders(r *http.Request) string {
	var out strings.Builder
	for _, name := range s.headers {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		out.WriteString(name + ":" + strings.Join(strings.Fields(value), " ") + "\n")
	}
	return out.String()
}

func hexHash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
