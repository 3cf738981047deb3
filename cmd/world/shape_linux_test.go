package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/causeway-iac/causeway/twin/front"
	"github.com/causeway-iac/causeway/twin/live"
	"github.com/causeway-iac/causeway/twin/live/can"
	"github.com/causeway-iac/causeway/twin/value"
	twinworld "github.com/causeway-iac/causeway/twin/world"
)

// deployed is a twin's world with what somebody else's program makes.
type deployed struct {
	t *testing.T
	*twinworld.World
}

func (d deployed) create(typ, name string, inputs value.Map) *twinworld.Object {
	d.t.Helper()
	o, err := d.Create(twinworld.Request{Type: "aws:" + typ, URN: "urn:pulumi:s::p::aws:" + typ + "::" + name, Region: "eu-central-1",
		Inputs:  inputs,
		Planned: value.CopyMap(inputs)})
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	return o
}

// serving is user data that serves a text on port 80 after so many seconds, with what each Debian has.
func serving(text string, after float64) string {
	return fmt.Sprintf(`#!/bin/sh
exec perl -MIO::Socket::INET -e 'my $l = IO::Socket::INET->new(LocalPort => 80, Listen => 16, ReuseAddr => 1) or die $!;
while (my $c = $l->accept) { while (<$c>) { last if /^\r\n$/ }
select undef, undef, undef, %g; print $c "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n%s"; close $c }' &
`, after, text)
}

