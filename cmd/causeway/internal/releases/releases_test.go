package releases

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	one   = strings.Repeat("1", 64)
	two   = strings.Repeat("2", 64)
	three = strings.Repeat("3", 64)
	at    = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
)

func template(key string) Thing {
	data := "#cloud-config\n  source='s3://dev-releases-1a/" + key + "'\n  source='s3://dev-releases-1a/app/releases/" + three + "'\n"
	return Thing{Type: templateType, Outputs: map[string]any{"id": "lt-1", "latestVersion": 2.0,
		"userData": base64.StdEncoding.EncodeToString([]byte(data))}}
}

func TestOnTheTwin(t *testing.T) {
	machine := func(template string) Thing {
		return Thing{Type: machineType, Outputs: map[string]any{"launchTemplate": template}}
	}
	put := func(key string, came time.Time) Thing {
		return Thing{Type: objectType, Created: came, Outputs: map[string]any{"key": key}}
	}
	got := List([]Thing{template("web/releases/" + two), put("web/releases/"+one, at), put("web/releases/"+two, at.Add(time.Hour)),
		put("app/releases/"+three, at), put("logs/2026/11", at), machine("lt-1:1"), machine("lt-1:2"), machine("lt-1:2"),
		machine("lt-2:2")}, nil)
	assert.Equal(t, []Release{
		{Tier: "app", Name: "sha256:" + three, Came: at},
		{Tier: "web", Name: "sha256:" + two, Came: at.Add(time.Hour), Deployed: true, Servers: 2, Of: 3},
		{Tier: "web", Name: "sha256:" + one, Came: at},
	}, got)
}

func TestOfARealStack(t *testing.T) {
	data := template("web/releases/" + one).Outputs["userData"].(string)
	things, err := ReadState(strings.NewReader(`{"deployment": {"resources": [
		{"type": "` + templateType + `", "created": "2026-10-01T00:00:00Z", "outputs": {"id": "lt-1", "userData": "` + data + `"}},
		{"type": "` + objectType + `", "created": "2026-10-01T00:00:00Z", "delete": true,
			"outputs": {"key": "web/releases/` + two + `"}}]}}`))
	require.NoError(t, err)
	objects, err := ReadObjects(strings.NewReader(`{"Contents": [{"Key": "web/releases/` + one + `",
		"LastModified": "2026-11-01T12:00:00+00:00"}]}`))
	require.NoError(t, err)
	got := List(things, objects)
	require.Len(t, got, 1)
	assert.True(t, got[0].Deployed && got[0].Came.Equal(at), "%+v", got)
	_, err = ReadState(strings.NewReader("not a state"))
	assert.ErrorContains(t, err, "reading the stack")
	_, err = ReadObjects(strings.NewReader("no list"))
	assert.ErrorContains(t, err, "reading the list of objects")
}
