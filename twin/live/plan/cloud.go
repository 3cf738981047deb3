package plan

import "net/netip"

// Cloud is AWS's API as the servers use it, and who may call what.
type Cloud struct {
	Endpoints []Endpoint  `json:"endpoints,omitempty"`
	Services  []Service   `json:"services"` // where the internet finds them
	Buckets   []Bucket    `json:"buckets,omitempty"`
	Objects   []Object    `json:"objects,omitempty"`
	Secrets   []Secret    `json:"secrets,omitempty"`
	Keys      []Key       `json:"keys,omitempty"`
	Roles     []Role      `json:"roles,omitempty"`
	LogGroups []string    `json:"logGroups,omitempty"` // names
	Settings  []Parameter `json:"settings,omitempty"`  // of the Parameter Store
}

// Service is one of AWS's: its name and addresses on the internet.
type Service struct {
	Name      string       `json:"name"`             // s3, secretsmanager, sts, …
	Host      string       `json:"host"`             // s3.eu-central-1.amazonaws.com
	Abroad    bool         `json:"abroad,omitempty"` // of another region than the stack's, which has no endpoint
	Addresses []netip.Addr `json:"addresses"`
}

// The services that make up Amazon ECR: its API, and the registries, which have a name for each account.
const (
	ECR      = "ecr.api"
	Registry = "ecr.dkr"
)

// Below reports whether the service has names of its own below Host: S3 one for each bucket, and ECR one for each registry.
func (s Service) Below() bool { return s.Name == "s3" || s.Name == Registry }

// Endpoint is a VPC endpoint. An interface endpoint's addresses are those of the cloud node's interfaces with its id.
type Endpoint struct {
	ID         string         `json:"id"`
	Service    string         `json:"service"` // s3, secretsmanager, …
	Gateway    bool           `json:"gateway,omitempty"`
	PrivateDNS bool           `json:"privateDNS,omitempty"`
	Names      []string       `json:"names,omitempty"`    // its own, beside the service's
	Prefixes   []netip.Prefix `json:"prefixes,omitempty"` // of a gateway endpoint
	List       string         `json:"list,omitempty"`
	Policy     string         `json:"policy,omitempty"` // document; empty allows all
}

// Bucket is one of S3's.
type Bucket struct {
	Name        string `json:"name"`
	Policy      string `json:"policy,omitempty"`
	Key         string `json:"key,omitempty"` // ARN of the key that encrypts by default; empty is S3's own
	Versioned   bool   `json:"versioned,omitempty"`
	BlockPublic bool   `json:"blockPublic,omitempty"`
	OwnerOnly   bool   `json:"ownerOnly,omitempty"`
}

// Object is an object in a bucket; its content is the file of that hash.
type Object struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Hash    string `json:"hash"`              // SHA-256, hex; empty where Content is all
	Content string `json:"content,omitempty"` // what the program wrote itself
	Path    string `json:"path,omitempty"`    // where the content was when it was declared
	KMS     string `json:"kms,omitempty"`     // ARN
	Type    string `json:"type,omitempty"`
	Version string `json:"version,omitempty"`
}

// Secret is one of Secrets Manager's; its value travels beside the plan.
type Secret struct {
	ARN      string `json:"arn"`
	Name     string `json:"name"`
	Policy   string `json:"policy,omitempty"`
	Key      string `json:"key,omitempty"`      // ARN
	Database string `json:"database,omitempty"` // ARN of the database whose master user it belongs to
	Rotate   int    `json:"rotate,omitempty"`   // days
}

// Key is a KMS key.
type Key struct {
	ARN     string   `json:"arn"`
	Policy  string   `json:"policy"`
	Aliases []string `json:"aliases,omitempty"`
}

// Role is one that a machine or service may assume.
type Role struct {
	ARN      string   `json:"arn"`
	Name     string   `json:"name"`
	Trust    string   `json:"trust"`
	Policies []Policy `json:"policies,omitempty"`
	Boundary *Policy  `json:"boundary,omitempty"`
}

// Policy is a document. That of an AWS managed policy may be unknown, and then Document is empty.
type Policy struct {
	Name     string `json:"name"`
	ARN      string `json:"arn,omitempty"`
	Document string `json:"document,omitempty"`
}

// Parameter is one of the Parameter Store's that is not a secret.
type Parameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}