// somebodyElses has one tier in public subnets behind one load balancer without TLS or a name of its own: a machine of an Auto
// Scaling group, one that nobody looks after, rules within their groups, and a network load balancer.
func somebodyElses(t *testing.T) deployed {
	w, err := twinworld.Open(twinworld.Options{Account: "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	d := deployed{t, w}
	vpc := d.create("ec2/vpc:Vpc", "main", value.Map{"cidrBlock": "172.31.0.0/16", "enableDnsSupport": true, "enableDnsHostnames": true}).ID
	gateway := d.create("ec2/internetGateway:InternetGateway", "main", value.Map{"vpcId": vpc}).ID
	table := d.create("ec2/routeTable:RouteTable", "main", value.Map{"vpcId": vpc}).ID
	d.create("ec2/route:Route", "out", value.Map{"routeTableId": table, "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway})
	var subnets []any
	for n, zone := range []string{"a", "b"} {
		s := d.create("ec2/subnet:Subnet", "public-"+zone, value.Map{"vpcId": vpc, "cidrBlock": fmt.Sprintf("172.31.%d.0/24", n),
			"availabilityZone": "eu-central-1" + zone, "mapPublicIpOnLaunch": true}).ID
		d.create("ec2/routeTableAssociation:RouteTableAssociation", "public-"+zone, value.Map{"subnetId": s, "routeTableId": table})
		subnets = append(subnets, s)
	}
	anywhere := []any{"0.0.0.0/0"}
	out := []any{value.Map{"protocol": "-1", "fromPort": 0.0, "toPort": 0.0, "cidrBlocks": anywhere}}
	edge := d.create("ec2/securityGroup:SecurityGroup", "edge", value.Map{"vpcId": vpc, "name": "edge", "egress": out,
		"ingress": []any{value.Map{"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "cidrBlocks": anywhere}}}).ID
	web := d.create("ec2/securityGroup:SecurityGroup", "web", value.Map{"vpcId": vpc, "name": "web", "egress": out,
		"ingress": []any{value.Map{"protocol": "tcp", "fromPort": 80.0, "toPort": 80.0, "securityGroups": []any{edge}}}}).ID
	balancer := d.create("lb/loadBalancer:LoadBalancer", "site", value.Map{"name": "site", "loadBalancerType": "application",
		"subnets":        subnets,
		"securityGroups": []any{edge}}).ID
	d.create("lb/loadBalancer:LoadBalancer", "raw", value.Map{"name": "raw", "loadBalancerType": "network", "subnets": subnets})
	group := d.create("lb/targetGroup:TargetGroup", "web", value.Map{"name": "web", "port": 80.0, "protocol": "HTTP", "vpcId": vpc,
		"targetType": "instance",
		"healthCheck": value.Map{"enabled": true, "protocol": "HTTP", "path": "/", "port": "traffic-port", "matcher": "200",
			"interval": 5.0, "timeout": 2.0,
			"healthyThreshold": 2.0, "unhealthyThreshold": 2.0}}).ID
	d.create("lb/listener:Listener", "http", value.Map{"loadBalancerArn": balancer, "port": 80.0, "protocol": "HTTP",
		"defaultActions": []any{value.Map{"type": "forward", "targetGroupArn": group}}})
	single := d.create("ec2/instance:Instance", "single", value.Map{"ami": "ami-1", "instanceType": "t3.micro", "subnetId": subnets[1],
		"vpcSecurityGroupIds": []any{web}, "userData": serving("single", 0)}).ID
	d.create("lb/targetGroupAttachment:TargetGroupAttachment", "single", value.Map{"targetGroupArn": group, "targetId": single,
		"port": 80.0})
	template := d.create("ec2/launchTemplate:LaunchTemplate", "web", value.Map{"name": "web", "imageId": "ami-1",
		"instanceType":        "t3.micro",
		"vpcSecurityGroupIds": []any{web}, "userData": base64.StdEncoding.EncodeToString([]byte(serving("of the group", 0.2)))}).ID
	d.create("autoscaling/group:Group", "web", value.Map{"name": "web", "minSize": 1.0, "maxSize": 1.0, "vpcZoneIdentifiers": subnets,
		"targetGroupArns": []any{group}, "launchTemplate": value.Map{"id": template, "version": "1"}})
	return d
}

// deletesItsGroup deletes the group while visitors ask: its machines end when nothing is under way to them any more.
func (d deployed) deletesItsGroup(visitor *http.Client, address string) {
	var visits sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		visits.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				r, err := visitor.Get(address + "/")
				if err != nil || r.StatusCode != http.StatusOK {
					d.t.Errorf("while the group was deleted: %v %v", r, err)
					return
				}
				r.Body.Close()
			}
		})
	}
	time.Sleep(500 * time.Millisecond)
	for _, o := range d.Objects() {
		if o.Type == twinworld.TypeGroup {
			q := twinworld.Request{Type: o.Type, URN: o.URN, ID: o.ID, Region: o.Region, State: o.Outputs}
			if err := front.New(d.World, front.Options{}).Delete(d.t.Context(), q); err != nil {
				d.t.Error(err)
			}
		}
	}
	time.Sleep(500 * time.Millisecond)
	close(stop)
	visits.Wait()
}

func TestAStackOfSomebodyElsesShapeLives(t *testing.T) {
	if testing.Short() {
		t.Skip("it boots servers")
	}
	if _, err := exec.LookPath("perl"); err != nil {
		t.Skip("NOT TESTED: there is no perl to serve with")
	}
	d, home := somebodyElses(t), t.TempDir()
	notes := make(chan string, 100)
	w, err := live.Start(t.Context(), live.Options{Stack: "s", Home: home, Objects: filepath.Join(home, "objects"),
		Program: "/proc/self/exe", World: d.World,
		Notice: func(s string) { notes <- s }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		logs, _ := filepath.Glob(filepath.Join(home, "log", "*.log"))
		for _, path := range logs {
			if text, _ := os.ReadFile(path); t.Failed() && len(text) > 0 {
				t.Logf("%s:\n%s", filepath.Base(path), text)
			}
		}
	}()
	s, err := w.Status(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.URLs) != 1 || !strings.HasPrefix(s.URLs[0], "http://site-") {
		t.Fatalf("visitors come in at %q", s.URLs)
	}
	if all := strings.Join(s.Unplayed, "\n"); all != "the network load balancer raw: whoever connects to it is refused; an application "+
		"load balancer is played" {
		t.Errorf("not played: %s", all)
	}
	visitor := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true,
		Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: s.Door})}}
	serves := func(wants ...string) {
		t.Helper()
		seen := map[string]bool{}
		for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
			r, err := visitor.Get(s.URLs[0] + "/")
			if err == nil {
				text, _ := io.ReadAll(r.Body)
				r.Body.Close()
				seen[string(text)] = true
			}
			all := true
			for _, want := range wants {
				all = all && seen[want]
			}
			if all {
				return
			}
			if time.Now().After(deadline) {
				now, _ := w.Status(t.Context(), false)
				t.Fatalf("%v were served, and not all of %q: %v; targets %v; dropped %v", seen, wants, err, now.Targets, w.Drops())
			}
		}
	}
	serves("single", "of the group")

	// A machine that no group replaces starts again.
	for range 4 {
		if err := w.Kill(t.Context(), "single-b"); err != nil {
			t.Fatal(err)
		}
		serves("of the group")
		serves("single") // or what is still under way of it: that it is back is asked below
	}

	d.deletesItsGroup(visitor, s.URLs[0])
	if now, err := w.Status(t.Context(), false); err != nil || slices.ContainsFunc(now.Nodes,
		func(n live.NodeStatus) bool { return strings.HasPrefix(n.Name, "web-") }) {
		t.Errorf("the deleted group's machines are there: %v %v", now.Nodes, err)
	}

	// What cannot be planned leaves alone what lives.
	d.create("ec2/vpc:Vpc", "other", value.Map{"cidrBlock": "10.0.0.0/16"})
	for deadline := time.After(10 * time.Second); ; {
		select {
		case said := <-notes:
			if strings.HasPrefix(said, "what lives stays as it was: there are 2 VPCs in the world") {
				serves("single")
				return
			}
		case <-deadline:
			t.Fatal("nothing is said of the second VPC")
		}
	}
}

// What cannot live is refused in one sentence before anything is started.
func TestNothingIsHalfStarted(t *testing.T) {
	d, home := somebodyElses(t), t.TempDir()
	d.create("ec2/vpc:Vpc", "other", value.Map{"cidrBlock": "10.0.0.0/16"})
	_, err := live.Start(t.Context(), live.Options{Stack: "s", Home: home, Program: "/proc/self/exe", World: d.World})
	if no, ok := err.(*can.Refusal); !ok || !strings.Contains(no.Why, "there are 2 VPCs in the world (") ||
		strings.Contains(err.Error(), "\n") {
		t.Errorf("it was said: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(home, "log", "*")); len(left) > 0 {
		t.Errorf("something was started: %q", left)
	}
}
