package world

import (
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeAPI            = "aws:apigatewayv2/api:Api"
	typeAPIIntegration = "aws:apigatewayv2/integration:Integration"
	typeAPIRoute       = "aws:apigatewayv2/route:Route"
	typeAPIStage       = "aws:apigatewayv2/stage:Stage"
)

var inAPI = refers("apiId", "NotFoundException", "Invalid API identifier specified %s", typeAPI)

var apiKinds = map[string]*kind{
	typeAPI: {
		id:   func(c *Call, _ *Object) string { return c.hex(10) },
		arn:  "arn:{partition}:apigateway:{region}::/apis/{id}",
		text: map[string]string{"executionArn": "arn:{partition}:execute-api:{region}:{account}:{id}"},
		fill: func(_ *Call, o, _ *Object) {
			scheme := "https"
			if o.Text("protocolType") == "WEBSOCKET" {
				scheme = "wss"
			}
			setDefaults(o, value.Map{"apiEndpoint": scheme + "://" + o.ID + ".execute-api." + o.Region + ".amazonaws.com",
				"ipAddressType": "ipv4"})
		},
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typeAPIIntegration, "apiId"}, use{typeAPIRoute, "apiId"}, use{typeAPIStage, "apiId"})
		},
	},
	typeAPIIntegration: {
		id: func(c *Call, _ *Object) string { return c.hex(7) },
		check: []rule{
			inAPI,
			integrationLeads,
		},
		fill: func(_ *Call, o, _ *Object) {
			setDefaults(o, value.Map{"integrationResponseSelectionExpression": "${integration.response.statuscode}",
				"timeoutMilliseconds": 30000.0})
		},
		remove: []rule{integrationUnused},
	},
	typeAPIRoute: {
		id: func(c *Call, _ *Object) string { return c.hex(7) },
		check: []rule{
			inAPI,
			routeLeads,
			unique("ConflictException", "Route with key %s already exists for this API", "routeKey", "apiId"),
		},
	},
	typeAPIStage: {
		id:    byOutput("name"),
		key:   keyIn("apiId", "/"),
		arn:   "arn:{partition}:apigateway:{region}::/apis/{apiId}/stages/{name}",
		taken: "ConflictException",
		check: []rule{inAPI},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"deploymentId": c.hex(6, "deployment"),
				"executionArn": c.expand("arn:{partition}:execute-api:{region}:{account}:{apiId}/{name}", o)})
			if api := c.find(typeAPI, o.Text("apiId")); api != nil {
				o.Outputs["invokeUrl"] = api.Text("apiEndpoint") + "/" + strings.TrimPrefix(o.ID, "$default")
			}
		},
	},
}

// integrationLeads: an integration has an address to call (API Gateway V2 API, CreateIntegration).
func integrationLeads(_ *Call, o *Object) error {
	if kind := o.Text("integrationType"); strings.HasSuffix(kind, "PROXY") && o.Text("integrationUri") == "" &&
		o.Text("integrationSubtype") == "" {
		return fault("BadRequestException", "Integration URI must be specified for integration type %s", kind)
	}
	return nil
}

// routeLeads: a route's target is an integration of its API (API Gateway V2 API, CreateRoute).
func routeLeads(c *Call, o *Object) error {
	id, is := strings.CutPrefix(o.Text("target"), "integrations/")
	if integration := c.find(typeAPIIntegration, id); o.Text("target") != "" &&
		(!is || integration == nil || integration.Text("apiId") != o.Text("apiId")) {
		return fault("NotFoundException", "Invalid Integration identifier specified %s", o.Text("target"))
	}
	return nil
}

// integrationUnused: an integration that a route uses cannot be deleted (API Gateway V2 API, DeleteIntegration).
func integrationUnused(c *Call, o *Object) error {
	if route := c.where(typeAPIRoute, "target", "integrations/"+o.ID); route != nil {
		return fault("ConflictException", "Cannot delete Integration '%s' due to Route %s still referencing it.", o.ID, called(route))
	}
	return nil
}
