package plan

// Balancer is a load balancer; its nodes are those of the plan that play its ARN.
type Balancer struct {
	ARN       string     `json:"arn"`
	Name      string     `json:"name"` // of the resource
	DNSName   string     `json:"dnsName"`
	Kind      string     `json:"kind"` // application, network or gateway
	Internal  bool       `json:"internal,omitempty"`
	Idle      int        `json:"idle"`      // seconds
	KeepAlive int        `json:"keepAlive"` // seconds that a client's connection lives at most
	CrossZone bool       `json:"crossZone,omitempty"`
	Listeners []Listener `json:"listeners,omitempty"`

	DropInvalidHeaders bool   `json:"dropInvalidHeaders,omitempty"`
	PreserveHost       bool   `json:"preserveHost,omitempty"`
	XFF                string `json:"xff,omitempty"` // append, preserve or remove
	XFFPort            bool   `json:"xffPort,omitempty"`
	TLSHeaders         bool   `json:"tlsHeaders,omitempty"` // X-Amzn-Tls-Version and -Cipher-Suite
	HTTP2              bool   `json:"http2,omitempty"`
	Desync             string `json:"desync,omitempty"` // monitor, defensive or strictest

	AccessLogs     *LogTarget `json:"accessLogs,omitempty"`
	ConnectionLogs *LogTarget `json:"connectionLogs,omitempty"`
}

// LogTarget is a place in a bucket.
type LogTarget struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix,omitempty"`
}

// Listener is a port of a load balancer.
type Listener struct {
	ARN          string            `json:"arn"`
	Port         int               `json:"port"`
	Protocol     string            `json:"protocol"`               // HTTP, HTTPS, TCP, TLS
	Policy       string            `json:"policy,omitempty"`       // of TLS
	Certificates []string          `json:"certificates,omitempty"` // ARNs; the first is the default
	MutualTLS    *MutualTLS        `json:"mutualTLS,omitempty"`
	Default      []Action          `json:"default"`
	Rules        []ListenerRule    `json:"rules,omitempty"`   // sorted by priority
	Headers      map[string]string `json:"headers,omitempty"` // set on each response
	Renamed      map[string]string `json:"renamed,omitempty"` // request headers that targets get under another name
	ServerHeader bool              `json:"serverHeader,omitempty"`
}

// MutualTLS is what a listener asks of clients.
type MutualTLS struct {
	Mode          string `json:"mode"`                 // off, verify or passthrough
	TrustStore    string `json:"trustStore,omitempty"` // ARN
	IgnoreExpired bool   `json:"ignoreExpired,omitempty"`
}

// ListenerRule applies if all its conditions hold.
type ListenerRule struct {
	Name       string      `json:"name"`
	Priority   int         `json:"priority"`
	Conditions []Condition `json:"conditions"`
	Actions    []Action    `json:"actions"`
}

// Condition holds when one of its values matches. Field is host, path, method, source, header or query.
type Condition struct {
	Field  string   `json:"field"`
	Header string   `json:"header,omitempty"`
	Values []string `json:"values"` // of query: "key=value", or "value"
}

// Action is what happens to a request. Type is forward, redirect, fixed-response, or one that is not played.
type Action struct {
	Type     string    `json:"type"`
	Forward  []Weight  `json:"forward,omitempty"`
	Sticky   int       `json:"sticky,omitempty"` // seconds that a client stays with a target group; 0 is off
	Redirect *Redirect `json:"redirect,omitempty"`
	Fixed    *Fixed    `json:"fixed,omitempty"`
}

// Weight is a target group and its share.
type Weight struct {
	TargetGroup string `json:"targetGroup"` // ARN
	Weight      int    `json:"weight"`
}

// Redirect has AWS's placeholders: #{host}, #{path}, #{port}, #{protocol}, #{query}.
type Redirect struct {
	Status                            int `json:"status"`
	Protocol, Host, Port, Path, Query string
}

// Fixed is an answer by the load balancer itself.
type Fixed struct {
	Status      int    `json:"status"`
	ContentType string `json:"contentType,omitempty"`
	Body        string `json:"body,omitempty"`
}

// TargetGroup is one, with the targets that are registered or draining.
type TargetGroup struct {
	ARN             string      `json:"arn"`
	Name            string      `json:"name"`
	Protocol        string      `json:"protocol"`
	ProtocolVersion string      `json:"protocolVersion,omitempty"` // HTTP1, HTTP2 or GRPC
	Port            int         `json:"port"`
	Algorithm       string      `json:"algorithm,omitempty"`
	Drain           int         `json:"drain"`     // seconds
	SlowStart       int         `json:"slowStart"` // seconds
	Stickiness      *Stickiness `json:"stickiness,omitempty"`
	Health          HealthCheck `json:"health"`
	Targets         []Target    `json:"targets,omitempty"`
}

// Stickiness binds a client to a target.
type Stickiness struct {
	Type    string `json:"type"` // lb_cookie, app_cookie
	Cookie  string `json:"cookie,omitempty"`
	Seconds int    `json:"seconds"`
}

// HealthCheck is how targets are asked whether they are well. Times are seconds.
type HealthCheck struct {
	Enabled   bool   `json:"enabled"`
	Protocol  string `json:"protocol"`
	Port      string `json:"port"` // a number or traffic-port
	Path      string `json:"path,omitempty"`
	Matcher   string `json:"matcher,omitempty"` // "200", "200-299", "200,301"
	Interval  int    `json:"interval"`
	Timeout   int    `json:"timeout"`
	Healthy   int    `json:"healthy"`
	Unhealthy int    `json:"unhealthy"`
}

// Target is one target. The world drains it, for the group's delay, when it is no longer wanted.
type Target struct {
	ID       string `json:"id"` // instance id or address
	Address  string `json:"address"`
	Port     int    `json:"port"`
	Zone     string `json:"zone,omitempty"`
	Draining bool   `json:"draining,omitempty"`
}

// Certificate is ACM's: the world's authority issues one for exactly these names.
type Certificate struct {
	ARN   string   `json:"arn"`
	Names []string `json:"names"`
	Key   string   `json:"key,omitempty"` // RSA_2048, EC_prime256v1, …
}

// TrustStore is what client certificates are checked against.
type TrustStore struct {
	ARN    string `json:"arn"`
	Name   string `json:"name"`
	Bucket string `json:"bucket"`
	Object string `json:"object"` // key in the bucket
}
