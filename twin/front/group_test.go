package front_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

const (
	template = "aws:ec2/launchTemplate:LaunchTemplate"
	alarm    = "aws:cloudwatch/metricAlarm:MetricAlarm"
)

// refresh are the preferences of a group's refreshes.
func (c *cloud) group(refresh value.Map) (g, t *world.Object, err error) {
	c.t.Helper()
	t = c.create(template, "web", value.Map{"name": "web", "imageId": "ami-1", "instanceType": "t4g.micro"})
	g, err = c.Create(c.t.Context(), request(world.TypeGroup, "web", value.Map{
		"name": "web", "minSize": 4.0, "maxSize": 8.0, "availabilityZones": []any{"eu-central-1a", "eu-central-1b"},
		"launchTemplate":         value.Map{"id": t.ID, "version": "1"},
		"waitForCapacityTimeout": "10m", "healthCheckGracePeriod": 60.0,
		"instanceRefresh": value.Map{"strategy": "Rolling", "preferences": refresh},
	}))
	return g, t, err
}

// release makes a new version of the template and gives it to the group.
func (c *cloud) release(g, t *world.Object) (*world.Object, error) {
	c.t.Helper()
	_, err := c.change(t, value.Map{"imageId": "ami-2"})
	require.NoError(c.t, err)
	return c.change(g, value.Map{"launchTemplate": value.Map{"id": t.ID, "version": "2"}})
}

func versions(g *fleet.Group) map[string]int {
	n := map[string]int{}
	for _, i := range g.Instances {
		if i.State != fleet.Terminating {
			n[i.Template[len(i.Template)-2:]]++
		}
	}
	return n
}

func TestAGroupGetsItsMachinesAndKeepsThem(t *testing.T) {
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		assert.Equal(t, []string{"creating", "available"}, c.seen(world.TypeGroup, func() {
			_, _, err := c.group(nil)
			require.NoError(t, err)
		}))
		f := c.Fleet("web")
		require.Equal(t, map[string]int{":1": 4}, versions(f))
		for _, i := range f.Instances {
			assert.True(t, i.Healthy)
		}
		gone := f.Instances[0].ID
		require.NoError(t, c.world.Harm(gone))
		time.Sleep(10 * time.Second)
		starting := 0
		for _, i := range c.Fleet("web").Instances {
			if i.State == fleet.Pending {
				starting++
			}
		}
		assert.Equal(t, 1, starting, "another is launched, and takes its time")
		time.Sleep(time.Minute)
		f = c.Fleet("web")
		assert.Equal(t, map[string]int{":1": 4}, versions(f))
		for _, i := range f.Instances {
			assert.NotEqual(t, gone, i.ID)
		}
	})
}

// The provider waits for a group's machines until its patience is at an end.
func TestAGroupThatDoesNotGetItsMachines(t *testing.T) {
	for _, latency := range []string{"realistic", "none"} {
		onAClock(t, latency, 0, []string{"sick:aws:autoscaling/group@web:launch:9999"}, func(c *cloud) {
			var err error
			waited := took(func() { _, _, err = c.group(nil) })
			var partial *front.Partial
			require.ErrorAs(t, err, &partial, latency)
			assert.ErrorContains(t, err, "capacity satisfied: timeout: it has 0 of 4 healthy machines: terminating")
			if latency == "realistic" {
				assert.InDelta(t, 10, waited.Minutes(), 0.5)
			}
			c.Faults().Clear()
			time.Sleep(10 * time.Minute)
			assert.Equal(t, map[string]int{":1": 4}, versions(c.Fleet("web")), "they come when the trouble is over")
		})
	}
}

// The provider does not wait for a refresh: it goes on after the answer, batch by batch, with the
// preferences of the group.
func TestAGroupIsRefreshedBatchByBatch(t *testing.T) {
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		g, lt, err := c.group(value.Map{"minHealthyPercentage": 75.0, "maxHealthyPercentage": 100.0, "instanceWarmup": "120",
			"checkpointPercentages": []any{50.0, 100.0}, "checkpointDelay": "1800"})
		require.NoError(t, err)
		assert.Less(t, took(func() { _, err = c.release(g, lt) }), 10*time.Second)
		require.NoError(t, err)
		at := func(d time.Duration) *fleet.Group { time.Sleep(d); return c.Fleet("web") }

		f := at(time.Minute)
		assert.Equal(t, map[string]int{":1": 3, ":2": 1}, versions(f), "one at a time, for 75% of four stay healthy")
		f = at(2 * time.Minute)
		assert.Equal(t, map[string]int{":1": 2, ":2": 2}, versions(f), "the next after the warmup")
		f = at(10 * time.Minute)
		assert.Equal(t, map[string]int{":1": 2, ":2": 2}, versions(f), "it waits at the checkpoint")
		assert.Equal(t, []any{fleet.InProgress, 50, 2}, []any{f.Refreshes[0].Status, f.Refreshes[0].Done, f.Refreshes[0].Left})
		f = at(40 * time.Minute)
		assert.Equal(t, map[string]int{":2": 4}, versions(f))
		assert.Equal(t, fleet.Successful, f.Refreshes[0].Status)
	})
}

