package world

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

const (
	typeFunction      = "aws:lambda/function:Function"
	typePermission    = "aws:lambda/permission:Permission"
	typeLayer         = "aws:lambda/layerVersion:LayerVersion"
	typeEventSource   = "aws:lambda/eventSourceMapping:EventSourceMapping"
	typeFunctionURL   = "aws:lambda/functionUrl:FunctionUrl"
	typeFunctionAlias = "aws:lambda/alias:Alias"
)

const (
	lambdaARN   = "arn:{partition}:lambda:{region}:{account}:"
	noFunction  = "ResourceNotFoundException"
	badFunction = "InvalidParameterValueException"
)

var functionKinds = map[string]*kind{
	typeFunction: {
		id:    byOutput("name"),
		arn:   lambdaARN + "function:{name}",
		taken: "ResourceConflictException",
		check: []rule{
			trusted("role", "lambda.amazonaws.com", badFunction, "The role defined for the function cannot be assumed by Lambda."),
			functionCode,
			refers("s3Bucket", badFunction, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified "+
				"bucket does not exist: %s", typeBucket),
			refers("layers", badFunction, "Layer version %s does not exist.", typeLayer),
			refers("vpcConfig.subnetIds", badFunction, "The subnet ID %s does not exist", typeSubnet),
			groupsExist("vpcConfig.securityGroupIds", badFunction),
			refers("deadLetterConfig.targetArn", badFunction, "The dead letter target %s does not exist", typeQueue, typeTopic),
			functionEnvironment,
			keyUsable("kmsKeyArn", badFunction),
		},
		fill: fillFunction,
		removed: func(c *Call, o *Object) {
			c.dropUsers(o, use{typePermission, "function"}, use{typeFunctionURL, "functionName"}, use{typeFunctionAlias, "functionName"})
		},
	},
	typePermission: {
		id:    byOutput("statementId"),
		key:   keyIn("function", "/"),
		taken: "ResourceConflictException",
		check: []rule{refers("function", noFunction, "Function not found: %s", typeFunction)},
	},
	typeLayer: {
		id: func(c *Call, o *Object) string { return c.expand(lambdaARN+"layer:{layerName}:1", o) },
		check: []rule{
			layerCode,
			refers("s3Bucket", badFunction, "Error occurred while GetObject. S3 Error Code: NoSuchBucket. S3 Error Message: The specified "+
				"bucket does not exist: %s", typeBucket),
		},
		fill: func(c *Call, o, _ *Object) {
			setDefaults(o, value.Map{"arn": o.ID, "layerArn": strings.TrimSuffix(o.ID, ":1"), "version": "1"})
		},
	},
	typeEventSource: {
		id: func(c *Call, _ *Object) string { return c.uuid("source") },
		check: []rule{
			refers("functionName", badFunction, "Function does not exist: %s", typeFunction),
			refers("eventSourceArn", badFunction, "The event source %s does not exist", typeQueue, typeTable),
			queueWaits,
		},
		fill: func(c *Call, o, _ *Object) {
			if f := c.any(o.Text("functionName"), typeFunction); f != nil {
				setDefault(o, "functionArn", f.Text("arn"))
			}
			setDefaults(o, value.Map{"uuid": o.ID, "state": "Enabled",
				"arn": c.expand(lambdaARN+"event-source-mapping:{id}", o)})
		},
	},
	typeFunctionURL: {
		id:    byOutput("functionName"),
		taken: "ResourceConflictException",
		check: []rule{refers("functionName", noFunction, "Function does not exist: %s", typeFunction)},
		fill: func(c *Call, o, _ *Object) {
			id := c.hexFor("url of "+o.ID, 32)
			setDefaults(o, value.Map{"urlId": id, "functionUrl": "https://" + id + ".lambda-url." + o.Region + ".on.aws/"})
			if f := c.any(o.Text("functionName"), typeFunction); f != nil {
				o.Outputs["functionArn"] = f.Text("arn")
			}
		},
	},
	typeFunctionAlias: {
		id:    byTemplate(lambdaARN + "function:{functionName}:{name}"),
		arn:   "{id}",
		taken: "ResourceConflictException",
		check: []rule{refers("functionName", noFunction, "Function not found: %s", typeFunction)},
		text:  map[string]string{"invokeArn": "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{id}/invocations"},
	},
}

// trusted: the role exists and trusts the service (IAM user guide, "Create a role to delegate permissions to an AWS
// service").
func trusted(property, service, code, says string) rule {
	return func(c *Call, o *Object) error {
		for _, arn := range at(o.Outputs, property) {
			role := c.any(arn, typeRole)
			if role == nil && external(arn, c.accountID()) {
				continue
			}
			if role == nil || !trusts(role, service) {
				return fault(code, "%s (%s: its trust policy lets %s do sts:AssumeRole)", says, arn, service)
			}
		}
		return nil
	}
}

