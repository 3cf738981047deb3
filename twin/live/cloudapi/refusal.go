package cloudapi

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// refusal is an error as AWS gives it.
type refusal struct {
	status        int
	code, message string
}

func (r *refusal) Error() string { return r.code + ": " + r.message }

func refuse(status int, code, format string, args ...any) error {
	return &refusal{status, code, fmt.Sprintf(format, args...)}
}

// unplayed names a call that the living world does not play.
func unplayed(service, call string) error {
	return refuse(501, "NotPlayedByTheLivingWorld", "the living world does not play %s of %s", call, service)
}

// answerError writes an error in the form of the service's protocol.
func answerError(w http.ResponseWriter, r *http.Request, service string, err error) {
	var no *refusal
	if !errors.As(err, &no) {
		no = &refusal{500, "InternalFailure", err.Error()}
	}
	w.Header().Set("X-Amzn-Requestid", requestID())
	switch {
	case service == "s3":
		writeXML(w, no.status, struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
		}{Code: no.code, Message: no.message}, r.Method == http.MethodHead)
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		type inner struct{ Type, Code, Message string }
		writeXML(w, no.status, struct {
			XMLName   xml.Name `xml:"ErrorResponse"`
			Error     inner
			RequestID string `xml:"RequestId"`
		}{Error: inner{"Sender", no.code, no.message}, RequestID: requestID()}, false)
	default:
		w.Header().Set("X-Amzn-Errortype", no.code)
		writeJSON(w, no.status, map[string]string{"__type": no.code, "message": no.message, "Message": no.message})
	}
}

func writeXML(w http.ResponseWriter, status int, v any, bare bool) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if bare {
		return
	}
	text, _ := xml.Marshal(v) // our own types, which all encode
	_, _ = w.Write(append([]byte(xml.Header), text...))
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // who is gone needs no answer
}
