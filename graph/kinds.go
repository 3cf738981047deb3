package graph

// Things for which a provider has several types, perhaps in different versions: whoever looks for such a thing must
// look for all of its types.
var (
	// CloudflareRecords are names in Cloudflare's DNS.
	CloudflareRecords = []string{"cloudflare:index/record:Record", "cloudflare:index/dnsRecord:DnsRecord"}
	// Records are names in DNS.
	Records = append([]string{"aws:route53/record:Record"}, CloudflareRecords...)
)
