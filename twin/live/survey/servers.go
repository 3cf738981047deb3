package survey

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"regexp"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/plan"
	"github.com/causeway-iac/causeway/twin/value"
	"github.com/causeway-iac/causeway/twin/world"
)

func (s *survey) servers() {
	for k := range s.Servers {
		v := &s.Servers[k]
		m := s.machine(v.ID, v.Zone, v.Content)
		m.Group, m.Name, m.Template = cmp.Or(v.Group.Text("arn"), v.Group.ID), hostName(tier(s.short(v.Group))), v.Template
		m.State, m.Sick = v.State, v.Sick
		m.UserData, _ = base64.StdEncoding.DecodeString(text(v.Content, "userData"))
		if found := pulled.FindSubmatch(m.UserData); found != nil {
			m.Image = string(found[1])
		} else if strings.Contains(string(m.UserData), "docker pull ") {
			s.unplayed("the servers of %s run a container whose image is not named by its digest: they boot and serve nothing",
				name(v.Group))
		}
		m.Tags["aws:autoscaling:groupName"] = cmp.Or(v.Group.Text("name"), v.Group.ID)
		s.boot(m, m.Name+zoneLetter(v.Zone)+"-"+v.ID[max(0, len(v.ID)-4):], s.at("eni-"+v.ID, v.Subnet, v.Address), v.Content,
			s.publicOf(v))
	}
	for _, o := range s.of["aws:ec2/instance:Instance"] {
		s.instance(o)
	}
}

// pulled is how the platform's user data names a container's image.
var pulled = regexp.MustCompile(`(?m)^\s*image=([a-z0-9][^\s'"]*@sha256:[0-9a-f]{64})$`)

// boot adds a machine and its node.
func (s *survey) boot(m plan.Machine, name string, i plan.Interface, c value.Map, public netip.Addr) {
	if number(object(c, "networkInterfaces"), "ipv6AddressCount") == 0 && number(c, "ipv6AddressCount") == 0 {
		i.Address6 = address("")
	}
	i.Groups, i.Guarded, i.Public = templateGroups(c), true, public
	s.plan.Machines = append(s.plan.Machines, m)
	s.add(plan.Node{Name: name, Kind: plan.KindMachine, Plays: m.ID, Zone: m.Zone, Interfaces: []plan.Interface{i}})
}

// publicOf is the public address of a group's machine, if the template asks for one or else the subnet gives one to all.
func (s *survey) publicOf(v *world.Server) netip.Addr {
	wants := flag(s.find("aws:ec2/subnet:Subnet", "id", v.Subnet).Outputs, "mapPublicIpOnLaunch")
	for _, i := range objects(v.Content, "networkInterfaces") {
		if t, said := i["associatePublicIpAddress"]; said {
			wants = t == true || t == "true"
		}
	}
	if !wants {
		return netip.Addr{}
	}
	sum := sha256.Sum256([]byte(v.ID))
	return netip.AddrFrom4([4]byte{198, 19, sum[0], sum[1]}) // the block of the twin's public addresses (RFC 2544)
}

// instance is a machine that no group looks after.
func (s *survey) instance(o *world.Object) {
	c := value.CopyMap(o.Outputs)
	if by := object(c, "launchTemplate"); by != nil {
		t := cmp.Or(s.find("aws:ec2/launchTemplate:LaunchTemplate", "id", text(by, "id")), s.find("aws:ec2/launchTemplate:LaunchTemplate",
			"name", text(by, "name")))
		if t != nil {
			for key, v := range t.Outputs {
				if c[key] == nil || c[key] == "" {
					c[key] = v
				}
			}
		}
	}
	m := s.machine(o.ID, o.Text("availabilityZone"), c)
	m.Name, m.State = hostName(s.short(o)), "InService"
	m.UserData = []byte(cmp.Or(text(o.Inputs, "userData"), o.Text("userData")))
	if encoded := cmp.Or(text(o.Inputs, "userDataBase64"), text(c, "userDataBase64")); encoded != "" {
		m.UserData, _ = base64.StdEncoding.DecodeString(encoded)
	}
	for key, t := range object(o.Outputs, "tags") {
		m.Tags[key], _ = t.(string)
	}
	public := address(o.Text("publicIp"))
	for _, e := range s.of["aws:ec2/eip:Eip"] {
		if by := s.find("aws:ec2/eipAssociation:EipAssociation", "allocationId", e.ID); e.Text("instance") == o.ID || by != nil &&
			by.Text("instanceId") == o.ID {
			public = address(e.Text("publicIp"))
		}
	}
	s.boot(m, nodeName(m.Name, m.Zone), s.at(o.Text("primaryNetworkInterfaceId"), o.Text("subnetId"), o.Text("privateIp")), c, public)
}

