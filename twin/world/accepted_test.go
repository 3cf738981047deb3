package world

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestWhatAWSTakes: what one might think is refused and is not. A twin that refused it would hold off programs that work.
func TestWhatAWSTakes(t *testing.T) {
	for _, c := range []struct {
		name string
		do   step
	}{
		{"a NAT gateway in a subnet without a route to the internet gateway", after(made(typeEIP, "e", in{}), create(typeNAT, in{"subnetId": "@b", "allocationId": "@e", "connectivityType": "public"}))},
		{"a default table with a route to its network's gateway", create(typeDefaultTable, in{"defaultRouteTableId": "@vpc.defaultRouteTableId", "routes": []any{in{"cidrBlock": "0.0.0.0/0", "gatewayId": "@igw"}}})},
		{"deleting an internet gateway that a route names, where nothing has a public address", after(otherVPC, made(typeRoute, "r", in{"routeTableId": "@table2", "destinationCidrBlock": "0.0.0.0/0", "gatewayId": "@igw2"}), remove("igw2"))},
		{"deleting a NAT gateway that a route names", after(made(typeRoute, "r", in{"routeTableId": "@table", "destinationCidrBlock": "192.0.2.0/24", "natGatewayId": "@nat"}), remove("nat"))},
		{"deleting a launch template that a group uses", remove("template")},
		{"a launch template that names a group that is gone", create(typeLaunchTemplate, in{"name": "x", "vpcSecurityGroupIds": list1("sg-0")})},
		{"a listener with a certificate for other names", after(validationOf("other.example.test"), validate, another("listener", in{"port": 8443.0, "certificateArn": "@wanted"}))},
		{"a load balancer in a subnet of /28 with eight free addresses", after(made(typeSubnet, "s", in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/28", "availabilityZone": "eu-central-1b"}), another("lb", in{"name": "x", "subnets": list1("@a", "@s")}))},
		{"deleting a load balancer with its listeners", after(remove("aclAttachment"), remove("lb"))},
		{"deleting a listener with its rules", remove("listener")},
		{"deleting a subnet that only a database's subnet group names", after(made(typeSubnet, "s", in{"vpcId": "@vpc", "cidrBlock": "10.0.9.0/24", "availabilityZone": "eu-central-1c"}), made(typeSubnetGroup, "g", in{"name": "g", "subnetIds": list1("@a", "@s")}), remove("s"))},
		{"deleting a key that something uses", after(whole, update("loggroup", in{"kmsKeyId": "@key.arn"}), remove("key"))},
		{"deleting a zone in Cloudflare with its records", remove("cfzone")},
		{"putting an alarm of a name that is there", after(made(typeAlarm, "m", in{"name": "cpu", "metricName": "m", "namespace": "n"}), create(typeAlarm, in{"name": "cpu", "metricName": "other", "namespace": "n"}))},
		{"putting a bucket's policy over another", after(bucketPolicyOf(policyFor("s3:GetObject", "arn:aws:s3:::logs-1234567/*")), bucketPolicyOf(policyFor("s3:PutObject", "arn:aws:s3:::logs-1234567/*")))},
		{"two public zones of a domain", create(typeZone, in{"name": "example.test"})},
		{"a policy of a bucket for everybody under a condition", bucketPolicyOf(statementOf(`"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::logs-1234567/*","Principal":"*","Condition":{"StringEquals":{"aws:SourceVpce":"vpce-1"}}`))},
		{"a policy of a bucket for everybody where its block lets it", after(made(typePublicAccess, "p", in{"bucket": "logs-1234567", "blockPublicPolicy": false}), bucketPolicyOf(anyone))},
		{"a role that AWS makes for a service in a key's policy", create(typeKey, in{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*","Principal":{"AWS":["arn:aws:iam::111122223333:root","arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"]}}]}`})},
		{"a role of another account", another("role", in{"name": "x", "assumeRolePolicy": statementOf(`"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"arn:aws:iam::999988887777:role/deploy"}`)})},
		{"a name in another region", after(whole, madeIn("us-east-1", typeLogGroup, "far", in{"name": "rest"}))},
		{"a family of machines that the twin has not", after(made(typeLaunchTemplate, "t", in{"name": "t", "instanceType": "x2idn.metal"}), another("group", in{"name": "x", "launchTemplate": in{"id": "@t"}}))},
		{"a flow log to a group that is not there yet", after(whole, another("flowlog", in{"logDestinationType": "cloud-watch-logs", "iamRoleArn": "@role.arn", "logDestination": "arn:aws:logs:eu-central-1:111122223333:log-group:none:*"}))},
		{"deleting one of two active signing keys", after(whole, another("keysigningkey", in{"name": "second"}), update("hostedzonednssec", in{"signingStatus": "SIGNING"}), remove("keysigningkey"))},
		{"deleting a signing key that is not active", after(whole, update("keysigningkey", in{"status": "INACTIVE"}), update("hostedzonednssec", in{"signingStatus": "SIGNING"}), remove("keysigningkey"))},
		{"a subnet of the addresses of another VPC's", after(made(typeVPC, "v", in{"cidrBlock": "10.0.0.0/16"}), create(typeSubnet, in{"vpcId": "@v", "cidrBlock": "10.0.0.0/24"}))},
		{"two internet gateways that are attached to nothing", after(made(typeInternetGateway, "g", in{}), create(typeInternetGateway, in{}))},
		{"deleting an internet gateway beside what has private addresses", after(otherVPC, made(typeLoadBalancer, "i", in{"name": "i", "internal": true, "subnets": list1("@c", "@d")}),
			made(typeNAT, "n", in{"subnetId": "@c", "connectivityType": "private"}), remove("igw2"))},
		{"an internal load balancer in a network without an internet gateway", after(otherVPC, remove("igw2"), create(typeLoadBalancer, in{"name": "i", "internal": true, "subnets": list1("@c", "@d")}))},
		{"a route that stays in the network", create(typeRoute, in{"routeTableId": "@table", "destinationCidrBlock": "10.0.0.0/16", "gatewayId": "local"})},
		{"endpoints of two services in a table", after(whole, create(typeEndpoint, in{"vpcId": "@vpc", "serviceName": "com.amazonaws.eu-central-1.dynamodb", "vpcEndpointType": "Gateway", "routeTableIds": list1("@table")}))},
		{"deleting a group that only its own rule names", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}), made(typeIngressRule, "r", in{"securityGroupId": "@g", "referencedSecurityGroupId": "@g", "ipProtocol": "-1"}), remove("g"))},
		{"rules for two prefixes of IPv6", after(made(typeIngressRule, "r", in{"securityGroupId": "@web", "cidrIpv6": "2001:db8::/32", "ipProtocol": "-1"}), create(typeIngressRule, in{"securityGroupId": "@web", "cidrIpv6": "2001:db9::/32", "ipProtocol": "-1"}))},
		{"a prefix list that is full", create(typePrefixList, in{"name": "x", "maxEntries": 1.0, "entries": []any{in{"cidr": "10.0.0.0/8"}}})},
		{"a group of the least that it may have", update("group", in{"desiredCapacity": 1.0})},
		{"a load balancer of a name of 32 characters", another("lb", in{"name": strings.Repeat("x", 32)})},
		{"a load balancer where eight addresses are free", after(more("nat-gateways-per-zone"), sparse(3), another("lb", in{"name": "x", "subnets": list1("@a", "@sparse")}))},
		{"an update of a load balancer where no address is free any more", after(more("nat-gateways-per-zone"), sparse(3), made(typeLoadBalancer, "l", in{"name": "l", "subnets": list1("@a", "@sparse")}), made(typeNAT, "n", in{"subnetId": "@sparse", "connectivityType": "private"}), update("l", in{"idleTimeout": 30.0}))},
		{"logs that are off to no bucket", update("lb", in{"accessLogs": in{"bucket": "none", "enabled": false}})},
		{"targets that are a function", create(typeTargetGroup, in{"name": "f", "targetType": "lambda"})},
		{"a certificate of a first name of 64 characters", create(typeCertificate, in{"domainName": longName(64), "validationMethod": "DNS"})},
		{"a certificate beside CAA records that say nothing of issuing", after(validationOf("www.example.test"), caa(`0 iodef "mailto:a@example.test"`), validate)},
		{"a certificate of a wildcard that CAA allows", after(validationOf("*.shop.example.test"), caa(`0 issue "letsencrypt.org"`, `0 issuewild "amazon.com"`), validate)},
		{"deleting a zone with records by force", after(made(typeZone, "z", in{"name": "z.test", "forceDestroy": true}), made(typeRecord, "r", in{"zoneId": "@z", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1")}), remove("z"))},
		{"an update of a private zone", after(made(typeZone, "p", in{"name": "x.internal", "vpcs": []any{in{"vpcId": "@vpc"}}}), update("p", in{"comment": "x"}))},
		{"records of a name with weights", after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"), "setIdentifier": "one"}), record(in{"setIdentifier": "two"}))},
		{"a proxied record's own TTL", inCF(in{"proxied": true, "ttl": 1.0})},
		{"a TTL of a minute and one of a day", after(inCF(in{"ttl": 60.0}), inCF(in{"name": "other", "ttl": 86400.0}))},
		{"an automatic TTL", inCF(in{"ttl": 1.0})},
		{"a record in Cloudflare over another", after(inCF(in{}), inCF(in{"allowOverwrite": true}))},
		{"a text beside a CNAME in Cloudflare", inCF(in{"name": "www", "type": "TXT", "content": "x"})},
		{"an update of a record in Cloudflare", update("www", in{"ttl": 300.0})},
		{"deleting a role with policies by force", after(remove("profile"), update("role", in{"forceDetachPolicies": true}), remove("role"))},
		{"a policy of all but some resources", policyOf(`"Effect":"Allow","Action":"s3:*","NotResource":"arn:aws:s3:::secret/*"`)},
		{"a policy of a bucket of all actions", bucketPolicyOf(policyFor("*", "arn:aws:s3:::logs-1234567/*"))},
		{"a condition that holds where its key is missing", policyOf(`"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"StringEqualsIfExists":{"aws:SourceVpc":"vpc-1"}}`)},
		{"AWS's own key, by the ARN that a service gave", func(f *fixture) error { return f.update("vault", in{"kmsKeyArn": f.made["vault"].Text("kmsKeyArn")}) }},
		{"deleting a bucket with objects by force", after(update("bucket", in{"forceDestroy": true}), remove("bucket"))},
		{"an object's ACL where the bucket has ACLs", after(made(typeOwnership, "o", in{"bucket": "logs-1234567", "rule": in{"objectOwnership": "ObjectWriter"}}), create(typeObject, in{"bucket": "logs-1234567", "key": "x", "acl": "public-read"}))},
		{"IOPS of gp3 from its size on", database(in{"storageType": "gp3", "allocatedStorage": 400.0, "iops": 12000.0})},
		{"storage that may grow by a tenth", database(in{"maxAllocatedStorage": 22.0})},
		{"windows that touch", database(in{"backupWindow": "03:00-04:00", "maintenanceWindow": "mon:04:00-mon:05:00"})},
		{"windows that touch the other way round", database(in{"backupWindow": "05:00-06:00", "maintenanceWindow": "mon:04:00-mon:05:00"})},
		{"deleting a database with a final snapshot", after(update("db", in{"deletionProtection": false, "finalSnapshotIdentifier": "last"}), remove("db"))},
		{"deleting a database without a snapshot whose name is taken", after(database(in{"deletionProtection": false, "finalSnapshotIdentifier": "last"}), remove("x"), update("db", in{"deletionProtection": false, "skipFinalSnapshot": true, "finalSnapshotIdentifier": "last"}), remove("db"))},
		{"a database of MySQL whose user is admin", database(in{"engine": "mysql", "engineVersion": "8.4", "parameterGroupName": nil, "username": "admin"})},
		{"another major version where it is allowed", after(database(in{"engineVersion": "16", "parameterGroupName": nil}), update("x", in{"engineVersion": "17", "parameterGroupName": nil, "allowMajorVersionUpgrade": true}))},
		{"the same version said otherwise", after(database(in{"engineVersion": "17"}), update("x", in{"engineVersion": "17.6"}))},
		{"deleting a composite alarm whose rule names itself", after(whole, made(typeCompositeAlarm, "c", in{"alarmName": "c", "alarmRule": `ALARM("rest")`}), update("c", in{"alarmRule": `ALARM("c")`}), remove("c"))},
		{"deleting a vault with recovery points by force", after(func(f *fixture) error {
			return f.w.Alter(typeVault, "vault", in{"recoveryPoints": 3.0, "forceDestroy": true})
		}, remove("vault"))},
		{"a group whose rule names one of another account", create(typeSecurityGroup, in{"vpcId": "@vpc", "name": "g", "ingress": []any{in{"protocol": "-1", "securityGroups": list1("999988887777/sg-1")}}})},
		{"deleting a group that only its own rule within it names", after(made(typeSecurityGroup, "g", in{"vpcId": "@vpc", "name": "g"}), update("g", in{"ingress": []any{in{"protocol": "-1", "securityGroups": list1("@g")}}}), remove("g"))},
		{"a table with a route to its own network's gateway", create(typeRouteTable, in{"vpcId": "@vpc", "routes": []any{in{"cidrBlock": "0.0.0.0/0", "gatewayId": "@igw"}, in{"cidrBlock": "192.0.2.0/24", "natGatewayId": "@nat"}}})},
		{"an update of a load balancer with an address of its own", after(made(typeEIP, "e", in{}), made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnetMappings": []any{in{"subnetId": "@a", "allocationId": "@e"}}}), update("n", in{"enableCrossZoneLoadBalancing": true}))},
		{"a listener of TLS to targets of TCP", after(made(typeLoadBalancer, "n", in{"name": "n", "loadBalancerType": "network", "subnets": list1("@a")}), made(typeTargetGroup, "t", in{"name": "t", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc", "stickiness": in{"type": "source_ip", "enabled": true}}),
			create(typeListener, in{"loadBalancerArn": "@n", "port": 1.0, "protocol": "TLS", "certificateArn": "@cert", "defaultActions": []any{in{"type": "forward", "targetGroupArn": "@t"}}}))},
		{"stickiness that is off, of another kind", create(typeTargetGroup, in{"name": "x", "port": 1.0, "protocol": "TCP", "vpcId": "@vpc", "stickiness": in{"type": "lb_cookie", "enabled": false}})},
		{"infrequent access after a month", create(typeLifecycle, in{"bucket": "logs-1234567", "rules": []any{in{"id": "a", "transitions": []any{in{"days": 30.0, "storageClass": "STANDARD_IA"}}, "expiration": in{"days": 31.0}}}})},
		{"a backup that is deleted ninety days after it went cold", create(typeBackupPlan, in{"name": "x", "rules": []any{in{"ruleName": "r", "targetVaultName": "vault", "lifecycle": in{"coldStorageAfter": 30.0, "deleteAfter": 120.0}}}})},
		{"a replica of a database with backups", after(update("db", in{"backupRetentionPeriod": 1.0}), create(typeInstance, in{"identifier": "r", "replicateSourceDb": "db", "instanceClass": "db.t4g.micro", "vpcSecurityGroupIds": list1("@web")}))},
		{"a replica of a database of another region", after(update("db", in{"backupRetentionPeriod": 1.0}), func(f *fixture) error {
			return madeIn("us-east-1", typeInstance, "r", in{"identifier": "r", "replicateSourceDb": f.made["db"].Text("arn"), "instanceClass": "db.t4g.micro"})(f)
		})},
		{"an option group of the same version", after(made(typeOptionGroup, "o", in{"name": "o", "engineName": "postgres", "majorEngineVersion": "17"}), database(in{"optionGroupName": "o"}))},
		{"a cluster's instance that says the cluster's version", auroraInstance(in{"engineVersion": "17.5"})},
		{"a cluster of one capacity", auroraLike(in{"serverlessv2ScalingConfiguration": in{"minCapacity": 2.0, "maxCapacity": 2.0}})},
		{"two records that fail over", after(made(typeRecord, "r", in{"zoneId": "@zone", "name": "www", "type": "A", "ttl": 60.0, "records": list1("192.0.2.1"), "setIdentifier": "x", "failoverRoutingPolicies": []any{in{"type": "PRIMARY"}}}), record(in{"setIdentifier": "y", "failoverRoutingPolicies": []any{in{"type": "SECONDARY"}}}))},
		{"a secret of the name of one that was deleted at once", after(made(typeSecret, "s", in{"name": "once", "recoveryWindowInDays": 0.0}), remove("s"), create(typeSecret, in{"name": "once"}))},
	} {
		t.Run(c.name, func(t *testing.T) { require.NoError(t, c.do(newFixture(t).platform())) })
	}
}

// TestWhatGoesAlongIsGone: what the cloud deletes with something else can be made anew at once.
func TestWhatGoesAlongIsGone(t *testing.T) {
	f := newFixture(t).platform()
	require.NoError(t, f.remove("lb"))
	for _, typ := range []string{typeListener, typeListenerRule, typeACLAttachment} {
		assert.Zero(t, len(f.w.objects[typ]), typ)
	}
	require.NoError(t, f.remove("host"), "what is gone already is no error")
	require.NoError(t, f.remove("target"))
}
