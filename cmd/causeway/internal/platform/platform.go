// Package platform is what the command line deploys: the program of package stacks, and what a twin must hold first. Its
// tests deploy the platform itself, in every variant and with the mistakes that people make, through the real engine on a
// twin.
package platform

import (
	"errors"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/project"
	"github.com/causeway-iac/causeway/stacks"
	"github.com/causeway-iac/causeway/twin"
)

// Program declares the platform.
var Program pulumi.RunFunc = stacks.Deploy

// Review declares it for whoever reviews a change: what Program refuses, this warns of.
var Review pulumi.RunFunc = stacks.Review

// Before reads a stack's settings, reports everything that is wrong with them, and returns what its twin must hold first:
// its account, and the zones that it adopts.
func Before(p project.Project, stack string) (twin.Options, error) {
	s, err := stacks.Check(p.Root, stack, time.Now())
	var ended *stacks.EndedError
	if err != nil && !errors.As(err, &ended) { // the program itself says what may still be deployed
		return twin.Options{}, err
	}
	o := twin.Options{Account: s.AccountID, Region: s.Region, Granted: s.Quotas}
	switch {
	case s.DNS.Create:
	case s.DNS.Provider == "route53":
		o.Route53Zones = []string{s.DNS.Zone}
	default:
		o.CloudflareZones = []string{s.DNS.Zone}
	}
	return o, nil
}