func trusts(role *Object, service string) bool {
	d, err := parseDocument(role.Text("assumeRolePolicy"))
	return err == nil && slices.ContainsFunc(d.Statement, func(s statement) bool {
		return s.Effect == "Allow" && allowsAction(s, "sts:AssumeRole") && slices.Contains(s.principals(), "Service:"+service)
	})
}

// functionCode: code in an archive needs a runtime and a handler (Lambda API, CreateFunction).
func functionCode(_ *Call, o *Object) error {
	if image := o.Text("packageType") == "Image" || o.Text("imageUri") != ""; !image &&
		(o.Text("runtime") == "" || o.Text("handler") == "") {
		return fault(badFunction, "Runtime and Handler are mandatory parameters for functions created with deployment packages.")
	}
	return nil
}

// layerCode: a layer gets its content from a file or a bucket (Lambda API, PublishLayerVersion). The provider checks
// this itself.
func layerCode(_ *Call, o *Object) error {
	if o.Outputs["code"] == nil && o.Text("s3Bucket") == "" {
		return message("NoLayerCode", "code or s3Bucket attributes must be set")
	}
	return nil
}

// reservedVariables are Lambda's own (Lambda guide, "Defined runtime environment variables").
var reservedVariables = strings.Fields(`_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV
	AWS_LAMBDA_FUNCTION_NAME AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE
	AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR`)

// functionEnvironment: variables take at most 4 KiB, and some names are Lambda's own (Lambda guide, "Lambda quotas"
// and "Defined runtime environment variables").
func functionEnvironment(_ *Call, o *Object) error {
	for _, environment := range o.Objects("environment") {
		variables, _ := environment["variables"].(value.Map)
		for name := range variables {
			if slices.Contains(reservedVariables, name) {
				return fault(badFunction, "Lambda was unable to configure your environment variables because the environment "+
					"variables you "+
					"have provided contains reserved keys that are currently not supported for modification. Reserved keys used in "+
					"this request: %s", name)
			}
		}
		if n := len(value.Canonical(variables)); n > 4096 {
			return fault(badFunction,
				"Lambda was unable to configure your environment variables because the environment variables you have "+
					"provided exceeded the 4KB limit: these have %d bytes", n)
		}
	}
	return nil
}

// queueWaits: a queue hides a message for at least as long as the function may run (Lambda guide, "Using Lambda with
// Amazon SQS").
func queueWaits(c *Call, o *Object) error {
	queue, function := c.any(o.Text("eventSourceArn"), typeQueue), c.any(o.Text("functionName"), typeFunction)
	if queue == nil || function == nil {
		return nil
	}
	if wait, takes := queue.Number("visibilityTimeoutSeconds"), function.Number("timeout"); wait < takes {
		return fault(badFunction, "Queue visibility timeout: %v seconds is less than Function timeout: %v seconds", wait, takes)
	}
	return nil
}

func fillFunction(c *Call, o, old *Object) {
	arn := o.Text("arn")
	invoke := c.expand("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/", o)
	version := "$LATEST"
	if o.Flag("publish") {
		version = "1"
	}
	code, err := json.Marshal([]any{o.Outputs["code"], o.Outputs["imageUri"], o.Outputs["s3Key"], o.Outputs["s3ObjectVersion"]})
	if err != nil {
		code = nil
	}
	setDefaults(o, value.Map{"version": version, "qualifiedArn": arn + ":" + version, "invokeArn": invoke + arn + "/invocations",
		"qualifiedInvokeArn": invoke + arn + ":" + version + "/invocations", "architectures": []any{"x86_64"},
		"ephemeralStorage": value.Map{"size": 512.0}, "tracingConfig": value.Map{"mode": "PassThrough"},
		"sourceCodeSize": float64(len(code)),
		"loggingConfig":  value.Map{"logFormat": "Text", "logGroup": "/aws/lambda/" + o.ID}})
	o.Outputs["codeSha256"] = c.hexFor(string(code), 44)
	setDefault(o, "sourceCodeHash", o.Outputs["codeSha256"])
	if old == nil || value.Canonical(old.Inputs) != value.Canonical(o.Inputs) {
		o.Outputs["lastModified"] = c.Now.Format("2006-01-02T15:04:05.000+0000")
	}
	if vpc, ok := o.Outputs["vpcConfig"].(value.Map); ok {
		for _, id := range texts(vpc["subnetIds"]) {
			if subnet := c.find(typeSubnet, id); subnet != nil {
				vpc["vpcId"] = subnet.Text("vpcId")
			}
		}
	}
}
