// Package monitoring tells people when users see a fault, or soon will: a topic
// with who is told, alarms along the way of a request, one alarm that stands for
// "users see errors", the database's own events, and a dashboard that reads like
// the picture, from the browser on the left to the database on the right.
//
// Every alarm says in its description what it means and what to do first. None
// fires because nobody visits: where no traffic gives no data, no data is well.
// Where no data means that nothing is there, it is a fault.
package monitoring

import (
	"fmt"
	"net/mail"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
)

// Args are the settings of what is watched. The zero value of each is its default.
type Args struct {
	// Emails are told of every alarm. AWS sends each a mail whose link must be
	// followed: until then it is told nothing, and no deployment can do it for them.
	// Default none: the alarms show only in AWS.
	Emails []string
	// ErrorPercent is the share of failed requests that is a fault, above 0 and below
	// 100. Default 1.
	ErrorPercent float64
	// LatencySeconds is the time that 99 of 100 requests must be faster than. Default 2.
	LatencySeconds float64
	// LeastRequests a minute are needed before a share of failures means anything: of
	// three requests at night, one is a third. Default 20.
	LeastRequests int
}

func (a Args) withDefaults() Args {
	if a.ErrorPercent == 0 {
		a.ErrorPercent = 1
	}
	if a.LatencySeconds == 0 {
		a.LatencySeconds = 2
	}
	if a.LeastRequests == 0 {
		a.LeastRequests = 20
	}
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	for i, email := range a.Emails {
		where := fmt.Sprintf("emails[%d]", i)
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
			ps.Addf(where, "write one such as oncall@example.com", "%q is not a mail address", email)
		} else if slices.Contains(a.Emails[:i], email) {
			ps.Addf(where, "leave it out", "%q is there already", email)
		}
	}
	if a.ErrorPercent <= 0 || a.ErrorPercent >= 100 {
		ps.Addf("errorPercent", "write a share such as 1", "%v percent is out of bounds", a.ErrorPercent)
	}
	if a.LatencySeconds <= 0 {
		ps.Addf("latencySeconds", "write seconds such as 2", "no request takes %v seconds", a.LatencySeconds)
	}
	if a.LeastRequests < 1 {
		ps.Addf("leastRequests", "write 1 or more", "%d requests cannot fail", a.LeastRequests)
	}
	return ps
}

// Monitoring is what watches the platform.
type Monitoring struct {
	pulumi.ResourceState

	// Topic is the ARN of the topic that every alarm and database event goes to.
	Topic pulumi.StringOutput
	// UsersSeeErrors is the name of the alarm that stands for a fault which users see.
	UsersSeeErrors pulumi.StringOutput
	// Dashboard is the dashboard's address in AWS's console.
	Dashboard pulumi.StringOutput
	// Alarms is how many alarms there are, the one over the others included.
	Alarms int
}

// New watches the platform.
func New(ctx *pulumi.Context, name string, p *infra.Platform, k *keys.Keys, edge, internal *loadbalancer.LoadBalancer,
	web, app *servers.Group, db *database.Database, args Args, opts ...pulumi.ResourceOption,
) (*Monitoring, error) {
	args = args.withDefaults()
	if err := args.Validate().Err(); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	if p == nil || k == nil || edge == nil || internal == nil || web == nil || app == nil || db == nil {
		return nil, fmt.Errorf("monitoring %s: a platform, keys, both load balancers, both tiers and the database are required", name)
	}
	m := &Monitoring{}
	if err := ctx.RegisterComponentResource("causeway:monitoring:Monitoring", name, m, opts...); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	b := &builder{ctx: ctx, name: name, p: p, args: args, m: m, keys: k, edge: edge, internal: internal, web: web, app: app, db: db}
	for _, declare := range []func() error{b.topic, b.alarms, b.usersSeeErrors, b.databaseEvents, b.dashboard} {
		if err := declare(); err != nil {
			return nil, fmt.Errorf("monitoring %s: %w", name, err)
		}
	}
	return m, ctx.RegisterResourceOutputs(m, pulumi.Map{
		"topic": m.Topic, "usersSeeErrors": m.UsersSeeErrors, "dashboard": m.Dashboard,
	})
}

// builder holds what the parts share while they are declared.
type builder struct {
	ctx  *pulumi.Context
	name string
	p    *infra.Platform
	args Args
	m    *Monitoring

	keys           *keys.Keys
	edge, internal *loadbalancer.LoadBalancer
	web, app       *servers.Group
	db             *database.Database

	ready   pulumi.Resource                // the topic's policy, without which nothing is published
	names   map[string]pulumi.StringOutput // of alarms, by part
	watched []alarm
	arns    pulumi.StringArray
}

func (b *builder) child(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(opts, pulumi.Parent(b.m))
}
