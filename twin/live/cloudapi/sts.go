package cloudapi

import (
	"encoding/xml"
	"net/http"
)

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
