package cost

import (
	"fmt"

	"github.com/causeway-iac/causeway/graph"
)

// detailed is how many metrics an instance's detailed monitoring publishes (EC2 user guide, "Manage detailed
// monitoring").
const detailed = 7

// group prices an Auto Scaling group, from its minimum number of servers to its maximum.
func (b *bill) group() {
	least, known := b.r.Int("minSize")
	most, also := b.r.Int("maxSize")
	if !known || !also {
		b.unpriced("its minSize and maxSize are not known yet")
		return
	}
	if v, _ := b.r.Get("mixedInstancesPolicy"); v != nil {
		b.unpriced("which types a mixed instances policy launches, and how many on demand, is not known before")
		return
	}
	templates := b.g.Ref(b.r, "launchTemplate", "aws:ec2/launchTemplate:LaunchTemplate")
	if len(templates) != 1 {
		b.unpriced("its launch template is not one of the stack's")
		return
	}
	b.use("traffic between zones")
	b.servers(templates[0], between(float64(least), float64(most), "servers"))
}

func (b *bill) instance() { b.servers(b.r, times(1, "")) }

// servers prices n machines as a launch template or an instance describes them.
func (b *bill) servers(from *graph.Resource, n factor) {
	kind := from.String("instanceType")
	if kind == "" {
		b.unpriced("its instance type is not known")
		return
	}
	b.pay("ec2 "+kind, n)
	for _, disk := range disks(from) {
		b.disk(disk, n)
	}
	if on, _ := from.Bool("monitoring.enabled"); on {
		b.pay("custom metric", n, times(detailed, "metrics"))
	} else if on, _ := from.Bool("monitoring"); on {
		b.pay("custom metric", n, times(detailed, "metrics"))
	}
	public, _ := from.Bool("networkInterfaces[0].associatePublicIpAddress")
	if also, _ := from.Bool("associatePublicIpAddress"); public || also {
		b.pay("public ipv4 address", n)
	}
}

// disks are the volumes of each machine, as maps of volumeType, volumeSize, iops, throughput.
func disks(from *graph.Resource) (all []map[string]any) {
	add := func(path, inside string) {
		value, _ := from.Get(path)
		list, ok := value.([]any)
		if !ok {
			list = []any{value}
		}
		for _, element := range list {
			disk, _ := element.(map[string]any)
			if inside != "" {
				disk, _ = disk[inside].(map[string]any)
			}
			if disk != nil {
				all = append(all, disk)
			}
		}
	}
	add("blockDeviceMappings", "ebs")
	add("rootBlockDevice", "")
	add("ebsBlockDevices", "")
	return all
}

func (b *bill) volume() {
	b.disk(map[string]any{"volumeType": b.value("type"), "volumeSize": b.value("size"), "iops": b.value("iops"),
		"throughput": b.value("throughput")}, times(1, ""))
}

func (b *bill) value(path string) any {
	v, _ := b.r.Get(path)
	return v
}

// What a gp3 volume's price includes (EBS user guide, "General Purpose SSD volumes").
const (
	freeIOPS       = 3000
	freeThroughput = 125
)

func (b *bill) disk(disk map[string]any, n factor) {
	kind, _ := disk["volumeType"].(string)
	size, known := disk["volumeSize"].(float64)
	if kind == "" || !known {
		b.unpriced("the type and size of a volume are left to its image")
		return
	}
	b.pay(kind+" volume", n, times(size, "GiB"))
	if kind != "gp3" {
		return
	}
	if iops, _ := disk["iops"].(float64); iops > freeIOPS {
		b.pay("gp3 iops", n, times(iops-freeIOPS, "IOPS"))
	}
	if speed, _ := disk["throughput"].(float64); speed > freeThroughput {
		b.pay("gp3 throughput", n, times(speed-freeThroughput, fmt.Sprintf("MB/s over %d", freeThroughput)))
	}
}
