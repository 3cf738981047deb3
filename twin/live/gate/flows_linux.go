package gate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// flows are records of the VPC's flow logs: who asked whom, and whether it was let through. Packets after the first are
// not counted, so records have no packet and byte counts.
type flows struct {
	port  *node.Port
	plan  *plan.Plan
	count map[flow]int
	since time.Time
}

type flow struct {
	link, source, dest, protocol string
	sourcePort, port             int
	pass                         bool
}

func newFlows(p *node.Port) *flows { return &flows{port: p, count: map[flow]int{}, since: time.Now()} }

func (f *flows) see(p *plan.Plan) { f.plan = p }

func (f *flows) add(k Packet, pass bool) {
	if f.plan == nil || len(f.plan.Network.FlowLogs) == 0 {
		return
	}
	for n, end := range []*plan.Interface{k.From, k.To} {
		gates := []uint32{aclOut | out, aclIn | in}[n]
		if end != nil && end.At == plan.InVPC {
			f.count[flow{end.ID, k.Source.String(), k.Dest.String(), k.Protocol, k.SourcePort, k.Port, pass || k.Mark&gates == gates}]++
		}
	}
}

// due writes what was collected over the shortest of the logs' intervals, or over ten seconds: nobody waits ten minutes
// here.
func (f *flows) due() {
	if len(f.count) == 0 {
		return
	}
	interval := 10
	for _, l := range f.plan.Network.FlowLogs {
		interval = min(interval, max(l.Interval, 1))
	}
	if time.Since(f.since) >= time.Duration(interval)*time.Second {
		f.write()
	}
}

// write sends the records to each log, in AWS's default format, version 2.
func (f *flows) write() {
	now := time.Now()
	for _, l := range f.plan.Network.FlowLogs {
		lines := map[string][]string{}
		for k, n := range f.count {
			action := "REJECT"
			if k.pass {
				action = "ACCEPT"
			}
			if l.Traffic != "ALL" && l.Traffic != action {
				continue
			}
			lines[k.link] = append(lines[k.link], fmt.Sprintf("2 %s %s %s %s %d %d %d %d - %d %d %s OK", f.plan.Account, k.link, k.source,
				k.dest,
				k.sourcePort, k.port, numbers[k.protocol], n, f.since.Unix(), now.Unix(), action))
		}
		for link, text := range lines {
			slices.Sort(text)
			f.port.Say(node.Logged{Group: l.Destination, Stream: link + "-" + strings.ToLower(l.Traffic), Lines: text})
		}
	}
	f.count, f.since = map[flow]int{}, now
}
