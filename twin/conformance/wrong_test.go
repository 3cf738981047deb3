package conformance

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

// mistake is one in a program that is not ours: another property of a resource, or none (nil). What refuses it, the
// provider or AWS, says where and what.
type mistake struct {
	program, logical string
	changes          value.Map
	refused, says    string // the resource that is refused, which may be one that follows
}

var mistakes = []mistake{
	{"tcp-fleet", "onTcp", value.Map{"protocol": "HTTP"}, "onTcp", "ValidationError"},
	{"tcp-fleet", "onTcp", value.Map{"protocol": "TLS"}, "onTcp", "A certificate must be specified"},
	{"tcp-fleet", "onTcp", value.Map{"port": 5353}, "onUdp", "DuplicateListener"},
	{"tcp-fleet", "onUdp", value.Map{"defaultActions": []any{value.Map{"type": "forward", "targetGroupArn": "${tcp.arn}"}}}, "onUdp",
		"IncompatibleProtocols"},
	{"tcp-fleet", "tcp", value.Map{"stickiness": value.Map{"type": "lb_cookie", "enabled": true}}, "tcp", "Stickiness type 'lb_cookie'"},
	{"tcp-fleet", "balancer",
		value.Map{"subnetMappings": []any{value.Map{"subnetId": "${frontA.id}", "allocationId": "${natAddressA.id}"}}}, "balancer",
		"ResourceInUse"},
	{"tcp-fleet", "balancer", value.Map{"internal": true}, "balancer", "internet-facing"},
	{"tcp-fleet", "health", value.Map{"toPort": 80}, "health", "the first port 8081 is after the last, 80"},
	{"tcp-fleet", "privateB", value.Map{"routes": []any{value.Map{"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0123456789abcdef0"}}},
		"privateB", "InvalidNatGatewayID.NotFound"},
	{"tcp-fleet", "machines",
		value.Map{"ingress": []any{value.Map{"protocol": "tcp", "fromPort": 1, "toPort": 1,
			"securityGroups": []any{"sg-0123456789abcdef0"}}}}, "machines", "InvalidGroup.NotFound"},
	{"tcp-fleet", "bySteps", value.Map{"stepAdjustments": nil}, "bySteps", "needs stepAdjustments"},
	{"tcp-fleet", "drain", value.Map{"heartbeatTimeout": 5}, "drain", "5 is not between 30 and 7200"},
	{"tcp-fleet", "frontB", value.Map{"availabilityZone": "eu-west-1a"}, "balancer", "same Availability Zone"},
	{"tcp-fleet", "fleet", value.Map{"minSize": 20}, "fleet", "20 is more than maxSize, 12"},

	{"site-https", "issued", value.Map{"validationRecordFqdns": []any{"${provesFirst.fqdn}"}}, "issued", "missing"},
	{"site-https", "provesSecond", value.Map{"zoneId": "${zone.zoneId}"}, "issued", "missing"},
	{"site-https", "authorities", value.Map{"records": []any{`0 issue "letsencrypt.org"`}}, "issued", "CAA_ERROR"},
	{"site-https", "authorities", value.Map{"records": []any{"amazon.com"}}, "authorities", "CAARRDATAIllegal"},
	{"site-https", "wwwSpare", value.Map{"failoverRoutingPolicies": []any{value.Map{"type": "PRIMARY"}}}, "wwwSpare", "role PRIMARY"},
	{"site-https", "wwwSpare", value.Map{"failoverRoutingPolicies": nil, "setIdentifier": nil}, "wwwSpare", "a failover rrset exists"},
	{"site-https", "otherHalf",
		value.Map{"weightedRoutingPolicies": nil, "latencyRoutingPolicies": []any{value.Map{"region": "eu-west-1"}}}, "otherHalf",
		"a weighted rrset exists"},
	{"site-https", "otherHalf", value.Map{"type": "A", "records": []any{"192.0.2.1"}}, "otherHalf", "conflicting RRSet"},
	{"site-https", "apex", value.Map{"type": "CNAME", "records": []any{"x.example.com"}}, "apex", "not permitted at apex"},
	{"site-https", "mail", value.Map{"records": []any{"mx1.example.com"}}, "mail", "MXRRDATAIllegal"},
	{"site-https", "old",
		value.Map{"rules": []any{value.Map{"id": "x", "status": "Enabled", "filter": value.Map{},
			"transitions": []any{value.Map{"days": 10, "storageClass": "STANDARD_IA"}}}}}, "old", "equal to 30"},
	{"site-https", "page", value.Map{"bucket": "no-such-bucket"}, "page", "NoSuchBucket"},
	{"site-https", "key", value.Map{"isEnabled": false}, "page", "disabled"},
	{"site-https", "check", value.Map{"fqdn": nil}, "check", "either fqdn or ipAddress"},

	{"two-networks", "database", value.Map{"backupRetentionPeriod": 0}, "replica", "Automated backups are not enabled"},
	{"two-networks", "database", value.Map{"optionGroupName": nil, "engineVersion": "8.0", "parameterGroupName": nil}, "replica",
		"mysql8.0"},
	{"two-networks", "database", value.Map{"maintenanceWindow": "mon:23:30-tue:00:30"}, "database", "must not overlap"},
	{"two-networks", "replica", value.Map{"vpcSecurityGroupIds": []any{"${reportsGroup.id}"}}, "replica", "another VPC"},
	{"two-networks", "options", value.Map{"majorEngineVersion": "8.0"}, "database", "can't be used for this instance"},
	{"two-networks", "warehouse", value.Map{"serverlessv2ScalingConfiguration": value.Map{"minCapacity": 8, "maxCapacity": 2}}, "warehouse",
		"minimum capacity 8"},
	{"two-networks", "warehouse", value.Map{"serverlessv2ScalingConfiguration": nil}, "writer", "Serverless v2 scaling configuration"},
	{"two-networks", "writer", value.Map{"engineVersion": "15.10"}, "writer", "does not match the engine version of your DB cluster"},
	{"two-networks", "nightly",
		value.Map{"rules": []any{value.Map{"ruleName": "n", "targetVaultName": "${vault.name}", "schedule": "cron(0 3 * * ? *)",
			"lifecycle": value.Map{"coldStorageAfter": 30, "deleteAfter": 60}}}}, "nightly", "90 days apart"},
	{"two-networks", "secretsFromOrders", value.Map{"subnetIds": []any{"${reportsA.id}"}, "securityGroupIds": nil}, "secretsFromOrders",
		"does not belong to the VPC"},
	{"two-networks", "bucketsFromOrders", value.Map{"vpcId": "${reports.id}"}, "bucketsFromOrders", "does not belong to the VPC"},
	{"two-networks", "list", value.Map{"subnetIds": []any{"${reportsA.id}"}}, "list", "belong to different networks"},
	{"two-networks", "flowLog", value.Map{"iamRoleArn": nil}, "flowLog", "DeliverLogsPermissionArn"},
	{"two-networks", "ordersSubnets", value.Map{"subnetIds": []any{"${ordersA.id}", "${reportsB.id}"}}, "ordersSubnets", "different VPCs"},
	{"two-networks", "proxy", value.Map{"vpcSubnetIds": []any{"${ordersA.id}"}}, "proxy", "at least two Availability Zones"},
	{"two-networks", "target", value.Map{"dbInstanceIdentifier": nil}, "target", "dbClusterIdentifier"},
	{"two-networks", "insideNameToo", value.Map{"vpcs": []any{value.Map{"vpcId": "${orders.id}"}}}, "insideNameToo",
		"ConflictingDomainExists"},
	{"two-networks", "kept", value.Map{"iamRoleArn": "arn:aws:iam::000000000000:role/none"}, "kept", "cannot be assumed"},
}

// TestForeignProgramsThatAreWrong: each with one mistake is refused, at the resource where AWS would notice.
func TestForeignProgramsThatAreWrong(t *testing.T) {
	programs, err := Programs()
	require.NoError(t, err)
	byName := map[string]Program{}
	for _, p := range programs {
		byName[p.Name] = p
	}
	for _, m := range mistakes {
		t.Run(fmt.Sprintf("%s/%s %v", m.program, m.logical, m.changes), func(t *testing.T) {
			l := newLife(t)
			refused, made := "", false
			for _, d := range byName[m.program].Resources {
				if d.Logical == m.logical {
					d.Properties, made = m.in(d.Properties), true
				}
				if err = l.try(d); err != nil {
					refused = d.Logical
					break
				}
			}
			require.True(t, made, "the mistake is in no resource of the program")
			assert.Equal(t, m.refused, refused, "%v", err)
			assert.ErrorContains(t, err, m.says)
		})
	}
}

func (m mistake) in(properties value.Map) value.Map {
	out := value.CopyMap(properties)
	for k, v := range m.changes {
		out[k] = v
		if v == nil {
			delete(out, k)
		}
	}
	return out
}
