package front_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/fault"
	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

// These tests run on a clock of their own (testing/synctest): a database takes its eight minutes, and the
// test no time.

const (
	vpc      = "aws:ec2/vpc:Vpc"
	group    = "aws:ec2/securityGroup:SecurityGroup"
	key      = "aws:kms/key:Key"
	topic    = "aws:sns/topic:Topic"
	database = "aws:rds/instance:Instance"
)

// cloud is a world behind its front, and the test that asks it.
type cloud struct {
	*front.Front
	t     *testing.T
	world *world.World
}

// onAClock runs a test on a clock of its own.
func onAClock(t *testing.T, latency string, throttle float64, faults []string, test func(*cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, err := world.Open(world.Options{Account: "123456789012", Route53Zones: []string{"example.com"}})
		require.NoError(t, err)
		l, err := front.ParseLatency(latency)
		require.NoError(t, err)
		var rules []fault.Rule
		for _, text := range faults {
			r, err := fault.Parse(text)
			require.NoError(t, err)
			rules = append(rules, r)
		}
		f := front.New(w, front.Options{Latency: l, Throttle: throttle, Faults: fault.New(1, rules...)})
		defer f.Close()
		test(&cloud{f, t, w})
	})
}

func request(typ, name string, properties value.Map) world.Request {
	return world.Request{Type: typ, URN: "urn:pulumi:test::test::" + typ + "::" + name, Region: "eu-central-1", Inputs: properties,
		Planned: value.CopyMap(properties)}
}

func (c *cloud) create(typ, name string, properties value.Map) *world.Object {
	c.t.Helper()
	o, err := c.Create(c.t.Context(), request(typ, name, properties))
	require.NoError(c.t, err)
	return o
}

// change changes a thing; more are properties over those that it has.
func (c *cloud) change(o *world.Object, more value.Map) (*world.Object, error) {
	q := request(o.Type, "", value.CopyMap(o.Outputs))
	q.URN, q.ID, q.State, q.Inputs = o.URN, o.ID, o.Outputs, value.CopyMap(o.Inputs)
	for name, v := range more {
		q.Planned[name], q.Inputs[name] = v, v
	}
	return c.Update(c.t.Context(), q)
}

func (c *cloud) remove(o *world.Object) error {
	return c.Delete(c.t.Context(), world.Request{Type: o.Type, URN: o.URN, ID: o.ID, State: o.Outputs, Region: o.Region})
}

// state is what anyone sees of the one thing of a type; "" if there is none.
func (c *cloud) state(typ string) string {
	for _, o := range c.Objects() {
		if o.Type == typ {
			return c.State(o)
		}
	}
	return ""
}

// seen calls f and returns what each second shows of a type's state meanwhile: a state and its seconds.
func (c *cloud) seen(typ string, f func()) []string {
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	var states []string
	var n int
	for {
		time.Sleep(time.Second)
		synctest.Wait()
		if now := c.state(typ); len(states) > 0 && states[len(states)-1] == now {
			n++
		} else {
			states, n = append(states, now), 1
		}
		select {
		case <-done:
			return states
		default:
		}
		require.Less(c.t, n, 5000)
	}
}

func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

var postgres = value.Map{"identifier": "db", "engine": "postgres", "instanceClass": "db.t4g.micro", "allocatedStorage": 20.0,
	"username": "shop", "manageMasterUserPassword": true, "skipFinalSnapshot": true, "backupRetentionPeriod": 1.0}

func TestThingsPassThroughTheirStates(t *testing.T) {
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		var o *world.Object
		assert.Equal(t, []string{"creating", "available"}, c.seen(database, func() { o = c.create(database, "db", postgres) }))
		assert.Equal(t, []string{"modifying", "available"}, c.seen(database, func() {
			_, err := c.change(o, value.Map{"allocatedStorage": 40.0})
			require.NoError(t, err)
		}))
		assert.Equal(t, []string{"deleting", ""}, c.seen(database, func() { require.NoError(t, c.remove(o)) }))
	})
}

func TestThingsTakeTheirTime(t *testing.T) {
	for latency, minutes := range map[string]float64{"realistic": 8, "realistic×0.5": 4, "none": 0, "": 0} {
		onAClock(t, latency, 0, nil, func(c *cloud) {
			assert.Equal(t, minutes, took(func() { c.create(database, "db", postgres) }).Minutes(), latency)
		})
	}
}

