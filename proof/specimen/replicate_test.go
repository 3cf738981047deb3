package specimen_test

import (
	"bytes"
	"testing"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/stretchr/testify/require"
)

// What is not named after the platform has one URN in every copy, and a state with a URN twice cannot be read.
func TestReplicasShareWhatHasNoNameOfTheirs(t *testing.T) {
	const state = `{"version":3,"deployment":{"resources":[
		{"urn":"urn:pulumi:prod::causeway::pulumi:pulumi:Stack::causeway-prod","type":"pulumi:pulumi:Stack"},
		{"urn":"urn:pulumi:prod::causeway::causeway:stacks:Lasting::lasting","type":"causeway:stacks:Lasting"},
		{"urn":"urn:pulumi:prod::causeway::aws:ec2/vpc:Vpc::shop-main","type":"aws:ec2/vpc:Vpc","custom":true,
		"id":"vpc-0123456789abcdef0"}]}}`
	three, err := specimen.Replicate([]byte(state), 3, "shop", "shop")
	require.NoError(t, err)
	g, err := graph.FromState(bytes.NewReader(three))
	require.NoError(t, err)
	require.Len(t, g.Resources, 5) // the stack, what lasts, and three networks
}
