package review

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/graph"
)

// The files of testdata/proposals are what the engine previewed of changes of a deployed production stack with a database and
// a bucket written beside it (`go test ./cmd/causeway/internal/platform -run TestRecordProposals -update`). What stays as it is
// stands once, in nothing.json.gz.

// recorded is a digest of a proposal as the engine wrote it.
func recorded(t *testing.T, name string) map[string]any {
	t.Helper()
	f, err := os.Open("testdata/proposals/" + name + ".json.gz")
	require.NoError(t, err)
	defer f.Close()
	r, err := gzip.NewReader(f)
	require.NoError(t, err)
	raw, err := io.ReadAll(r)
	require.NoError(t, err)
	var digest map[string]any
	require.NoError(t, json.Unmarshal(raw, &digest))
	return digest
}

// staying is what stays as it is, read once.
func staying(t *testing.T) []any {
	if stays == nil {
		stays = recorded(t, "nothing")["steps"].([]any)
	}
	return stays
}

var stays []any

// proposed is the review of a proposal.
func proposed(t *testing.T, name string) *Report {
	t.Helper()
	digest := recorded(t, name)
	steps, _ := digest["steps"].([]any)
	changes := map[any]bool{}
	for _, s := range steps {
		changes[s.(state)["urn"]] = true
	}
	if name != "nothing" {
		for _, s := range staying(t) {
			if !changes[s.(state)["urn"]] {
				steps = append(steps, s)
			}
		}
	}
	digest["steps"] = steps
	raw, err := json.Marshal(digest)
	require.NoError(t, err)
	p, err := graph.ReadPreview(bytes.NewReader(raw))
	require.NoError(t, err, name)
	return Of(p, today)
}

// What is told of each proposal was read, line by line, by somebody who must approve it, and stands beside it.
func TestWhatIsToldOfProposals(t *testing.T) {
	files, err := filepath.Glob("testdata/proposals/*.json.gz")
	require.NoError(t, err)
	require.Greater(t, len(files), 20)
	for _, file := range files {
		path := strings.TrimSuffix(file, ".json.gz")
		r := proposed(t, filepath.Base(path))
		shown := page(t, r.Markdown(Most))
		for _, markup := range []string{"<img", "<a ", "<script", "<h1", "<em>"} {
			assert.NotContains(t, shown, markup, "%s: something of the program is markup", path)
		}
		text := r.Text()
		if *update {
			require.NoError(t, os.WriteFile(path+".txt", []byte(text), 0o644))
		}
		read, err := os.ReadFile(path + ".txt")
		require.NoError(t, err)
		assert.Equal(t, string(read), text, "go test ./review -run Proposals -update, and read it")
	}
}

// A stack that is not this project's, of version 7 of the AWS provider: what it would lose, who could reach it and what it costs
// are told all the same, and it is not judged by this project's conventions.
func TestAChangeOfSomebodyElsesStackIsReviewed(t *testing.T) {
	const stack, provider = "urn:pulumi:live::shop::pulumi:pulumi:Stack::shop-live", "urn:pulumi:live::shop::pulumi:providers:aws::default"
	steps := []any{
		state{"op": "same", "urn": stack, "oldState": state{"urn": stack, "type": "pulumi:pulumi:Stack"},
			"newState": state{"urn": stack, "type": "pulumi:pulumi:Stack"}},
	}
	add := func(op, kind, name string, before, after state, details state) {
		urn := "urn:pulumi:live::shop::" + kind + "::" + name
		of := func(inputs state) state {
			return state{"urn": urn, "type": kind, "custom": true, "id": name + "-0a1b2c3d4e", "inputs": inputs, "outputs": inputs,
				"parent": stack, "provider": provider + "::1"}
		}
		s := state{"op": op, "urn": urn, "detailedDiff": details}
		if before != nil {
			s["oldState"] = of(before)
		}
		if after != nil {
			s["newState"] = of(after)
		}
		steps = append(steps, s)
	}
	same := func(kind, name string, inputs state) { add("same", kind, name, inputs, inputs, nil) }
	here := state{"region": "eu-west-1", "version": "7.23.0"}
	steps = append(steps, state{"op": "same", "urn": provider, "oldState": state{"urn": provider, "type": "pulumi:providers:aws",
		"custom": true, "id": "1", "inputs": here}, "newState": state{"urn": provider, "type": "pulumi:providers:aws", "custom": true,
		"id": "1", "inputs": here}})
	same("aws:ec2/vpc:Vpc", "net", state{"cidrBlock": "10.0.0.0/16"})
	same("aws:ec2/internetGateway:InternetGateway", "way", state{"vpcId": "net-0a1b2c3d4e"})
	same("aws:ec2/subnet:Subnet", "a", state{"vpcId": "net-0a1b2c3d4e", "cidrBlock": "10.0.1.0/24"})
	same("aws:ec2/routeTable:RouteTable", "out", state{"vpcId": "net-0a1b2c3d4e",
		"routes": []any{state{"cidrBlock": "0.0.0.0/0", "gatewayId": "way-0a1b2c3d4e"}}})
	same("aws:ec2/routeTableAssociation:RouteTableAssociation", "out", state{"subnetId": "a-0a1b2c3d4e", "routeTableId": "out-0a1b2c3d4e"})
	admits := func(port float64) state {
		return state{"vpcId": "net-0a1b2c3d4e", "ingress": []any{
			state{"protocol": "tcp", "fromPort": port, "toPort": port, "cidrBlocks": []any{"0.0.0.0/0"}}}}
	}
	add("update", "aws:ec2/securityGroup:SecurityGroup", "group", admits(443), admits(22), state{"ingress": state{"kind": "update"}})
	server := func(kind string) state {
		return state{"subnetId": "a-0a1b2c3d4e", "vpcSecurityGroupIds": []any{"group-0a1b2c3d4e"}, "instanceType": kind,
			"associatePublicIpAddress": true, "region": "eu-west-1"}
	}
	add("update", "aws:ec2/instance:Instance", "server", server("t3.micro"), server("t3.small"),
		state{"instanceType": state{"kind": "update"}})
	add("delete", "aws:s3/bucket:Bucket", "files", state{"bucket": "files", "forceDestroy": true}, nil, nil)
	raw, err := json.Marshal(state{"steps": steps, "changeSummary": state{"same": 6, "update": 2, "delete": 1}})
	require.NoError(t, err)
	p, err := graph.ReadPreview(bytes.NewReader(raw))
	require.NoError(t, err)
	text := Of(p, today).Text()
	for _, line := range []string{
		"STOP: live: 1 to delete, 2 to update, 5 as they are", "LOSS: files would be deleted, with the objects",
		"ingress[0].fromPort: 443 → 22", "opens: internet → server on tcp 22", "closes: internet → server on tcp 443",
		"C032 (critical) breaks: group: tcp 22 is open to the internet", "server, ec2 t3.small: (none) → 730 h × 0.0228",
	} {
		assert.Contains(t, text, line)
	}
	for _, convention := range []string{"C040", "C232", "I19", "causeway:environment"} {
		assert.NotContains(t, text, convention)
	}
}
