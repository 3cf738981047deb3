package world

const (
	typeLogGroup  = "aws:cloudwatch/logGroup:LogGroup"
	typeLogPolicy = "aws:cloudwatch/logResourcePolicy:LogResourcePolicy"
)

var logKinds = map[string]*kind{
	typeLogGroup: {
		id:      byOutput("name"),
		arn:     "arn:{partition}:logs:{region}:{account}:log-group:{name}",
		taken:   "ResourceAlreadyExistsException",
		prepare: []func(*Call, *Object){nameFromPrefix},
		check: []rule{
			retention,
			keyUsable("kmsKeyId", "InvalidParameterException"),
		},
		fill: func(_ *Call, o, _ *Object) { setDefault(o, "logGroupClass", "STANDARD") },
	},
	typeLogPolicy: {id: byOutput("policyName"), put: true, check: []rule{policyText("policyDocument", logPolicy)}},
}

// retentions are the days that CloudWatch Logs allows (CloudWatch Logs API, PutRetentionPolicy).
var retentions = map[float64]bool{0: true, 1: true, 3: true, 5: true, 7: true, 14: true, 30: true, 60: true, 90: true, 120: true,
	150: true, 180: true,
	365: true, 400: true, 545: true, 731: true, 1096: true, 1827: true, 2192: true, 2557: true, 2922: true, 3288: true, 3653: true}

// retention: the number of days is one of those allowed (CloudWatch Logs API, PutRetentionPolicy).
func retention(_ *Call, o *Object) error {
	if !retentions[o.Number("retentionInDays")] {
		return fault("InvalidParameterException", "the retention of %v days is not one that CloudWatch Logs has",
			o.Number("retentionInDays"))
	}
	return nil
}
