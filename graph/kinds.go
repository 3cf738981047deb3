package graph

// Kinds of a thing for which a provider, or a version of one, has several types: whoever looks
// for the thing must look for all of them.
var (
	// CloudflareRecords are names in Cloudflare's DNS.
	CloudflareRecords = []string{"cloudflare:index/record:Record", "cloudflare:index/dnsRecord:DnsRecord"}
	// Records are names in DNS.
	Records = append([]string{"aws:route53/record:Record"}, CloudflareRecords...)
)
