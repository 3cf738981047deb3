package query

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// ask is what a world with one group of three machines answers.
func ask(t *testing.T) func(form string) (int, string) {
	t.Helper()
	w, err := world.Open(world.Options{Account: "123456789012"})
	require.NoError(t, err)
	f := front.New(w, front.Options{})
	make := func(typ, name string, planned value.Map) *world.Object {
		o, err := f.Create(t.Context(), world.Request{Type: typ, URN: "urn:pulumi:s::p::" + typ + "::" + name,
			Planned: planned, Inputs: planned, Region: "eu-central-1"})
		require.NoError(t, err)
		return o
	}
	template := make("aws:ec2/launchTemplate:LaunchTemplate", "web",
		value.Map{"name": "web", "imageId": "ami-1", "instanceType": "t4g.micro"})
	make(world.TypeGroup, "web", value.Map{"name": "web", "minSize": 1.0, "maxSize": 4.0, "desiredCapacity": 3.0,
		"availabilityZones": []any{"eu-central-1a"}, "launchTemplate": value.Map{"id": template.ID, "version": "1"},
		"tags": []any{value.Map{"key": "Name", "value": "shop-web", "propagateAtLaunch": true}}})
	s, err := Serve(f)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return func(form string) (int, string) {
		values, err := url.ParseQuery(form)
		require.NoError(t, err)
		response, err := http.PostForm("http://"+s.listener.Addr().String(), values)
		require.NoError(t, err)
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(text)
	}
}

func TestAGroupIsAskedAndTold(t *testing.T) {
	put := ask(t)
	for _, c := range []struct {
		form   string
		status int
		says   []string
	}{
		{"Action=DescribeInstanceRefreshes&AutoScalingGroupName=web", 200,
			[]string{"<DescribeInstanceRefreshesResult><InstanceRefreshes></InstanceRefreshes>"}},
		{"Action=CancelInstanceRefresh&AutoScalingGroupName=web", 400, []string{"<Code>ActiveInstanceRefreshNotFound</Code>"}},
		{"Action=StartInstanceRefresh&AutoScalingGroupName=web", 200, nil},
		{"Action=StartInstanceRefresh&AutoScalingGroupName=web", 200, nil},
		{"Action=DescribeInstanceRefreshes&AutoScalingGroupName=web&MaxRecords=1", 200,
			[]string{"<InstanceRefreshId>web-2</InstanceRefreshId>", "<Status>Successful</Status>", "<PercentageComplete>100<"}},
		{"Action=SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=5", 400,
			[]string{"ValidationError", "outside of the bounds 1 to 4"}},
		{"Action=SetDesiredCapacity&AutoScalingGroupName=web&DesiredCapacity=4", 200, nil},
		{"Action=DescribeAutoScalingGroups&Filters.member.1.Name=tag:Name&Filters.member.1.Values.member.1=shop-web", 200,
			[]string{"<AutoScalingGroupName>web</AutoScalingGroupName>", "<DesiredCapacity>4<", "<InstanceId>i-0"}},
		{"Action=DescribeAutoScalingGroups&Filters.member.1.Name=tag:Name&Filters.member.1.Values.member.1=shop-app", 200,
			[]string{"<AutoScalingGroups></AutoScalingGroups>"}},
		{"Action=DescribeInstanceRefreshes&AutoScalingGroupName=app", 400,
			[]string{"<Message>AutoScalingGroup name not found - app</Message>"}},
		{"Action=TerminateInstances", 400, []string{"<Code>InvalidAction</Code>"}},
	} {
		status, text := put(c.form)
		assert.Equal(t, c.status, status, "%s: %s", c.form, text)
		for _, says := range c.says {
			assert.Contains(t, text, says, c.form)
		}
	}
	_, text := put("Action=DescribeAutoScalingGroups")
	assert.Equal(t, 4, strings.Count(text, "<InstanceId>"))
}
