package world

import "strings"

const (
	trustLambda = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	trustTasks = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"}]}`
	oneTask = `[{"name":"web","image":"nginx","portMappings":[{"containerPort":8080}]}]`
)

// wider makes one of each type whose facts are from the SDK: what other people's programs use.
func (f *fixture) wider() {
	f.t.Helper()
	a, b, vpc := f.id("a"), f.id("b"), f.id("vpc")
	f.must(typeGroupRule, "oldRule", in{"securityGroupId": f.id("web"), "type": "ingress", "protocol": "tcp", "fromPort": 22.0,
		"toPort":     22.0,
		"cidrBlocks": list1("10.0.0.0/8")})
	f.must(typeKeyPair, "keypair", in{"keyName": "me", "publicKey": "ssh-ed25519 AAAA me"})
	f.must(typeServer, "server", in{"subnetId": a, "ami": "ami-0123456789abcdef0", "instanceType": "t3.micro", "keyName": "me",
		"iamInstanceProfile": "web", "vpcSecurityGroupIds": list1(f.id("web")), "associatePublicIpAddress": true})
	f.must(typeEIP, "spare", in{})
	f.must(typeTargetAttachment, "targetattachment", in{"targetGroupArn": f.id("target"), "targetId": f.id("server"), "port": 8443.0})
	f.must(typeEIPAssociation, "eipassociation", in{"allocationId": f.id("spare"), "instanceId": f.id("server")})
	f.must(typeInterface, "eni", in{"subnetId": b})
	f.must(typeVolume, "volume", in{"availabilityZone": "eu-central-1a", "size": 10.0})
	f.must(typeVolumeAttachment, "volumeattachment", in{"deviceName": "/dev/sdh", "instanceId": f.id("server"), "volumeId": f.id("volume")})
	f.must(typeVPC, "peer", in{"cidrBlock": "10.1.0.0/16"})
	f.must(typePeering, "peering", in{"vpcId": vpc, "peerVpcId": f.id("peer")})
	f.must(typePeeringAccepter, "accepter", in{"vpcPeeringConnectionId": f.id("peering"), "autoAccept": true})
	f.must(typeMainTableAssociation, "maintable", in{"vpcId": vpc, "routeTableId": f.id("table")})

	f.must(typeRole, "runner", in{"name": "runner", "path": "/", "assumeRolePolicy": trustLambda})
	f.must(typeFunction, "function", in{"name": "resize", "role": f.made["runner"].Text("arn"), "runtime": "python3.12",
		"handler":  "app.main",
		"s3Bucket": "logs-1234567", "s3Key": "a.txt", "timeout": 3.0})
	f.must(typePermission, "permission", in{"statementId": "s3", "function": "resize", "action": "lambda:InvokeFunction",
		"principal": "s3.amazonaws.com", "sourceArn": "arn:aws:s3:::logs-1234567"})
	f.must(typeLayer, "layer", in{"layerName": "lib", "s3Bucket": "logs-1234567", "s3Key": "a.txt"})
	f.must(typeQueue, "queue", in{"name": "work", "visibilityTimeoutSeconds": 30.0})
	f.must(typeQueuePolicy, "queuepolicy",
		in{"queueUrl": f.id("queue"), "policy": strings.ReplaceAll(policyFor("sqs:SendMessage", "*"), "ec2.", "s3.")})
	f.must(typeEventSource, "eventsource", in{"functionName": "resize", "eventSourceArn": f.made["queue"].Text("arn")})
	f.must(typeFunctionURL, "functionurl", in{"functionName": "resize", "authorizationType": "AWS_IAM"})
	f.must(typeFunctionAlias, "functionalias", in{"name": "live", "functionName": "resize", "functionVersion": "1"})
	f.must(typeTable, "orders", in{"name": "orders", "hashKey": "id", "attributes": []any{in{"name": "id", "type": "S"}},
		"billingMode": "PAY_PER_REQUEST"})
	f.must(typeTableItem, "item", in{"tableName": "orders", "hashKey": "id", "item": `{"id":{"S":"1"}}`})
	f.must(typeBucketNotification, "notification", in{"bucket": "logs-1234567", "lambdaFunctions": []any{
		in{"lambdaFunctionArn": f.made["function"].Text("arn"), "events": list1("s3:ObjectCreated:*")}}})
	f.must(typeWebsite, "website", in{"bucket": "logs-1234567", "indexDocument": in{"suffix": "index.html"}})

	f.must(typeRepository, "repository", in{"name": "shop/web"})
	f.must(typeRepositoryExpiry, "expiry", in{"repository": "shop/web", "policy": "{}"})
	f.must(typeRepositoryPolicy, "repositorypolicy",
		in{"repository": "shop/web",
			"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:BatchGetImage"}]}`})
	f.must(typeECSCluster, "ecs", in{"name": "ecs"})
	f.must(typeECSCapacityProviders, "providers", in{"clusterName": "ecs", "capacityProviders": list1("FARGATE")})
	f.must(typeRole, "tasks", in{"name": "tasks", "path": "/", "assumeRolePolicy": trustTasks})
	f.must(typeTaskDefinition, "task", in{"family": "web", "containerDefinitions": oneTask, "networkMode": "awsvpc", "cpu": "256",
		"memory":                  "512",
		"requiresCompatibilities": list1("FARGATE"), "executionRoleArn": f.made["tasks"].Text("arn")})
	f.must(typeTargetGroup, "ips", in{"name": "ips", "port": 8080.0, "protocol": "HTTP", "vpcId": vpc, "targetType": "ip"})
	f.must(typeListenerRule, "toips", in{"listenerArn": f.id("listener"), "priority": 20.0,
		"actions": []any{in{"type": "forward", "targetGroupArn": f.id("ips")}}})
	f.must(typeService, "service", in{"name": "web", "cluster": f.id("ecs"), "taskDefinition": f.made["task"].Text("arn"),
		"launchType":           "FARGATE",
		"networkConfiguration": in{"subnets": list1(a, b), "securityGroups": list1(f.id("web"))},
		"loadBalancers":        []any{in{"targetGroupArn": f.id("ips"), "containerName": "web", "containerPort": 8080.0}}})

	f.must(typeOriginID, "oai", in{"comment": "site"})
	f.must(typeOriginControl, "oac", in{"name": "site", "originAccessControlOriginType": "s3", "signingBehavior": "always",
		"signingProtocol": "sigv4"})
	f.must(typeDistribution, "cdn", in{"enabled": true, "origins": []any{in{"originId": "s3", "domainName": "logs-1234567.s3.amazonaws.com",
		"originAccessControlId": f.id("oac"),
		"s3OriginConfig":        in{"originAccessIdentity": f.made["oai"].Text("cloudfrontAccessIdentityPath")}}},
		"defaultCacheBehavior": in{"targetOriginId": "s3", "viewerProtocolPolicy": "redirect-to-https"},
		"restrictions":         in{"geoRestriction": in{"restrictionType": "none"}},
		"viewerCertificate":    in{"cloudfrontDefaultCertificate": true}})

	f.must(typePolicy, "readers", in{"name": "readers", "path": "/", "policy": readOnly})
	f.must(typeUser, "user", in{"name": "ann", "path": "/"})
	f.must(typeUserGroup, "people", in{"name": "people", "path": "/"})
	f.must(typeUserPolicy, "userpolicy", in{"name": "read", "user": "ann", "policy": readOnly})
	f.must(typeUserAttachment, "userattachment", in{"user": "ann", "policyArn": f.id("readers")})
	f.must(typePolicyAttachment, "policyattachment", in{"name": "read", "policyArn": f.id("readers"), "roles": list1("web"),
		"groups": list1("people")})
	f.must(typeAccessKey, "accesskey", in{"user": "ann"})
	f.must(typeEventRule, "nightly", in{"name": "nightly", "scheduleExpression": "rate(1 day)"})
	f.must(typeEventTarget, "eventtarget", in{"rule": "nightly", "arn": f.made["function"].Text("arn")})
	f.must(typeLogStream, "stream", in{"name": "web", "logGroupName": "rest"})

	f.must(typeAPI, "api", in{"name": "shop", "protocolType": "HTTP"})
	f.must(typeAPIIntegration, "integration", in{"apiId": f.id("api"), "integrationType": "AWS_PROXY",
		"integrationUri": f.made["function"].Text("invokeArn")})
	f.must(typeAPIRoute, "apiroute", in{"apiId": f.id("api"), "routeKey": "GET /", "target": "integrations/" + f.id("integration")})
	f.must(typeAPIStage, "apistage", in{"apiId": f.id("api"), "name": "$default", "autoDeploy": true})
	f.must(typeFileSystem, "files", in{"creationToken": "files"})
	f.must(typeMountTarget, "mount", in{"fileSystemId": f.id("files"), "subnetId": a})
	f.must(typeCacheSubnets, "cachesubnets", in{"name": "cache", "subnetIds": list1(a, b)})
}
