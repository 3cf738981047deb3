package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// list is what is wanted of one service's price list.
type list struct {
	service   string
	published time.Time
	// usd is by the price's name in cost/rates: "nat gateway", or "ec2.csv m7g.large".
	usd map[string]float64
}

// wanted is a price, identified as AWS's list does.
type wanted struct {
	service string
	// usage is the usage type without the region's prefix; one that ends in ":" is followed by an instance type.
	usage string
	// attributes must be these.
	attributes map[string]string
	// what and unit are as in services.csv, or what is a table of instance types.
	what, unit string
	// times multiplies the list's price where its unit is another; 0 means 1.
	times float64
}

type attributes = map[string]string

var (
	services = []string{"AmazonEC2", "AWSELB", "AmazonVPC", "AmazonRDS", "AmazonCloudWatch"}

	linux = attributes{
		"operatingSystem": "Linux", "tenancy": "Shared", "preInstalledSw": "NA", "capacitystatus": "Used", "marketoption": "OnDemand",
	}

	all = []wanted{
		{"AmazonEC2", "NatGateway-Hours", attributes{"operation": "NatGateway"}, "nat gateway", "hour", 0},
		{"AmazonEC2", "NatGateway-Bytes", attributes{"operation": "NatGateway"}, "nat gateway traffic", "GB", 0},
		{"AmazonEC2", "EBS:VolumeUsage.gp3", nil, "gp3 volume", "GB-month", 0},
		{"AmazonEC2", "EBS:VolumeP-IOPS.gp3", nil, "gp3 iops", "IOPS-month", 0},
		{"AmazonEC2", "EBS:VolumeP-Throughput.gp3", nil, "gp3 throughput", "MB/s-month", 1.0 / 1024}, // a GiB/s in the list
		{"AmazonEC2", "BoxUsage:", linux, "ec2.csv", "hour", 0},
		{"AWSELB", "LoadBalancerUsage", attributes{"operation": "LoadBalancing:Application"}, "application load balancer", "hour", 0},
		{"AWSELB", "LoadBalancerUsage", attributes{"operation": "LoadBalancing:Network"}, "network load balancer", "hour", 0},
		{"AWSELB", "LCUUsage", attributes{"operation": "LoadBalancing:Application"}, "load balancer capacity", "unit and hour", 0},
		{"AmazonVPC", "VpcEndpoint-Hours", nil, "interface endpoint", "hour", 0},
		{"AmazonVPC", "VpcEndpoint-Bytes", nil, "interface endpoint traffic", "GB", 0},
		{"AmazonRDS", "RDS:GP3-Storage", nil, "rds gp3 storage", "GB-month", 0},
		{"AmazonRDS", "Aurora:ServerlessV2Usage", nil, "aurora capacity unit", "hour", 0},
		{"AmazonRDS", "Aurora:StorageUsage", nil, "aurora storage", "GB-month", 0},
		{"AmazonRDS", "Aurora:StorageIOUsage", nil, "aurora reads and writes", "million", 1e6},
		{"AmazonRDS", "InstanceUsage:", attributes{"databaseEngine": "PostgreSQL"}, "rds-postgres.csv", "hour", 0},
		{"AmazonRDS", "InstanceUsage:", attributes{"databaseEngine": "MySQL"}, "rds-mysql.csv", "hour", 0},
		{"AmazonRDS", "InstanceUsage:", attributes{"databaseEngine": "Aurora PostgreSQL"}, "rds-aurora-postgres.csv", "hour", 0},
		{"AmazonCloudWatch", "CW:AlarmMonitorUsage", nil, "alarm", "month", 0},
		{"AmazonCloudWatch", "CW:MetricMonitorUsage", nil, "custom metric", "month", 0},
		{"AmazonCloudWatch", "DataProcessing-Bytes", nil, "log ingestion", "GB", 0},
		{"AmazonCloudWatch", "TimedStorage-ByteHrs", nil, "log storage", "GB-month", 0},
	}
)

// regional is what precedes a usage type outside us-east-1: EU-, USE2-, APN1-.
var regional = regexp.MustCompile(`^[A-Z]{2,4}[0-9]?-`)

// name is what cost/rates calls a product's price, "" if it is not wanted.
func name(service string, of attributes) (string, float64) {
	usage := regional.ReplaceAllString(of["usagetype"], "")
next:
	for _, w := range all {
		before, kind, instance := strings.Cut(usage, ":")
		fits := usage == w.usage || instance && strings.HasSuffix(w.usage, ":") && before+":" == w.usage
		if w.service != service || !fits {
			continue
		}
		for key, value := range w.attributes {
			if of[key] != value {
				continue next
			}
		}
		if strings.HasSuffix(w.usage, ":") {
			return w.what + " " + kind, 1
		}
		return w.what, max(w.times, 0)
	}
	return "", 0
}

// read takes what is wanted from a list as it streams in: products come before their terms, and on-demand terms before
// reserved ones.
func read(r io.Reader, service string) (*list, error) {
	d := json.NewDecoder(r)
	l := &list{service: service, usd: map[string]float64{}}
	products := map[string]attributes{}
	err := each(d, func(key string) error {
		switch key {
		case "publicationDate":
			return d.Decode(&l.published)
		case "products":
			return each(d, func(sku string) error {
				var p struct{ Attributes map[string]string }
				if err := d.Decode(&p); err != nil {
					return err
				}
				if what, _ := name(service, p.Attributes); what != "" {
					products[sku] = p.Attributes
				}
				return nil
			})
		case "terms":
			return each(d, func(kind string) error {
				if kind != "OnDemand" {
					return errEnough
				}
				return each(d, func(sku string) error { return l.price(d, products[sku]) })
			})
		}
		return d.Decode(new(json.RawMessage))
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return nil, fmt.Errorf("reading the price list: %w", err)
	case l.published.IsZero():
		return nil, errors.New("this is no price list: it has no publicationDate")
	}
	return l, nil
}

// errEnough ends the reading: nothing that follows is wanted.
var errEnough = errors.New("enough")

// price reads the terms of one product. Two products of one name must cost the same.
func (l *list) price(d *json.Decoder, of attributes) error {
	var terms map[string]struct {
		PriceDimensions map[string]struct {
			BeginRange   string
			PricePerUnit map[string]string
		}
	}
	if of == nil {
		return d.Decode(new(json.RawMessage))
	}
	if err := d.Decode(&terms); err != nil {
		return err
	}
	what, times := name(l.service, of)
	for _, term := range terms {
		for _, dimension := range term.PriceDimensions {
			usd, err := strconv.ParseFloat(dimension.PricePerUnit["USD"], 64)
			if dimension.BeginRange != "" && dimension.BeginRange != "0" || err != nil || usd <= 0 {
				continue // higher tiers are cheaper, and what is free has no price
			}
			if times > 0 {
				usd *= times
			}
			if was, twice := l.usd[what]; twice && was != usd {
				return fmt.Errorf("%s has two prices, %v and %v: the list has changed, and tools/prices must be told how", what, was, usd)
			}
			l.usd[what] = usd
		}
	}
	return nil
}

// each calls do for each key of an object; do reads its value.
func each(d *json.Decoder, do func(key string) error) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return errors.Join(err, fmt.Errorf("%v where an object was expected", t))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return err
		}
		if err := do(fmt.Sprint(key)); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}