// What the provider's rollback is worth: it has changed the group before it started the refresh.
func TestARefreshThatFails(t *testing.T) {
	for _, c := range []struct {
		rollback bool
		status   string
	}{{false, fleet.Failed}, {true, fleet.RollbackFailed}} {
		onAClock(t, "none", 0, nil, func(cl *cloud) {
			g, lt, err := cl.group(value.Map{"minHealthyPercentage": 75.0, "autoRollback": c.rollback})
			require.NoError(t, err)
			sick, err := fault.Parse("sick:aws:autoscaling/group@web:launch:9999")
			require.NoError(t, err)
			cl.Faults().Add(sick)
			_, err = cl.release(g, lt)
			require.NoError(t, err, "the provider does not wait for it")
			f := cl.Fleet("web")
			assert.Equal(t, c.status, f.Refreshes[0].Status)
			assert.Equal(t, 3, versions(f)[":1"], "what was healthy serves on")
		})
	}
}

func TestARollbackThatIsNotPossible(t *testing.T) {
	for version, says := range map[string]string{"$Latest": "the version $Latest or $Default", "2": "by an SSM parameter"} {
		onAClock(t, "none", 0, nil, func(c *cloud) {
			g, lt, err := c.group(value.Map{"autoRollback": true})
			require.NoError(t, err)
			_, err = c.change(lt, value.Map{"imageId": "resolve:ssm:/aws/service/x"})
			require.NoError(t, err)
			_, err = c.change(g, value.Map{"launchTemplate": value.Map{"id": lt.ID, "version": version}})
			require.ErrorContains(t, err, says)
			assert.Equal(t, map[string]int{":1": 4}, versions(c.Fleet("web")))
		})
	}
}

// While a refresh that can roll back is under way, the group cannot be given another template; one that
// cannot is cancelled for the next.
func TestAnotherReleaseDuringARefresh(t *testing.T) {
	for _, rollback := range []bool{true, false} {
		onAClock(t, "realistic", 0, nil, func(c *cloud) {
			g, lt, err := c.group(value.Map{"minHealthyPercentage": 75.0, "autoRollback": rollback})
			require.NoError(t, err)
			g, err = c.release(g, lt)
			require.NoError(t, err)
			_, err = c.change(g, value.Map{"launchTemplate": value.Map{"id": lt.ID, "version": "1"}})
			if rollback {
				require.ErrorContains(t, err, "An active instance refresh with a desired configuration exists")
				return
			}
			require.NoError(t, err)
			time.Sleep(time.Hour)
			f := c.Fleet("web")
			assert.Equal(t, []string{fleet.Cancelled, fleet.Successful}, []string{f.Refreshes[0].Status, f.Refreshes[1].Status})
			assert.Equal(t, map[string]int{":1": 4}, versions(f))
		})
	}
}

// Only a change of what machines are launched from starts a refresh, and of what the group names as a
// trigger. A trigger without a new template replaces all machines, unless matching ones are skipped.
func TestWhatStartsARefresh(t *testing.T) {
	for _, c := range []struct {
		trigger string
		skip    bool
		starts  bool
		replace bool
	}{{"", false, false, false}, {"tag", false, true, true}, {"tag", true, true, false}} {
		onAClock(t, "none", 0, nil, func(cl *cloud) {
			g, _, err := cl.group(value.Map{"skipMatching": c.skip})
			require.NoError(t, err)
			before := cl.Fleet("web").Instances[0].ID
			refresh := value.Map{"strategy": "Rolling", "triggers": []any{c.trigger}, "preferences": value.Map{"skipMatching": c.skip}}
			g, err = cl.change(g, value.Map{"instanceRefresh": refresh})
			require.NoError(t, err)
			_, err = cl.change(g, value.Map{"tags": []any{value.Map{"key": "owner", "value": "me", "propagateAtLaunch": true}}})
			require.NoError(t, err)
			f := cl.Fleet("web")
			assert.Equal(t, c.starts, len(f.Refreshes) == 1, "%+v", c)
			assert.Equal(t, c.replace, f.Instances[0].ID != before, "%+v", c)
		})
	}
}

// An alarm of the group stops its refresh.
func TestAnAlarmStopsARefresh(t *testing.T) {
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		c.create(alarm, "errors", value.Map{"name": "errors", "comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1.0,
			"threshold":  1.0,
			"metricName": "HTTPCode_Target_5XX_Count", "namespace": "AWS/ApplicationELB", "period": 60.0, "statistic": "Sum"})
		g, lt, err := c.group(value.Map{"minHealthyPercentage": 75.0, "alarmSpecification": value.Map{"alarms": []any{"errors"}}})
		require.NoError(t, err)
		_, err = c.release(g, lt)
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.NoError(t, c.world.Ring(alarm, "errors", true))
		assert.Equal(t, "alarm", c.state(alarm))
		time.Sleep(time.Minute)
		f := c.Fleet("web")
		assert.Equal(t, []string{fleet.Failed, "the alarm errors rings"}, []string{f.Refreshes[0].Status, f.Refreshes[0].Reason})
		assert.Equal(t, 3, versions(f)[":1"])
	})
}
