package world

import (
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
		{"a flow log to a group that is not there yet", after(whole, another("flowlog", in{"logDestinationType": "cloud-watch-logs", "logDestination": "arn:aws:logs:eu-central-1:111122223333:log-group:none:*"}))},
		{"deleting one of two active signing keys", after(whole, another("keysigningkey", in{"name": "second"}), update("hostedzonednssec", in{"signingStatus": "SIGNING"}), remove("keysigningkey"))},
		{"deleting a signing key that is not active", after(whole, update("keysigningkey", in{"status": "INACTIVE"}), update("hostedzonednssec", in{"signingStatus": "SIGNING"}), remove("keysigningkey"))},
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
