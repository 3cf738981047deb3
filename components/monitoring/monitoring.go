// Package monitoring tells people when users see a fault, or soon will. It has a topic with its subscribers, alarms
// along a request's path, one alarm that stands for "users see errors", the database's own events, and a dashboard
// that reads like the picture, from the browser on the left to the database on the right.
//
// Every alarm says in its description what it means and what to do first. None fires because nobody visits: if data
// is missing for lack of traffic, all is well; if it is missing because something is gone, that is a fault.
package monitoring

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/database"
	"github.com/causeway-iac/causeway/components/dns"
	"github.com/causeway-iac/causeway/components/keys"
	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/components/servers"
	"github.com/causeway-iac/causeway/infra"
)

// Args are the monitoring's settings. The zero value of each is its default.
type Args struct {
	// Emails are told of every alarm. AWS sends each address a mail with a link that must be followed; until then it
	// is told nothing, and no deployment can do that for its owner. Default none: the alarms show only in AWS.
	Emails []string
	// ErrorPercent is the share of failed requests that counts as a fault, above 0 and below 100. Default 1.
	ErrorPercent float64
	// LatencySeconds is the time that 99 of 100 requests must be faster than. Default 2.
	LatencySeconds float64
	// Workers are groups of workers to watch. Default none.
	Workers []Worker
}

// Worker is a group of servers that receives no requests and shows that it works by what it logs.
type Worker struct {
	Name  string
	Group *servers.Group
	// Silent is how long it may log nothing or, for a scheduled job, not complete: whole minutes up to a day, or
	// whole hours up to seven days. 0 means that it is not watched.
	Silent time.Duration
}

// leastRequests is how many requests a minute are needed before a share of failures means anything: one failure among
// three requests at night would be a third.
const leastRequests = 20

func (a Args) withDefaults() Args {
	a.ErrorPercent = cmp.Or(a.ErrorPercent, 1)
	a.LatencySeconds = cmp.Or(a.LatencySeconds, 2)
	return a
}

// Validate reports everything that is wrong with the settings.
func (a Args) Validate() infra.Problems {
	a = a.withDefaults()
	var ps infra.Problems
	for i, email := range a.Emails {
		where := fmt.Sprintf("emails[%d]", i)
		if address, err := mail.ParseAddress(email); err != nil || address.Address != email || !deliverable(email) {
			ps.Addf(where, "write one such as oncall@example.com", "%q is not a mail address", email)
		} else if slices.Contains(a.Emails[:i], email) {
			ps.Addf(where, "leave it out", "%q is listed already", email)
		}
	}
	if a.ErrorPercent <= 0 || a.ErrorPercent >= 100 {
		ps.Addf("errorPercent", "write one such as 1", "must be above 0 and below 100, not %v", a.ErrorPercent)
	}
	if a.LatencySeconds <= 0 || a.LatencySeconds > longestWait {
		ps.Addf("latencySeconds", "write one such as 2", "must be above 0 and at most %d, not %v", longestWait, a.LatencySeconds)
	}
	return ps
}

// longestWait is how long a load balancer waits for an answer, in seconds (AWS, ELB user guide, "Connection idle timeout").
const longestWait = 4000

// deliverable reports whether SNS takes a mail address: ASCII, 64 characters before the @ and a host's name behind it.
func deliverable(email string) bool {
	at := strings.LastIndex(email, "@")
	return at <= 64 && dns.NameProblem(email[at+1:]) == "" && !strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII })
}

// Monitoring is everything that watches the platform.
type Monitoring struct {
	pulumi.ResourceState

	// Topic is the ARN of the topic that every alarm and database event goes to.
	Topic pulumi.StringOutput
	// UsersSeeErrors is the name of the alarm that stands for any fault that users see.
	UsersSeeErrors pulumi.StringOutput
	// Dashboard is the dashboard's address in AWS's console.
	Dashboard pulumi.StringOutput
	// Alarms is how many alarms there are, including the one that combines the others.
	Alarms int
}

// Wiring is what is watched, from the browser's side to the database's. A tier's load balancer is the one that its
// target group belongs to.
type Wiring struct {
	Keys     *keys.Keys
	Web, App *servers.Group
	Database *database.Database
}

// New watches the platform.
func New(ctx *pulumi.Context, name string, p *infra.Platform, w Wiring, args Args, opts ...pulumi.ResourceOption) (*Monitoring, error) {
	args = args.withDefaults()
	m := &Monitoring{}
	err := infra.Declare(ctx, infra.Component{
		Type: "monitoring:Monitoring", Name: name, Platform: p, Wiring: w, Problems: args.Validate(), Options: opts,
	}, m, func() (pulumi.Map, error) {
		b := &builder{
			ctx: ctx, name: name, p: p, args: args, m: m, keys: w.Keys, web: w.Web, app: w.App, db: w.Database,
			edge: w.Web.Target.LoadBalancer, internal: w.App.Target.LoadBalancer,
		}
		err := infra.InOrder(b.topic, b.alarms, b.usersSeeErrors, b.databaseEvents, b.dashboard)
		return pulumi.Map{"topic": m.Topic, "usersSeeErrors": m.UsersSeeErrors, "dashboard": m.Dashboard}, err
	})
	return m, err
}

// builder holds the state that the parts share while they are declared.
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

	ready   pulumi.Resource                // the topic's policy, without which nothing can be published
	names   map[string]pulumi.StringOutput // of alarms, by part
	watched []alarm
	arns    pulumi.StringArray
}

func (b *builder) child(opts ...pulumi.ResourceOption) []pulumi.ResourceOption {
	return append(opts, pulumi.Parent(b.m))
}
