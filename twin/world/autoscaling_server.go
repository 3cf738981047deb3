package world

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/causeway-iac/causeway/twin/fleet"
	"github.com/causeway-iac/causeway/twin/value"
)

// Live makes machines really run: their body reports what becomes of them, at the time it happens.
func (w *World) Live(b *fleet.Body) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.body = b
}

// Lives says whether machines really run.
func (w *World) Lives() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.body != nil
}

// pace is how many seconds pass here per second of a machine's time; at 0, machines settle at once.
func (w *World) pace() float64 {
	if w.body != nil {
		return 1
	}
	return w.hooks.Pace
}

// Follow has changed called after each change of the world. It must return at once and must not query the world.
func (w *World) Follow(changed func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.follower = changed
}

// Server is a machine of an Auto Scaling group, with what is needed to boot it.
type Server struct {
	fleet.Instance
	Group   *Object   // a copy
	Content value.Map // what its own version of the launch template says
}

// Servers are all machines that exist, by group and number.
func (w *World) Servers() []Server {
	w.mu.RLock()
	defer w.mu.RUnlock()
	var all []Server
	c := w.call(Request{})
	for _, o := range w.objects[typeGroup] {
		s := machines(o)
		if s == nil {
			continue
		}
		group := o.copy()
		for _, i := range s.Instances {
			v := Server{Instance: i, Group: group}
			id, version, _ := strings.Cut(i.Template, ":")
			if t := c.find(typeLaunchTemplate, id); t != nil {
				v.Content = value.CopyMap(templateContent(t, version))
			}
			all = append(all, v)
		}
	}
	slices.SortFunc(all, func(a, b Server) int { return cmp.Or(strings.Compare(a.Group.ID, b.Group.ID), a.Number-b.Number) })
	return all
}

// Held are the addresses that an object holds, by subnet.
func (o *Object) Held() map[string]string { return bySubnet(o.Hidden[addressKey]) }

// Public are the public addresses of an internet-facing load balancer's nodes, by subnet.
func (o *Object) Public() map[string]string { return bySubnet(o.Hidden[publicKey]) }

func bySubnet(v any) map[string]string {
	out := map[string]string{}
	m, _ := v.(value.Map)
	for k, x := range m {
		out[k], _ = x.(string)
	}
	return out
}

// housed gives the machines of a group addresses, which they keep while they exist.
func (w *World) housed(o *Object, s *staffed) {
	c := w.call(Request{Type: o.Type})
	given := map[string]map[string]string{}
	for n := range s.Instances {
		i := &s.Instances[n]
		if i.Address != "" {
			continue
		}
		if given[i.Subnet] == nil {
			given[i.Subnet] = c.machineAddresses(i.Subnet, s.Instances...)
		}
		i.Address = given[i.Subnet][i.ID]
	}
}

// publicKey is where a load balancer notes its nodes' public addresses, by subnet.
const publicKey = "public"

// fillPublic gives the nodes of an internet-facing load balancer public addresses: Elastic IPs where the program
// assigns them.
func fillPublic(c *Call, o *Object) {
	if o.Flag("internal") {
		return
	}
	held := value.Map{}
	old, _ := o.Hidden[publicKey].(value.Map)
	elastic := map[string]string{}
	for _, m := range o.Objects("subnetMappings") {
		if eip := c.find(typeEIP, textIn(m, "allocationId")); eip != nil {
			elastic[textIn(m, "subnetId")] = eip.Text("publicIp")
		}
	}
	for _, id := range c.balancerSubnetIDs(o) {
		switch {
		case elastic[id] != "":
			held[id] = elastic[id]
		case old[id] != nil:
			held[id] = old[id]
		default:
			held[id] = c.freePublic(o, id)
		}
	}
	o.Hidden[publicKey] = held
}

// freePublic is a public address that nothing uses.
func (c *Call) freePublic(o *Object, subnet string) string {
	for attempt := 0; ; attempt++ {
		ip := c.publicIP(o.ID, subnet, strconv.Itoa(attempt))
		taken := func(other *Object) bool { return slices.Contains(slices.Collect(maps.Values(other.Public())), ip) }
		if c.where(typeEIP, "publicIp", ip) == nil && first(c.each(typeLoadBalancer), taken) == nil {
			return ip
		}
	}
}

// publicIP derives an address in 198.18.0.0/15, which RFC 2544 reserves for lab tests.
func (c *Call) publicIP(parts ...string) string {
	var n uint32
	_, _ = fmt.Sscanf(c.hex(8, parts...), "%x", &n)
	return netip.AddrFrom4([4]byte{198, byte(18 + n>>16&1), byte(n >> 8), byte(n)}).String()
}

// Delegated are the public zones that resolvers reach, by id.
func (w *World) Delegated() map[string]bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c, out := w.call(Request{}), map[string]bool{}
	for _, z := range c.publicZones() {
		out[z.ID] = c.undelegated(z) == ""
	}
	return out
}
