package twin

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What is sensitive is left out wherever it is in a value, and nothing else is.
func TestSensitiveValuesAreMaskedWithinOthers(t *testing.T) {
	action := func(secret string) map[string]any {
		return map[string]any{"defaultActions": []any{map[string]any{"type": "authenticate-oidc",
			"authenticateOidc": map[string]any{"clientId": "shop", "clientSecret": secret}}}}
	}
	const typ = "aws:lb/listener:Listener"
	assert.Equal(t, action("[secret]"), masked(typ, action("hunter2"), false))
	assert.Equal(t, action("hunter2"), masked(typ, action("hunter2"), true))
	assert.Equal(t, action(""), masked(typ, action(""), false), "an empty one is told to be empty")
}

func TestATypeMayBeShort(t *testing.T) {
	const typ = "aws:lb/listener:Listener"
	for _, said := range []string{typ, "lb/listener:Listener", "lb/listener", "Listener", "listener"} {
		assert.True(t, isType(said, typ), said)
	}
	assert.True(t, isType("aws:lb/listener", typ))
	for _, said := range []string{"lb", "Listen", "aws:lb/listenerRule:ListenerRule", "ListenerRule"} {
		assert.False(t, isType(said, typ), said)
	}
}

// TestAKindIsATypeOrAService: whoever filters writes what a table shows, or what the status counts by.
func TestAKindIsATypeOrAService(t *testing.T) {
	const typ = "aws:lb/listener:Listener"
	for _, said := range []Kind{"", "*", typ, "aws:lb/listener", "lb/listener", "Listener", "aws:lb", "lb", "aws:lb/*", "*listen*"} {
		assert.True(t, said.Has(typ), said)
		assert.NoError(t, said.Check(), said)
	}
	for _, said := range []Kind{"aws", "aws:l", "listenerRule", "aws:lb/listenerRule", "aws:elb"} {
		assert.False(t, said.Has(typ), said)
	}
	assert.True(t, Kind("vpc").Has("aws:ec2/vpc:Vpc"))
	assert.True(t, Kind("vpc").Has("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"))
	assert.False(t, Kind("Vpc").Has("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"))
	assert.NoError(t, Kind("ec2/instance").Check(), "a machine of a group")
	assert.NoError(t, Kind("cloudflare:index").Check())
	assert.NoError(t, Kind("aws:index/getCallerIdentity").Check(), "a function")
	assert.EqualError(t, Kind("aws:elbv").Check(), `no type or function of the twin is like "aws:elbv"; the nearest is "aws:elb"`)
}
