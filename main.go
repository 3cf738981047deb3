// Causeway deploys a web platform: DNS, HTTPS, a firewall, a load balancer, web
// servers, application servers and a database. It is the program that `pulumi up`
// runs; package stacks reads as the picture.
package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/stacks"
)

func main() {
	pulumi.Run(stacks.Deploy)
}
