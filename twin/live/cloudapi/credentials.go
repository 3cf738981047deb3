package cloudapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/metadata"
)

// Session is whom a session token was given to.
type Session struct {
	Role     string // ARN
	Instance string
	Until    time.Time
}

// Mint makes credentials for a role's session on an instance. The token is sealed, so whoever has the seal needs no list
// of tokens; the secret follows from it.
func Mint(seal []byte, role, instance string, until time.Time) metadata.Keys {
	text, _ := json.Marshal(Session{role, instance, until.UTC().Truncate(time.Second)}) // texts and a time always encode
	body := base64.RawURLEncoding.EncodeToString(text)
	token := body + "." + base64.RawURLEncoding.EncodeToString(mac(seal, "token "+body))
	return keysOf(seal, token, until)
}

func keysOf(seal []byte, token string, until time.Time) metadata.Keys {
	return metadata.Keys{
		AccessKeyID:     "ASIA" + base32.StdEncoding.EncodeToString(mac(seal, "id "+token))[:16],
		SecretAccessKey: base64.RawStdEncoding.EncodeToString(mac(seal, "secret "+token))[:40],
		Token:           token,
		Expiration:      until,
	}
}

// opened is the session of a token and its keys.
func opened(seal []byte, token string, now time.Time) (Session, metadata.Keys, error) {
	var s Session
	body, sum, _ := strings.Cut(token, ".")
	given, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || len(seal) == 0 || !hmac.Equal(given, mac(seal, "token "+body)) {
		return s, metadata.Keys{}, refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	text, err := base64.RawURLEncoding.DecodeString(body)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return s, metadata.Keys{}, refuse(403, "InvalidClientTokenId", "The security token included in the request is invalid.")
	}
	if !now.Before(s.Until) {
		return s, metadata.Keys{}, refuse(403, "ExpiredToken", "The security token included in the request is expired")
	}
	return s, keysOf(seal, token, s.Until), nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// sts says who the caller is. That needs no permission (STS API, GetCallerIdentity).
func (c *call) sts(w http.ResponseWriter, name string) error {
	if name != "GetCallerIdentity" {
		return unplayed("STS", name)
	}
	type result struct {
		Arn, UserID, Account string
	}
	writeXML(w, 200, struct {
		XMLName xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
		Result  struct {
			Arn     string
			UserID  string `xml:"UserId"`
			Account string
		} `xml:"GetCallerIdentityResult"`
		RequestID string `xml:"ResponseMetadata>RequestId"`
	}{Result: struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	}{c.sessionARN(), "AROA" + c.session.Instance + ":" + c.session.Instance, c.plan.Account}, RequestID: requestID()}, false)
	return nil
}
