package plan

// Zone is a DNS zone with its records.
type Zone struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`              // without a dot at its end
	At      string       `json:"at"`                // cloudflare or route53
	Private bool         `json:"private,omitempty"` // answered at VPC+2 alone
	Served  bool         `json:"served"`            // it is delegated: the internet finds it
	DNSSEC  bool         `json:"dnssec,omitempty"`
	Servers []string     `json:"servers,omitempty"`
	Edge    EdgeSettings `json:"edge,omitzero"`
	Records []Record     `json:"records,omitempty"`
}

// EdgeSettings are a zone's settings at Cloudflare, for visitors of proxied names.
type EdgeSettings struct {
	MinTLS      string            `json:"minTLS,omitempty"` // 1.0 to 1.3
	NoTLS13     bool              `json:"noTLS13,omitempty"`
	AlwaysHTTPS bool              `json:"alwaysHTTPS,omitempty"` // plain requests are redirected
	Headers     map[string]string `json:"headers,omitempty"`     // set on each encrypted answer
}

// Record is a record set. An alias answers with the addresses of the AWS name that it gives.
type Record struct {
	Name    string   `json:"name"` // fully qualified, lower case, without a dot at its end
	Type    string   `json:"type"`
	TTL     int      `json:"ttl"`
	Values  []string `json:"values,omitempty"` // as in a zone file, without the TTL
	Alias   string   `json:"alias,omitempty"`
	Proxied bool     `json:"proxied,omitempty"` // by Cloudflare
	Pulls   bool     `json:"pulls,omitempty"`   // its edge shows its client certificate to the origin
	Strict  bool     `json:"strict,omitempty"`  // its edge verifies the origin's certificate
}