func templateGroups(content value.Map) []string {
	out := texts(content, "vpcSecurityGroupIds")
	for _, i := range objects(content, "networkInterfaces") {
		out = append(out, texts(i, "securityGroups")...)
	}
	return out
}

// graviton are the families of instances with Arm processors.
var graviton = regexp.MustCompile(`^([a-z]+[0-9]+[a-z]*g|a1\.|mac2)`)

func architecture(instanceType string) string {
	if graviton.MatchString(instanceType) {
		return "arm64"
	}
	return "x86_64"
}

// machine is what a launch template and a standalone instance have in common.
func (s *survey) machine(id, zone string, c value.Map) plan.Machine {
	m := plan.Machine{ID: id, Type: text(c, "instanceType"), Zone: zone, Tags: map[string]string{}}
	m.Arch = architecture(m.Type)
	profile := object(c, "iamInstanceProfile")
	if by := text(c, "iamInstanceProfile"); by != "" {
		profile = value.Map{"name": by}
	}
	for _, p := range s.of["aws:iam/instanceProfile:InstanceProfile"] {
		if p.Text("arn") == text(profile, "arn") || p.Text("name") == text(profile, "name") && text(profile, "name") != "" {
			m.Profile = p.Text("arn")
			if r := s.find("aws:iam/role:Role", "name", p.Text("role")); r != nil {
				m.Role = r.Text("arn")
			}
		}
	}
	o := object(c, "metadataOptions")
	m.IMDS = plan.IMDS{Disabled: text(o, "httpEndpoint") == "disabled", V1: text(o, "httpTokens") != "required",
		Hops: cmp.Or(number(o, "httpPutResponseHopLimit"), 1), Tags: text(o, "instanceMetadataTags") == "enabled"}
	for _, spec := range objects(c, "tagSpecifications") {
		if text(spec, "resourceType") == "instance" {
			for k, t := range object(spec, "tags") {
				m.Tags[k], _ = t.(string)
			}
		}
	}
	return m
}

// tier is the name of a group's servers: what the group is called, without the word for a group.
func tier(group string) string {
	for _, suffix := range []string{"-group", "-asg", "-autoscaling"} {
		group = strings.TrimSuffix(group, suffix)
	}
	return group
}

func (s *survey) databases() {
	for _, o := range s.of["aws:rds/instance:Instance"] {
		s.database(o, o.Text("identifier"), o.Text("address"))
	}
	for _, o := range s.of["aws:rds/cluster:Cluster"] {
		s.cluster(o)
	}
	for _, o := range s.of["aws:rds/proxy:Proxy"] {
		s.unplayed("the database proxy %s", name(o))
	}
}

func (s *survey) database(o *world.Object, id, host string) {
	d := s.databaseOf(o, id, host)
	d.MultiAZ, d.Zone, d.Backups = o.Flag("multiAz"), o.Text("availabilityZone"), o.Number("backupRetentionPeriod") > 0
	held := o.Held()
	s.databaseNodes(&d, o, held)
	s.plan.Databases = append(s.plan.Databases, d)
}

