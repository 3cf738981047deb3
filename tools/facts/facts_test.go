package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheEmbeddedFactsAreThoseOfTheSDK: whoever changes types.yaml or moves the SDK writes the facts anew.
func TestTheEmbeddedFactsAreThoseOfTheSDK(t *testing.T) {
	p, err := generate("../..", "types.yaml")
	require.NoError(t, err)
	packed, err := p.pack()
	require.NoError(t, err)
	embedded, err := os.ReadFile("../../" + factsFile)
	require.NoError(t, err)
	assert.True(t, string(packed) == string(embedded), "go run ./tools/facts -write")
}

// TestASchemaStandsAboveTheList: what a provider says of replacements and secrets counts.
func TestASchemaStandsAboveTheList(t *testing.T) {
	p, err := generate("../..", "types.yaml")
	require.NoError(t, err)
	require.NoError(t, p.judge([]byte(`{"resources": {"aws:sqs/queue:Queue": {"inputProperties": {"delaySeconds":
		{"willReplaceOnChanges": true}},
		"properties": {"policy": {"secret": true}}}}}`)))
	queue := p.Resources["aws:sqs/queue:Queue"].Properties
	assert.True(t, queue["delaySeconds"].ForceNew)
	assert.False(t, queue["name"].ForceNew)
	assert.True(t, queue["policy"].Sensitive)
	assert.True(t, p.Resources["aws:lambda/function:Function"].Properties["name"].ForceNew, "of which it says nothing")
}

func TestAListThatTheSDKDoesNotKnowIsRefused(t *testing.T) {
	r := &resource{Properties: map[string]*property{"name": {Type: "string"}}}
	assert.ErrorContains(t, r.add(added{Replaces: []string{"nmae"}}), "nmae")
	_, err := (&module{}).resource("Queue")
	assert.ErrorContains(t, err, "the SDK has no Queue")
}
