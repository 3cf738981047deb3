package query

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAsk(t *testing.T) {
	answers := []string{"500", "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>",
		"<DescribeThingsResponse><DescribeThingsResult><Things><member>a</member><member>b</member></Things></DescribeThingsResult>" +
			"</DescribeThingsResponse>"}
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("Authorization"), "this computer is shown no credentials")
		assert.Equal(t, "DescribeThings 2011-01-01 x", r.FormValue("Action")+" "+r.FormValue("Version")+" "+r.FormValue("Of"))
		if asked < 2 {
			w.WriteHeader([]int{500, 400}[asked])
		}
		fmt.Fprint(w, answers[asked])
		asked++
	}))
	defer server.Close()
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	for name, value := range Endpoints(server.URL) {
		t.Setenv(name, value)
	}
	var answer struct {
		Things []string `xml:"Things>member"`
	}
	require.NoError(t, New("eu-west-1").Ask(t.Context(), AutoScaling, "DescribeThings", url.Values{"Of": {"x"}}, &answer))
	assert.Equal(t, []string{"a", "b"}, answer.Things)
	assert.Equal(t, 3, asked)
}

func TestRefusals(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>who are you</Message></Error></ErrorResponse>")
	}))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_AUTO_SCALING", server.URL)
	err := New("eu-west-1").Ask(t.Context(), AutoScaling, "DescribeThings", nil, nil)
	require.EqualError(t, err, "asking AWS, autoscaling:DescribeThings: AccessDenied: who are you")
}

// What goes to AWS goes to the region's address, signed.
func TestTheRealServiceIsSentASignature(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL", "")
	t.Setenv("AWS_ENDPOINT_URL_AUTO_SCALING", "")
	t.Setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
	c := New("eu-west-1")
	assert.Equal(t, "https://autoscaling.eu-west-1.amazonaws.com/", c.endpoint(AutoScaling))
	assert.False(t, c.Local(AutoScaling))
	request, err := http.NewRequest(http.MethodPost, c.endpoint(AutoScaling), nil)
	require.NoError(t, err)
	require.NoError(t, c.sign(t.Context(), AutoScaling, request, []byte("Action=X")))
	assert.Contains(t, request.Header.Get("Authorization"), "/eu-west-1/autoscaling/aws4_request")
}
