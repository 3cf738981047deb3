package stacks

import (
	"errors"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
)

// refusing is an engine that refuses what lasts.
type refusing struct {
	mu    sync.Mutex
	asked []string
}

func (r *refusing) NewResource(of pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, of.TypeToken)
	if of.TypeToken == lastingType {
		return "", nil, errors.New("refused")
	}
	return of.Name + "-id", of.Inputs, nil
}

func (r *refusing) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

// Where the settings cannot be deployed on what there is, no provider is so much as configured, however fast the engine is.
func TestRefusedSettingsConfigureNoProvider(t *testing.T) {
	engine := &refusing{}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		made := &Lasting{}
		if err := ctx.RegisterComponentResourceV2(lastingType, "lasting", nil, made); err != nil {
			return err
		}
		b := Settings{Name: "x", Region: "eu-west-1", AccountID: "111122223333"}.builder(ctx, "", made)
		_, err := b.provider("aws", b.s.Region)
		return err
	}, pulumi.WithMocks(Project, "dev", engine))
	assert.ErrorContains(t, err, "refused")
	assert.NotContains(t, engine.asked, "pulumi:providers:aws")
}
