package specimen

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
)

// Overgrown are ways in which stacks grow too large, by what there is too much of: a generator of rules, or years of
// growth, produces such stacks. Each adds to an exported platform.
var Overgrown = map[string]func(*growth){
	"5,000 rules of random CIDRs": (*growth).rules,
	"12 MB of user data":          (*growth).userData,
	"100 meshed groups":           (*growth).mesh,
}

// Overgrow is an exported state with what has grown in it.
func Overgrow(export []byte, what string) ([]byte, error) {
	var state map[string]any
	if err := json.Unmarshal(export, &state); err != nil {
		return nil, fmt.Errorf("reading the state: %w", err)
	}
	deployment, _ := state["deployment"].(map[string]any)
	resources, _ := deployment["resources"].([]any)
	g := &growth{resources: resources}
	for _, kind := range []string{"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/subnet:Subnet", "aws:ec2/launchTemplate:LaunchTemplate"} {
		if g.first(kind) == nil {
			return nil, fmt.Errorf("the state has no %s to grow from", kind)
		}
	}
	Overgrown[what](g)
	deployment["resources"] = g.resources
	return json.Marshal(state)
}

type growth struct{ resources []any }

func (g *growth) first(kind string) map[string]any {
	for _, r := range g.resources {
		if raw, ok := r.(map[string]any); ok && raw["type"] == kind {
			return raw
		}
	}
	return nil
}

func (g *growth) add(kind, name string, inputs map[string]any) (id string) {
	urn := g.first("aws:ec2/securityGroup:SecurityGroup")["urn"].(string)
	stack := strings.SplitN(urn, "::", 3)
	id = "grown-" + name
	g.resources = append(g.resources, map[string]any{
		"urn": stack[0] + "::" + stack[1] + "::" + kind + "::" + name, "type": kind, "custom": true, "id": id, "inputs": inputs,
		"outputs": map[string]any{},
	})
	return id
}

func (g *growth) rules() {
	random := rand.New(rand.NewPCG(1, 2))
	group := g.first("aws:ec2/securityGroup:SecurityGroup")["id"]
	for i := range 5000 {
		from := random.IntN(60_000)
		g.add("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", fmt.Sprint("rule-", i), map[string]any{
			"securityGroupId": group, "ipProtocol": "tcp", "fromPort": from, "toPort": from + random.IntN(5000),
			"cidrIpv4": fmt.Sprintf("%d.%d.%d.0/24", 1+random.IntN(200), random.IntN(256), random.IntN(256)),
		})
	}
}

func (g *growth) userData() {
	text := "#!/bin/sh\n" + strings.Repeat("echo the quick brown fox jumps over the lazy dog >> /var/log/first-start\n", 12<<20/73)
	inputs := g.first("aws:ec2/launchTemplate:LaunchTemplate")["inputs"].(map[string]any)
	inputs["userData"] = base64.StdEncoding.EncodeToString([]byte(text))
}

func (g *growth) mesh() {
	subnet := g.first("aws:ec2/subnet:Subnet")
	vpc := subnet["inputs"].(map[string]any)["vpcId"]
	var groups []string
	for i := range 100 {
		groups = append(groups, g.add("aws:ec2/securityGroup:SecurityGroup", fmt.Sprint("group-", i), map[string]any{"vpcId": vpc}))
		g.add("aws:ec2/instance:Instance", fmt.Sprint("server-", i),
			map[string]any{"subnetId": subnet["id"], "vpcSecurityGroupIds": []any{groups[i]}})
	}
	for i, from := range groups {
		for j, to := range groups {
			port := map[string]any{"ipProtocol": "tcp", "fromPort": 8080, "toPort": 8080}
			for kind, ends := range map[string][2]string{"Egress": {from, to}, "Ingress": {to, from}} {
				inputs := map[string]any{"securityGroupId": ends[0], "referencedSecurityGroupId": ends[1]}
				for key, value := range port {
					inputs[key] = value
				}
				g.add("aws:vpc/securityGroup"+kind+"Rule:SecurityGroup"+kind+"Rule", fmt.Sprintf("%s-%d-%d", kind, i, j), inputs)
			}
		}
	}
}
