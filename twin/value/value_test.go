package value_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/value"
)

var keepAll = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true}

// TestTheWireIsPulumis: what Pulumi's own code writes is read as it is meant, and the reverse.
func TestTheWireIsPulumis(t *testing.T) {
	text, err := asset.FromText("hello")
	require.NoError(t, err)
	theirs := resource.PropertyMap{
		"text": resource.NewStringProperty("a"), "number": resource.NewNumberProperty(3), "flag": resource.NewBoolProperty(true),
		"none": resource.NewNullProperty(),
		"list": resource.NewArrayProperty([]resource.PropertyValue{resource.NewStringProperty("a"),
			resource.MakeComputed(resource.NewStringProperty(""))}),
		"object": resource.NewObjectProperty(resource.PropertyMap{"n": resource.MakeComputed(resource.NewNumberProperty(0)),
			"b": resource.MakeComputed(resource.NewBoolProperty(false))}),
		"secret":  resource.MakeSecret(resource.NewStringProperty("s")),
		"unknown": resource.MakeComputed(resource.NewObjectProperty(resource.PropertyMap{})),
		"asset":   resource.NewAssetProperty(text),
	}
	wire, err := plugin.MarshalProperties(theirs, keepAll)
	require.NoError(t, err)
	mine := value.FromWire(wire)
	assert.True(t, value.IsAsset(mine["asset"]))
	assert.Equal(t, text.Hash, value.AssetHash(mine["asset"]))
	delete(mine, "asset")
	want := value.Map{"text": "a", "number": 3.0, "flag": true, "list": []any{"a", value.Unknown{}},
		"object": value.Map{"n": value.Unknown{}, "b": value.Unknown{}}, "secret": value.Secret{Value: "s"}, "unknown": value.Unknown{}}
	assert.Equal(t, want, mine)

	wire, err = value.ToWire(want)
	require.NoError(t, err)
	back, err := plugin.UnmarshalProperties(wire, keepAll)
	require.NoError(t, err)
	assert.Equal(t, resource.MakeSecret(resource.NewStringProperty("s")), back["secret"])
	assert.True(t, back["unknown"].IsComputed())
	assert.True(t, back["object"].ObjectValue()["n"].IsComputed())
	_, err = value.ToWire(value.Map{"x": struct{}{}})
	assert.ErrorContains(t, err, `"x"`)
}

func TestSecretsAndUnknownsAreFoundInside(t *testing.T) {
	deep := value.Map{"a": []any{value.Map{"b": value.Secret{Value: value.Unknown{}}}}}
	assert.True(t, value.HasSecret(deep))
	assert.True(t, value.HasUnknown(deep))
	plain := value.RevealMap(deep)
	assert.False(t, value.HasSecret(plain))
	assert.True(t, value.HasSecret(deep), "the original is as it was")
}