// A certificate is pending until its record has been looked up.
func TestACertificateIsPendingValidation(t *testing.T) {
	const certificate, record, validation = "aws:acm/certificate:Certificate", "aws:route53/record:Record",
		"aws:acm/certificateValidation:CertificateValidation"
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		o := c.create(certificate, "c", value.Map{"domainName": "shop.example.com", "validationMethod": "DNS"})
		require.Equal(t, "pending-validation", c.state(certificate))
		option := o.Objects("domainValidationOptions")[0]
		var zone string
		for _, z := range c.Objects() {
			if z.Type == "aws:route53/zone:Zone" {
				zone = z.ID
			}
		}
		c.create(record, "r", value.Map{"zoneId": zone, "name": option["resourceRecordName"], "type": option["resourceRecordType"],
			"ttl":     60.0,
			"records": []any{option["resourceRecordValue"]}})
		assert.Equal(t, []string{"pending-validation", "issued"},
			c.seen(certificate, func() { c.create(validation, "v", value.Map{"certificateArn": o.ID}) }))
	})
}

// What must not be deleted is refused at once, and is not shown as going.
func TestARefusedDeletionTakesNoTime(t *testing.T) {
	onAClock(t, "realistic", 0, nil, func(c *cloud) {
		network := c.create(vpc, "main", value.Map{"cidrBlock": "10.0.0.0/16"})
		c.create(group, "web", value.Map{"vpcId": network.ID, "name": "web", "description": "web"})
		assert.Zero(t, took(func() { require.ErrorContains(t, c.remove(network), "DependencyViolation") }))
		assert.Equal(t, "available", c.state(vpc))
	})
}

// What was made is not seen by others for a while; the provider asks again until it is.
func TestWhatWasMadeIsSeenLate(t *testing.T) {
	onAClock(t, "", 0, nil, func(c *cloud) {
		c.world.Unseen(3 * time.Second)
		network := c.create(vpc, "main", value.Map{"cidrBlock": "10.0.0.0/16"})
		read := func() *world.Object {
			o, err := c.Read(t.Context(), world.Request{Type: vpc, URN: network.URN, ID: network.ID, State: network.Outputs})
			require.NoError(t, err)
			return o
		}
		assert.Nil(t, read())
		assert.Equal(t, 3*time.Second,
			took(func() { c.create(group, "web", value.Map{"vpcId": network.ID, "name": "web", "description": "web"}) }))
		assert.NotNil(t, read())
		refused := 0
		for _, e := range c.Events() {
			if strings.Contains(e.Answer, "InvalidVpcID.NotFound") {
				refused++
			}
		}
		assert.Equal(t, 1, refused)
	})
}

// Two calls a second: of ten at once, two are let in, and the last after four seconds or more; each
// service counts its own.
func TestAServiceLetsInSoManyCalls(t *testing.T) {
	onAClock(t, "", 2, nil, func(c *cloud) {
		all := took(func() {
			done := make(chan struct{})
			for i := range 10 {
				go func() { c.create(topic, fmt.Sprint(i), value.Map{"name": fmt.Sprint("t", i)}); done <- struct{}{} }()
			}
			for range 10 {
				<-done
			}
		})
		assert.GreaterOrEqual(t, all, 4*time.Second)
		assert.Less(t, all, time.Minute)
		assert.Zero(t, took(func() { c.create(key, "k", value.Map{}) }))
	})
}

// The provider asks 25 times, with waits that double to 20 seconds, and then says so.
func TestAServiceThatAnswersHardlyAnyone(t *testing.T) {
	onAClock(t, "", 0.0001, nil, func(c *cloud) {
		c.create(topic, "one", value.Map{"name": "one"})
		var err error
		waited := took(func() { _, err = c.Create(t.Context(), request(topic, "two", value.Map{"name": "two"})) })
		require.ErrorContains(t, err,
			"exceeded maximum number of attempts, 25, https response error StatusCode: 400, api error Throttled: Rate exceeded")
		doubling := 25*time.Second + 550*time.Millisecond // 50 ms, nine times doubled
		assert.Equal(t, doubling+15*20*time.Second, waited)
	})
}
