package world

// Hooks decide what goes wrong in a world, and how fast time passes there.
type Hooks struct {
	Room func(zone string) bool // whether a zone has capacity for one more machine; nil is yes
	Sick func(name string) bool // whether the next machine of an Auto Scaling group is unhealthy; nil is no
	Pace float64                // seconds that pass here per second of a machine's time; at 0, machines settle at once
}

// Hook sets the hooks.
func (w *World) Hook(h Hooks) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hooks = h
}

// Placement returns the zones where a machine or a database may be placed, and the service's code for having no
// capacity there. It returns no zones for anything else.
func (w *World) Placement(q Request) (code string, zones []string) {
	w.mu.RLock()
	defer w.mu.RUnlock()
	c := w.call(q)
	o := &Object{Type: q.Type, Outputs: dropUnknown(q.Planned)}
	if zone := o.Text("availabilityZone"); zone != "" {
		zones = []string{zone}
	}
	switch q.Type {
	case typeInstance, typeClusterInstance:
		group := c.find(typeSubnetGroup, o.Text("dbSubnetGroupName"))
		if cluster := c.find(typeCluster, o.Text("clusterIdentifier")); cluster != nil && group == nil {
			group = c.find(typeSubnetGroup, cluster.Text("dbSubnetGroupName"))
		}
		if group != nil && len(zones) == 0 {
			for _, id := range group.Texts("subnetIds") {
				if s := c.find(typeSubnet, id); s != nil {
					zones = append(zones, s.Text("availabilityZone"))
				}
			}
		}
		return "InsufficientDBInstanceCapacity", zones
	}
	return "", nil
}
