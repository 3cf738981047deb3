package engine

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

func state(pending apitype.OperationType, r apitype.ResourceV3, others ...apitype.ResourceV3) *apitype.DeploymentV3 {
	return &apitype.DeploymentV3{Resources: others, PendingOperations: []apitype.OperationV2{{Resource: r, Type: pending}}}
}

func ids(s *apitype.DeploymentV3) (all []string) {
	for _, r := range s.Resources {
		text := string(r.URN) + " " + string(r.ID)
		if r.Delete {
			text += " deleted"
		}
		all = append(all, text)
	}
	return all
}

// What a killed run may have left open, and what becomes of it: the state never knows less than exists,
// nor more.
func TestWhatAKilledRunLeftOpenIsSettled(t *testing.T) {
	secret := map[string]any{"password": map[string]any{resource.SigKey: resource.SecretSig, "ciphertext": "x"}}
	one := apitype.ResourceV3{URN: "one", ID: "i-1"}
	user := apitype.ResourceV3{URN: "user", ID: "i-9", Dependencies: []resource.URN{"one"}}
	outputs := map[string]any{"arn": "arn:1"}
	made := []Made{{ID: "i-1", Outputs: outputs}}
	for name, c := range map[string]struct {
		state   *apitype.DeploymentV3
		made    []Made
		ids     []string
		adopted int
		unsure  []string
	}{
		"a creation that happened": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"}), made,
			[]string{"one i-1"}, 1, nil},
		"one with secret outputs": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"}),
			[]Made{{ID: "i-1", Outputs: outputs, Partial: true}}, []string{"one i-1"}, 1, []string{"one"}},
		"one with secret inputs": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one", Inputs: secret}), made,
			[]string{"one i-1"}, 1, []string{"one"}},
		"one that did not happen": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"}), nil, nil, 0, nil},
		"a replacement that happened": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"}, one),
			[]Made{{ID: "i-2", Outputs: outputs}, {ID: "i-1"}}, []string{"one i-1 deleted", "one i-2"}, 1, nil},
		"one of what was deleted before": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"},
			apitype.ResourceV3{URN: "one", ID: "i-0", PendingReplacement: true}), made, []string{"one i-1"}, 1, nil},
		"a replacement that did not": {state(apitype.OperationTypeCreating, apitype.ResourceV3{URN: "one"}, one), made,
			[]string{"one i-1"}, 0, nil},
		"a deletion that happened": {state(apitype.OperationTypeDeleting, one, one), nil, nil, 0, nil},
		"one that did not": {state(apitype.OperationTypeDeleting, one, one), made, []string{"one i-1"}, 0,
			[]string{"one"}},
		"one of what is still referred": {state(apitype.OperationTypeDeleting, one, one, user), nil, []string{"one i-1", "user i-9"},
			0, []string{"one"}},
		"an update, which may have been": {state(apitype.OperationTypeUpdating, apitype.ResourceV3{URN: "one"}, one), made,
			[]string{"one i-1"}, 0, []string{"one"}},
		"an update of what is gone": {state(apitype.OperationTypeUpdating, apitype.ResourceV3{URN: "one"}, user), nil,
			[]string{"user i-9"}, 0, nil},
		"a reading of what is not one's own": {state(apitype.OperationTypeReading, one), nil, nil, 0, nil},
	} {
		adopted, unsure := settle(c.state, func(string) []Made { return c.made })
		assert.Equal(t, c.ids, ids(c.state), name)
		assert.Equal(t, c.adopted, adopted, name)
		assert.Equal(t, c.unsure, unsure, name)
		assert.Empty(t, c.state.PendingOperations, name)
		if c.adopted == 1 { // a refresh reads by what it knows: without the bucket's name no object is found
			last := c.state.Resources[len(c.state.Resources)-1]
			assert.Equal(t, outputs, last.Outputs, name)
		}
	}
}
