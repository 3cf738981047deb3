package servers

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/infra/query"
)

// A refresh that ended well has not helped if the load balancer finds nobody healthy: servers can fail once they are warm.
func TestARefreshIsNotTakenAtItsWord(t *testing.T) {
	state, refresh, begun := "", "Successful", false
	answers := map[string]string{
		"DescribeInstanceRefreshes": `<InstanceRefreshes><member><Status>%s</Status></member></InstanceRefreshes>`,
		"DescribeAutoScalingGroups": `<AutoScalingGroups><member><AutoScalingGroupName>web-1</AutoScalingGroupName><DesiredCapacity>2` +
			`</DesiredCapacity><Instances><member><InstanceId>i-1</InstanceId></member></Instances>` +
			`<TargetGroupARNs><member>arn</member></TargetGroupARNs></member></AutoScalingGroups>`,
		"DescribeTargetHealth": `<TargetHealthDescriptions><member><Target><Id>i-1</Id></Target><TargetHealth><State>%s</State>` +
			`</TargetHealth></member></TargetHealthDescriptions>`,
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		action, answer := r.FormValue("Action"), answers[r.FormValue("Action")]
		switch action {
		case "DescribeTargetHealth":
			answer = fmt.Sprintf(answer, state)
		case "DescribeInstanceRefreshes":
			answer = fmt.Sprintf(answer, refresh)
		case "StartInstanceRefresh":
			begun, refresh = true, "Failed"
		}
		fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%s</%[1]sResult></%[1]sResponse>", action, answer)
	}))
	defer s.Close()
	for name, value := range query.Endpoints(s.URL) {
		t.Setenv(name, value)
	}
	w := &watch{ask: query.New("eu-west-1"), patience: time.Millisecond}
	state = "unhealthy"
	assert.ErrorContains(t, w.refreshed(t.Context(), "web-1", "web", "arn"),
		"web-1 has 0 of 1 servers that the load balancer finds healthy")
	assert.NoError(t, w.refreshed(t.Context(), "web-1", "web", ""), "nobody asks workers anything")
	state = "healthy"
	assert.NoError(t, w.refreshed(t.Context(), "web-1", "web", "arn"))
	assert.NoError(t, w.takesOver(t.Context(), "web-1", "web", "arn"))

	// A rolling rollout failed, and then the setting became replace: the servers still do not run what is deployed.
	refresh = "Cancelled"
	assert.ErrorContains(t, w.takesOver(t.Context(), "web-1", "web", "arn"), "their replacement ended as Failed")
	assert.True(t, begun)
}
