package fault

import (
	"fmt"
	"strings"
)

// service is how a service names its errors. The codes are from each service's API reference, "Common Errors" and the
// errors of its actions, and for EC2 from "Error codes for the Amazon EC2 API".
type service struct{ throttled, internal string }

var common = service{"Throttling", "InternalFailure"}

// services are those that differ from the common codes, by the module of the resource type.
var services = map[string]service{
	"ec2": {"RequestLimitExceeded", "InternalError"}, "vpc": {"RequestLimitExceeded", "InternalError"},
	"s3": {"SlowDown", "InternalError"}, "iam": {"Throttling", "ServiceFailure"},
	"kms": {"ThrottlingException", "KMSInternalException"}, "acm": {"ThrottlingException", "InternalFailure"},
	"secretsmanager": {"ThrottlingException", "InternalServiceError"}, "ssm": {"ThrottlingException", "InternalServerError"},
	"lambda": {"TooManyRequestsException", "ServiceException"}, "apigateway": {"TooManyRequestsException", "InternalFailure"},
	"wafv2": {"ThrottlingException", "WAFInternalErrorException"}, "cloudwatch": {"Throttling", "InternalServiceFault"},
	"sns": {"Throttled", "InternalError"}, "route53": {"Throttling", "InternalFailure"},
	"cfg": {"TooManyRequestsException", "InternalFailure"}, "guardduty": {"TooManyRequestsException", "InternalServerErrorException"},
	"budgets": {"ThrottlingException", "InternalErrorException"},
}

// attempts is how often the AWS provider asks before it gives up (its setting maxRetries).
const attempts = 25

// ServiceOf is the module of a type or function: "lb" of aws:lb/listener:Listener.
func ServiceOf(typ string) string {
	parts := strings.SplitN(typ, ":", 3)
	if len(parts) < 2 {
		return typ
	}
	module, _, _ := strings.Cut(parts[1], "/")
	if parts[0] != "aws" {
		return parts[0]
	}
	return module
}

// Message is what the provider says when a call is refused in this way, after it has retried as often as it does.
func Message(k Kind, c Call) string {
	s, own := services[ServiceOf(c.Type)]
	if !own {
		s = common
	}
	if strings.HasPrefix(c.Type, "cloudflare:") {
		if k == Throttle {
			return fmt.Sprintf("%s of %s: exceeded available rate limit retries: HTTP status 429: Rate limited. Please wait and consider "+
				"throttling your request speed", c.Operation, c.Type)
		}
		return fmt.Sprintf("%s of %s: HTTP status 500: service failure", c.Operation, c.Type)
	}
	code, status, text := s.internal, 500, "An internal error has occurred"
	if k == Throttle {
		code, status, text = s.throttled, 503, "Rate exceeded"
		if code != "RequestLimitExceeded" && code != "SlowDown" {
			status = 400
		}
	}
	return fmt.Sprintf("%s of %s: exceeded maximum number of attempts, %d, https response error StatusCode: %d, api error %s: %s",
		c.Operation, c.Type, attempts, status, code, text)
}

// ThrottleCode is the code with which a service refuses too many requests.
func ThrottleCode(typ string) string {
	if strings.HasPrefix(typ, "cloudflare:") {
		return "429"
	}
	if s, own := services[ServiceOf(typ)]; own {
		return s.throttled
	}
	return common.throttled
}
