package world

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

// cloudflareIPv4 and cloudflareIPv6 are the addresses that Cloudflare's proxies come from
// (https://www.cloudflare.com/ips, 2025).
var (
	cloudflareIPv4 = []string{"103.21.244.0/22", "103.22.200.0/22", "103.31.4.0/22", "104.16.0.0/13", "104.24.0.0/14", "108.162.192.0/18",
		"131.0.72.0/22",
		"141.101.64.0/18", "162.158.0.0/15", "172.64.0.0/13", "173.245.48.0/20", "188.114.96.0/20", "190.93.240.0/20", "197.234.240.0/22",
		"198.41.128.0/17"}
	cloudflareIPv6 = []string{"2400:cb00::/32", "2405:8100::/32", "2405:b500::/32", "2606:4700::/32", "2803:f800::/32", "2a06:98c0::/29",
		"2c0f:f248::/32"}
)

func cloudflareRanges(*Call, Query) (value.Map, error) {
	v4, v6 := list(cloudflareIPv4), list(cloudflareIPv6)
	return value.Map{"id": "cloudflare_ip_ranges", "ipv4CidrBlocks": v4, "ipv6CidrBlocks": v6,
		"cidrBlocks":          append(append([]any{}, v4...), v6...),
		"chinaIpv4CidrBlocks": []any{}, "chinaIpv6CidrBlocks": []any{}}, nil
}

// planName is the API's name for a plan.
func planName(plan string) string {
	plan = cmp.Or(plan, "free")
	return strings.ToUpper(plan[:1]) + plan[1:] + " Website"
}

func getCloudflareZone(c *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	id, _ := q.Args["zoneId"].(string)
	account, _ := q.Args["accountId"].(string)
	found := first(c.each(typeCloudflareZone), func(o *Object) bool {
		return (id != "" && o.ID == id || id == "" && zoneName(o.Text("zone"), name)) &&
			(account == "" || o.Implicit || o.Text("accountId") == account)
	})
	if found == nil {
		return nil, fmt.Errorf("no zone found: none matches name %q, id %q: seed the twin with the zones that exist already", name, id)
	}
	return value.Map{"id": found.ID, "zoneId": found.ID, "name": found.Text("zone"), "accountId": found.Text("accountId"),
		"status": found.Text("status"),
		"plan":   planName(found.Text("plan")), "paused": found.Flag("paused"), "nameServers": found.Outputs["nameServers"],
		"vanityNameServers": []any{}}, nil
}

// awsRanges answers with the twin's own addresses: those of its gateway endpoints for S3 and DynamoDB, and those of
// its Elastic IPs for EC2 and AMAZON.
func awsRanges(c *Call, q Query) (value.Map, error) {
	var blocks []string
	for _, service := range texts(q.Args["services"]) {
		switch service {
		case "s3", "S3", "dynamodb", "DYNAMODB":
			blocks = append(blocks, awsPrefixes("com.amazonaws."+q.Region+"."+map[bool]string{true: "s3",
				false: "dynamodb"}[service == "s3" || service == "S3"])...)
		case "ec2", "EC2", "amazon", "AMAZON":
			blocks = append(blocks, "198.18.0.0/15")
		default:
			return nil, fmt.Errorf("no IP ranges of the service %q in the twin: it has s3, dynamodb, ec2 and amazon", service)
		}
	}
	return value.Map{"id": "1735689600", "cidrBlocks": list(blocks), "ipv6CidrBlocks": []any{}, "syncToken": 1735689600.0,
		"createDate": "2025-01-01-00-00-00"}, nil
}
