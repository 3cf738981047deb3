package world

import "strings"

// rest makes one of every type that the platform lacks.
func (f *fixture) rest() *fixture {
	f.t.Helper()
	return f.as("rest", "platform", f.makeRest)
}

func (f *fixture) makeRest() {
	f.t.Helper()
	vpc, a, b := f.id("vpc"), f.id("a"), f.id("b")
	named := func(typ string, more in) {
		name := strings.ToLower(typ[strings.LastIndexByte(typ, ':')+1:])
		outputs := in{"name": "rest"}
		for k, v := range more {
			outputs[k] = v
		}
		f.must(typ, name, outputs)
	}
	plain := func(typ string, outputs in) {
		f.must(typ, strings.ToLower(typ[strings.LastIndexByte(typ, ':')+1:]), outputs)
	}
	plain(typeDefaultGroup, in{"vpcId": vpc})
	plain(typeDefaultACL, in{"defaultNetworkAclId": f.made["vpc"].Text("defaultNetworkAclId")})
	plain(typeDefaultTable, in{"defaultRouteTableId": f.made["vpc"].Text("defaultRouteTableId")})
	plain(typeEgressGateway, in{"vpcId": vpc})
	f.must(typeEndpoint, "gateway", in{"vpcId": vpc, "serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": "Gateway",
		"routeTableIds": list(([]string{f.id("table")}))})
	f.must(typeEndpoint, "interface", in{"vpcId": vpc, "serviceName": "com.amazonaws.eu-central-1.logs", "vpcEndpointType": "Interface",
		"subnetIds": list1(a, b), "privateDnsEnabled": true})
	plain(typeDHCP, in{"domainNameServers": list1("AmazonProvidedDNS")})
	plain(typeDHCPAssociation, in{"vpcId": vpc, "dhcpOptionsId": f.id("vpcdhcpoptions")})
	plain(typeFlowLog, in{"vpcId": vpc, "logDestination": "arn:aws:s3:::logs-1234567", "logDestinationType": "s3", "trafficType": "ALL"})
	plain(typeEgressRule, in{"securityGroupId": f.id("web"), "ipProtocol": "-1", "prefixListId": f.made["gateway"].Text("prefixListId")})
	plain(typeNetworkACL, in{"vpcId": vpc})
	plain(typeACLRule, in{"networkAclId": f.id("networkacl"), "ruleNumber": 100.0, "protocol": "-1", "ruleAction": "allow",
		"cidrBlock": "10.0.0.0/16"})
	plain(typeACLAssociation, in{"networkAclId": f.id("networkacl"), "subnetId": a})
	named(typePrefixList, in{"addressFamily": "IPv4", "maxEntries": 2.0, "entries": []any{in{"cidr": "10.0.0.0/8"}}})
	plain(typeInsightsPath, in{"source": f.id("igw"), "protocol": "tcp"})
	plain(typeListenerCert, in{"listenerArn": f.id("listener"), "certificateArn": f.id("cert")})
	named(typeTrustStore, in{"caCertificatesBundleS3Bucket": "logs-1234567", "caCertificatesBundleS3Key": "a.txt"})
	plain(typeHealthCheck, in{"type": "HTTPS", "fqdn": "example.test"})
	f.region = "us-east-1"
	f.must(typeKey, "signer", in{"customerMasterKeySpec": "ECC_NIST_P256"})
	named(typeSigningKey, in{"hostedZoneId": f.id("zone"), "keyManagementServiceArn": f.made["signer"].Text("arn"), "status": "ACTIVE"})
	f.region = ""
	plain(typeZoneDNSSEC, in{"hostedZoneId": f.id("zone")})
	named(typeLogGroup, in{"retentionInDays": 30.0})
	f.region = "us-east-1"
	f.must(typeLogGroup, "queries", in{"name": "queries"})
	f.must(typeLogPolicy, "logpolicy", in{"policyName": "queries", "policyDocument": queriesPolicy(f.made["queries"].Text("arn") + ":*")})
	f.region = ""
	plain(typeQueryLog, in{"zoneId": f.id("zone"), "cloudwatchLogGroupArn": f.made["queries"].Text("arn")})
	named(typeResolverLog, in{"destinationArn": f.made["loggroup"].Text("arn")})
	named(typePrivateNamespace, in{"vpc": vpc})
	plain(typeCloudflareDNSSEC, in{"zoneId": f.id("cfzone")})
	plain(typeOriginPulls, in{"zoneId": f.id("cfzone"), "enabled": true})
	plain(typeOriginPullsCert, in{"zoneId": f.id("cfzone"), "type": "per-zone", "certificate": "x", "privateKey": "y"})
	named(typeCloudflareHealth, in{"zoneId": f.id("cfzone"), "address": "example.test", "type": "HTTPS"})
	plain(typeOriginCertificate, in{"csr": "x", "hostnames": list1("example.org"), "requestType": "origin-rsa"})
	named(typeRuleset, in{"zoneId": f.id("cfzone"), "kind": "zone", "phase": "http_request_firewall_custom"})
	plain(typeZoneSettings, in{"zoneId": f.id("cfzone")})
	named(typeRolePolicy, in{"role": "web", "policy": readOnly})
	plain(typeIdentityProvider, in{"url": "https://token.actions.githubusercontent.com", "clientIdLists": list1("sts.amazonaws.com"),
		"thumbprintLists": []any{}})
	plain(typeVersioning, in{"bucket": "logs-1234567", "versioningConfiguration": in{"status": "Enabled"}})
	plain(typeEncryption, in{"bucket": "logs-1234567",
		"rules": []any{in{"applyServerSideEncryptionByDefault": in{"sseAlgorithm": "AES256"}}}})
	plain(typeLifecycle, in{"bucket": "logs-1234567", "rules": []any{in{"id": "x", "status": "Enabled"}}})
	plain(typeLogging, in{"bucket": "logs-1234567", "targetBucket": "logs-1234567", "targetPrefix": "s3/"})
	plain(typeOwnership, in{"bucket": "logs-1234567", "rule": in{"objectOwnership": "BucketOwnerEnforced"}})
	plain(typePublicAccess, in{"bucket": "logs-1234567"})
	plain(typeBucketPolicy, in{"bucket": "logs-1234567", "policy": policyFor("s3:PutObject", "arn:aws:s3:::logs-1234567/*")})
	named(typeScalingPolicy, in{"autoscalingGroupName": "web", "policyType": "TargetTrackingScaling",
		"targetTrackingConfiguration": in{"targetValue": 50.0}})
	plain(typeSchedule, in{"autoscalingGroupName": "web", "scheduledActionName": "night"})
	named(typeLifecycleHook, in{"autoscalingGroupName": "web", "lifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING"})
	plain(typeNotification, in{"groupNames": list1("web"), "topicArn": f.id("topic"),
		"notifications": list1("autoscaling:EC2_INSTANCE_LAUNCH")})
	named(typeClusterParameterGroup, in{"family": "aurora-postgresql17"})
	plain(typeCluster, in{"clusterIdentifier": "aurora", "engine": "aurora-postgresql", "masterUsername": "app",
		"manageMasterUserPassword": true, "dbSubnetGroupName": "data", "dbClusterParameterGroupName": "rest", "storageEncrypted": true})
	plain(typeClusterInstance, in{"identifier": "aurora-1", "clusterIdentifier": "aurora", "engine": "aurora-postgresql",
		"instanceClass": "db.r8g.large"})
	named(typeOptionGroup, in{"engineName": "postgres", "majorEngineVersion": "17"})
	named(typeEventSubscription, in{"snsTopic": f.id("topic")})
	named(typeProxy, in{"engineFamily": "POSTGRESQL", "roleArn": f.made["role"].Text("arn"), "vpcSubnetIds": list1(a, b),
		"auths": []any{in{"secretArn": f.id("secret")}}})
	plain(typeProxyTargetGroup, in{"dbProxyName": "rest"})
	plain(typeProxyTarget, in{"dbProxyName": "rest", "targetGroupName": "default", "dbClusterIdentifier": "aurora"})
	named(typeAlarm, in{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1.0, "metricName": "m", "namespace": "n"})
	plain(typeCompositeAlarm, in{"alarmName": "any", "alarmRule": `ALARM("rest")`})
	plain(typeDashboard, in{"dashboardName": "rest", "dashboardBody": "{}"})
	plain(typeTopicPolicy, in{"arn": f.id("topic"), "policy": policyFor("sns:Publish", f.id("topic"))})
	plain(typeTopicSubscription, in{"topic": f.id("topic"), "protocol": "email", "endpoint": "oncall@example.test"})
	named(typeBudget, in{"budgetType": "COST", "timeUnit": "MONTHLY"})
	named(typeIPSet, in{"ipAddressVersion": "IPV4", "scope": "REGIONAL", "addresses": list1("192.0.2.0/24")})
	plain(typeWebACLLogging, in{"resourceArn": f.made["acl"].Text("arn"),
		"logDestinationConfigs": list1("arn:aws:logs:eu-central-1:111122223333:log-group:aws-waf-logs-x")})
	named(typeShield, in{"resourceArn": f.id("lb")})
	plain(typeSecretVersion, in{"secretId": f.id("secret"), "secretString": "x"})
	plain(typeSecretRotation, in{"secretId": f.id("secret"), "rotationRules": in{"automaticallyAfterDays": 30.0}})
	named(typeParameter, in{"type": "SecureString", "value": "x"})
	named(typeDocument, in{"documentType": "Command", "content": "{}"})
	f.wider()
	named(typeSelection, in{"planId": f.id("plan"), "iamRoleArn": f.made["role"].Text("arn")})
}

// queriesPolicy lets Route 53 write to log groups.
func queriesPolicy(groups string) string {
	return `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": {"Service": "route53.amazonaws.com"},
		"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "` + groups + `"}}`
}