// databaseOf is what an instance and a cluster have in common.
func (s *survey) databaseOf(o *world.Object, id, host string) plan.Database {
	d := plan.Database{ARN: o.Text("arn"), ID: id, Resource: cmp.Or(o.Text("resourceId"), o.Text("clusterResourceId"), o.ID),
		Engine:  o.Text("engine"),
		Version: cmp.Or(o.Text("engineVersionActual"), o.Text("engineVersion")), Host: strings.TrimSuffix(host, "."),
		Port: int(o.Number("port")),
		User: cmp.Or(o.Text("username"), o.Text("masterUsername")), Name: cmp.Or(o.Text("dbName"), o.Text("databaseName")),
		IAM: o.Flag("iamDatabaseAuthenticationEnabled"), Snapshot: o.Text("snapshotIdentifier"), Parameters: map[string]string{}}
	if !o.Flag("skipFinalSnapshot") {
		d.Final = o.Text("finalSnapshotIdentifier")
	}
	d.Snapshot = d.Snapshot[strings.LastIndexByte(d.Snapshot, ':')+1:] // it may be an ARN
	if d.Snapshot != "" && s.find(world.TypeSnapshot, "name", d.Snapshot) == nil {
		s.unplayed("the database %s is made of the snapshot %s, which this computer does not have: it begins empty", id, d.Snapshot)
	}
	for _, m := range o.Objects("masterUserSecrets") {
		d.Secret = text(m, "secretArn")
	}
	for _, typ := range []string{"aws:rds/parameterGroup:ParameterGroup", "aws:rds/clusterParameterGroup:ClusterParameterGroup"} {
		for _, g := range s.of[typ] {
			if n := g.Text("name"); n != "" && (n == o.Text("parameterGroupName") || n == o.Text("dbClusterParameterGroupName")) {
				for _, p := range g.Objects("parameters") {
					d.Parameters[text(p, "name")] = text(p, "value")
				}
			}
		}
	}
	return d
}

// databaseNodes are a database's machine and, in Multi-AZ, its standby in another zone.
func (s *survey) databaseNodes(d *plan.Database, o *world.Object, held map[string]string) {
	var subnets []*plan.Subnet
	for k := range s.plan.Network.Subnets {
		if n := &s.plan.Network.Subnets[k]; held[n.ID] != "" {
			subnets = append(subnets, n)
		}
	}
	if d.Zone == "" && len(subnets) > 0 {
		d.Zone = subnets[0].Zone
	}
	made := 0
	for _, first := range []bool{true, false} {
		for _, n := range subnets {
			if (n.Zone == d.Zone) != first || made == 1 && !d.MultiAZ || made == 2 {
				continue
			}
			i := s.at(d.Resource+"-"+n.ID, n.ID, held[n.ID])
			i.Address6, i.Groups, i.Guarded = address(""), o.Texts("vpcSecurityGroupIds"), true
			s.add(plan.Node{Name: nodeName(s.short(o), n.Zone), Kind: plan.KindDatabase, Plays: d.ARN, Zone: n.Zone,
				Interfaces: []plan.Interface{i}})
			made++
		}
	}
}

// cluster is one of Aurora: a writer, and readers that read the same data.
func (s *survey) cluster(o *world.Object) {
	d := s.databaseOf(o, o.Text("clusterIdentifier"), o.Text("endpoint"))
	d.Readers = o.Text("readerEndpoint")
	held := map[string]string{}
	for _, i := range s.of["aws:rds/clusterInstance:ClusterInstance"] {
		if i.Text("clusterIdentifier") != d.ID {
			continue
		}
		d.MultiAZ = d.MultiAZ || len(held) > 0
		for subnet, ip := range i.Held() {
			if n := s.plan.Network.Subnet(subnet); n != nil && n.Zone == i.Text("availabilityZone") || i.Text("availabilityZone") == "" {
				held[subnet] = ip
			}
		}
		d.Zone = cmp.Or(d.Zone, i.Text("availabilityZone"))
	}
	if len(held) > 2 {
		s.unplayed("readers of %s beyond the first", name(o))
	}
	s.databaseNodes(&d, o, held)
	s.plan.Databases = append(s.plan.Databases, d)
}
