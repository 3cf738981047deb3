package endpoints_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/components/endpoints"
	"github.com/causeway-iac/causeway/components/firewall"
	"github.com/causeway-iac/causeway/components/identity"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/network"
	"github.com/causeway-iac/causeway/infra/infratest"
)

func program(sentence firewall.Sentence, args endpoints.Args) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		p := infratest.Platform("prod")
		k, err := keys.New(ctx, "prod-keys", p, keys.Args{})
		if err != nil {
			return err
		}
		boundary, err := identity.NewBoundary(ctx, "prod-boundary", p, k, identity.BoundaryArgs{})
		if err != nil {
			return err
		}
		net, err := network.New(ctx, "prod-network", p, network.Wiring{Keys: k, Boundary: boundary},
			network.Args{ZoneNames: []string{"eu-west-1a", "eu-west-1b"}})
		if err != nil {
			return err
		}
		fw, err := firewall.New(ctx, "prod-firewall", p, net, firewall.Args{Sentences: []firewall.Sentence{sentence}})
		if err != nil {
			return err
		}
		_, err = endpoints.New(ctx, "prod-endpoints", p, endpoints.Wiring{Network: net, Group: fw.Group(firewall.Endpoints)}, args)
		return err
	}
}

var reached = firewall.Allow(firewall.App, firewall.Endpoints, 443)

func record(t *testing.T, args endpoints.Args) map[string]map[string]any {
	t.Helper()
	found := map[string]map[string]any{}
	for _, d := range infratest.OfType(infratest.Record(t, nil, program(reached, args)), "aws:ec2/vpcEndpoint:VpcEndpoint") {
		if d.Plain()["vpcEndpointType"] == "Interface" {
			found[d.Name] = d.Plain()
		}
	}
	return found
}

// Controls 6, 7, 9, 10 and 11.
func TestEndpointsArePrivateInEveryZone(t *testing.T) {
	all := record(t, endpoints.Args{})
	for _, service := range []string{"ec2", "ssm", "ssmmessages", "ec2messages", "secretsmanager", "logs", "monitoring"} {
		assert.Contains(t, all, "prod-endpoints-"+service)
	}
	for name, in := range all {
		assert.Equal(t, true, in["privateDnsEnabled"], name)
		assert.Equal(t, []any{"prod-network-app-a-id", "prod-network-app-b-id"}, in["subnetIds"], name)
		assert.Equal(t, []any{"prod-firewall-endpoints-id"}, in["securityGroupIds"], name)
		var policy struct {
			Statement []struct {
				Effect    string
				Condition map[string]map[string]string
			}
		}
		require.NoError(t, json.Unmarshal([]byte(in["policy"].(string)), &policy))
		for _, s := range policy.Statement {
			assert.Equal(t, "123456789012", s.Condition["StringEquals"]["aws:PrincipalAccount"], name)
		}
	}
	assert.Equal(t, "com.amazonaws.eu-west-1.ssm", all["prod-endpoints-ssm"]["serviceName"])
}

func TestOrderOfServicesMeansNothing(t *testing.T) {
	assert.Equal(t, record(t, endpoints.Args{Services: []string{"sqs", "kms"}}),
		record(t, endpoints.Args{Services: []string{"kms", "sqs"}}))
}

// What a tier may use beyond the rest has an endpoint beside them, and none has two.
func TestFurtherServices(t *testing.T) {
	all := record(t, endpoints.Args{Services: []string{"sqs", "ssm"}})
	assert.Contains(t, all, "prod-endpoints-sqs")
	assert.Len(t, all, len(record(t, endpoints.Args{}))+1)
}

func TestRefusedServices(t *testing.T) {
	for service, problem := range map[string]string{
		"s3":                          "services[1]: s3 has a gateway endpoint",
		"ssm":                         "ssm is listed twice",
		"com.amazonaws.eu-west-1.ec2": "write the part after",
		"EC2":                         "is not the name of a service",
		"":                            "is not the name of a service",
	} {
		assert.ErrorContains(t, endpoints.Args{Services: []string{"ssm", service}}.Validate().Err(), problem, service)
	}
}

// Invariant 15: an endpoint that no sentence leads to would be paid for in vain.
func TestUnreachableEndpointsAreRefused(t *testing.T) {
	_, err := infratest.TryRecord(nil, program(firewall.Allow(firewall.App, firewall.Database, 5433), endpoints.Args{}))
	assert.ErrorContains(t, err, "Group: is missing from the component's wiring; write a sentence of the firewall that leads to endpoints")
}
