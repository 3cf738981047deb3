package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeParameter = "aws:ssm/parameter:Parameter"
	typeDocument  = "aws:ssm/document:Document"
)

var parameterKinds = map[string]*kind{
	typeParameter: {
		id:    byOutput("name"),
		taken: "ParameterAlreadyExists",
		check: []rule{
			parameterName,
			keyUsable("keyId", "InvalidKeyId"),
		},
		fill: func(c *Call, o, old *Object) {
			path := "/" + strings.TrimPrefix(o.Text("name"), "/")
			setDefaults(o, value.Map{"arn": c.expand("arn:{partition}:ssm:{region}:{account}:parameter"+path, o), "dataType": "text",
				"tier": "Standard", "keyId": "", "version": 1.0})
			if o.Text("type") == "SecureString" && o.Text("keyId") == "" {
				o.Outputs["keyId"] = "alias/aws/ssm"
			}
			if old != nil {
				o.Outputs["version"] = old.Number("version") + 1
			}
			if o.Inputs["insecureValue"] != nil {
				o.Outputs["value"] = o.Outputs["insecureValue"]
			} else if o.Text("type") != "SecureString" {
				o.Outputs["insecureValue"] = o.Outputs["value"]
			}
		},
	},
	typeDocument: {
		id:    byOutput("name"),
		arn:   "arn:{partition}:ssm:{region}:{account}:document/{name}",
		text:  map[string]string{"owner": "{account}"},
		taken: "DocumentAlreadyExists",
		check: []rule{documentContent},
		fill: func(c *Call, o, old *Object) {
			setDefaults(o, value.Map{"createdDate": stamp(c.Now), "description": "", "documentVersion": "1", "defaultVersion": "1",
				"latestVersion": "1", "hashType": "Sha256",
				"parameters": []any{}, "platformTypes": []any{"Linux", "MacOS", "Windows"}, "schemaVersion": "1.0", "status": "Active"})
			o.Outputs["hash"] = c.hexFor(o.Text("content"), 64)
		},
	},
}

// parameterName: names under aws and ssm are AWS's own (Systems Manager API, PutParameter).
func parameterName(_ *Call, o *Object) error {
	name := strings.ToLower(strings.TrimPrefix(o.Text("name"), "/"))
	if strings.HasPrefix(name, "aws") || strings.HasPrefix(name, "ssm") {
		return fault("ValidationException", "Parameter name: can't be prefixed with \"ssm\" or \"aws\" (case-insensitive): %s",
			o.Text("name"))
	}
	return nil
}

// documentContent: a document is JSON, or YAML where it says so (Systems Manager API, CreateDocument).
func documentContent(_ *Call, o *Object) error {
	if format := o.Text("documentFormat"); (format == "" || format == "JSON") && !validDocument(o.Text("content")) {
		return fault("InvalidDocumentContent", "The content of the document %s is not JSON", o.Text("name"))
	}
	return nil
}
