package controls

import "github.com/causeway-iac/causeway/graph"

// made makes what the platform has not, each as it should be.
func made(s *edit) {
	network := s.add(vpcType, "network", in{"cidrBlock": "10.0.0.0/16"})
	inner := s.add(subnetType, "inner", in{"vpcId": network, "availabilityZone": "eu-west-1a"})
	balancer := s.add(balancerType, "balancer", in{"loadBalancerType": "network", "internal": true, "enableCrossZoneLoadBalancing": true})
	s.add(listenerType, "tls", in{"loadBalancerArn": balancer, "protocol": "TLS", "port": 443})
	s.add(interfaceType, "interface", in{"subnetId": inner, "sourceDestCheck": true})
	table := s.add(routeTableType, "table", in{"vpcId": network})
	s.add(routeType, "peer", in{"routeTableId": table, "destinationCidrBlock": "10.9.1.0/24", "vpcPeeringConnectionId": "pcx-1"})
	s.add(scalingType, "spot", in{
		"vpcZoneIdentifiers": list(inner), "capacityRebalance": true,
		"mixedInstancesPolicy": in{
			"instancesDistribution": in{"onDemandPercentageAboveBaseCapacity": 0},
			"launchTemplate":        in{"overrides": list(in{"instanceType": "m7g.large"}, in{"instanceType": "m6g.large"})},
		},
	})
	s.add(instanceType, "server", in{
		"ami": "ami-0123456789abcdef0", "instanceType": "m7g.large", "subnetId": inner, "associatePublicIpAddress": false,
		"rootBlockDevice": in{"encrypted": true, "kmsKeyId": "arn:aws:kms:eu-west-1:1:key/1"},
	})
	madeRoles(s)
	madeData(s)
}

func madeRoles(s *edit) {
	s.add(roleType, "pipeline", in{"assumeRolePolicy": `{"Statement": [
		{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
		{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"},
		 "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {
			"token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
			"token.actions.githubusercontent.com:sub": "repo:causeway-iac/causeway:environment:prod"}}}]}`})
}

func madeData(s *edit) {
	key := s.add(keyType, "key", in{"description": "made"})
	key.Outputs["arn"] = "arn:aws:kms:eu-west-1:111122223333:key/made"
	secret := s.add(secretType, "secret", in{"kmsKeyId": key, "description": "what it is for", "recoveryWindowInDays": 30})
	s.add(secretValueType, "secret", in{"secretId": secret, "secretString": graph.Secret{}})
	s.add(rotationType, "secret", in{"secretId": secret, "rotationRules": in{"automaticallyAfterDays": 30}})
	s.add(secretRuleType, "secret", in{"secretArn": secret, "blockPublicPolicy": true, "policy": `{"Statement": [{"Effect": "Allow",
		"Principal": {"AWS": "arn:aws:iam::111122223333:role/app"}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}]}`})
	s.add("aws:rds/proxy:Proxy", "proxy", in{"requireTls": true})
	s.add("aws:rds/snapshot:Snapshot", "snapshot", in{"dbInstanceIdentifier": "db"})
	s.add("aws:rds/globalCluster:GlobalCluster", "global", in{"storageEncrypted": true})
	s.add(parameterType, "parameter", in{"type": "SecureString", "keyId": key, "value": graph.Secret{}})
	s.add(documentType, "sessions", in{"documentType": "Session", "content": `{"schemaVersion": "1.0", "sessionType": "Standard_Stream",
		"inputs": {"kmsKeyId": "alias/sessions", "cloudWatchLogGroupName": "sessions", "cloudWatchEncryptionEnabled": true}}`})
	bucket := s.add("aws:s3/bucketV2:BucketV2", "data",
		in{"bucket": "data", "objectLockEnabled": true, "tags": in{"causeway:tier": "data"}})
	s.add("aws:s3/bucketReplicationConfig:BucketReplicationConfig", "data", in{"bucket": bucket})
	s.add("aws:s3/bucketNotification:BucketNotification", "data", in{"bucket": bucket, "eventbridge": true})
	zone := s.add(zoneType, "zone", in{"name": "example.org"})
	queries := s.add(logGroupType, "queries", in{"name": "queries"})
	queries.Outputs["arn"] = "arn:aws:logs:us-east-1:111122223333:log-group:queries"
	s.add("aws:cloudwatch/logResourcePolicy:LogResourcePolicy", "queries", in{"policyDocument": `{"Statement": [{"Effect": "Allow",
		"Principal": {"Service": "route53.amazonaws.com"},
		"Action": "logs:PutLogEvents", "Resource": "arn:aws:logs:us-east-1:111122223333:log-group:queries:*"}]}`})
	s.add("aws:route53/queryLog:QueryLog", "zone", in{"zoneId": zone, "cloudwatchLogGroupArn": queries})
	s.add(cfRecordType, "address", in{"type": "A", "name": "www", "content": "198.51.100.7", "proxied": true})
}
