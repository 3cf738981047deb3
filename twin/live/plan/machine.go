package plan

// Machine is a server as its own launch template's version describes it.
type Machine struct {
	ID       string            `json:"id"`                 // instance id
	Group    string            `json:"group"`              // the Auto Scaling group's ARN; empty for one of its own
	Name     string            `json:"name"`               // the group's name in the program: "web"
	Template string            `json:"template,omitempty"` // id:version
	Type     string            `json:"type"`
	Zone     string            `json:"zone"`
	Arch     string            `json:"arch"` // x86_64 or arm64
	UserData []byte            `json:"userData,omitempty"`
	Image    string            `json:"image,omitempty"`   // of the container that it runs, by its digest
	Profile  string            `json:"profile,omitempty"` // instance profile's ARN
	Role     string            `json:"role,omitempty"`    // its role's ARN
	IMDS     IMDS              `json:"imds"`
	Tags     map[string]string `json:"tags,omitempty"`
	State    string            `json:"state"` // Pending, InService, Terminating
	Sick     bool              `json:"sick,omitempty"`
}

// IMDS is how the machine's metadata service answers.
type IMDS struct {
	Disabled bool `json:"disabled,omitempty"`
	V1       bool `json:"v1,omitempty"` // answers without a token
	Hops     int  `json:"hops"`
	Tags     bool `json:"tags,omitempty"`
}

// Database is an RDS instance or an Aurora cluster.
type Database struct {
	ARN        string            `json:"arn"`
	ID         string            `json:"id"`       // identifier
	Resource   string            `json:"resource"` // what never changes while it exists: its data is kept under it
	Engine     string            `json:"engine"`
	Version    string            `json:"version"` // full, or the major alone
	Host       string            `json:"host"`
	Readers    string            `json:"readers,omitempty"` // Aurora's reader endpoint
	Port       int               `json:"port"`
	User       string            `json:"user"`
	Name       string            `json:"name,omitempty"`   // of the first database
	Secret     string            `json:"secret,omitempty"` // the master user's ARN, if RDS manages it
	Zone       string            `json:"zone"`
	MultiAZ    bool              `json:"multiAZ,omitempty"`
	IAM        bool              `json:"iam,omitempty"` // signs in by IAM
	Parameters map[string]string `json:"parameters,omitempty"`
	Snapshot   string            `json:"snapshot,omitempty"` // that it was restored from
	Final      string            `json:"final,omitempty"`    // the snapshot that its deletion makes
	Backups    bool              `json:"backups,omitempty"`  // automated ones, for which MySQL has a binary log
}

// ImageConfig is what a container's image says of its program (OCI, "Image Configuration").
type ImageConfig struct {
	Entrypoint, Cmd, Env []string
	WorkingDir           string
}

// KeepImage is how a machine is told of the folder of its container's image. It holds ImageRoot, the files, and
// ImageConfigFile.
const (
	KeepImage       = "image"
	ImageRoot       = "root"
	ImageConfigFile = "config.json"
)

// ImageLent are the files that a machine lends its containers, and ImageMounted the folders that are mounted in them.
var (
	ImageLent = []string{"etc/resolv.conf", "etc/hosts", "etc/hostname", "etc/pki/tls/certs/ca-bundle.crt",
		"etc/ssl/certs/ca-certificates.crt"}
	ImageMounted = []string{"proc", "dev", "tmp"}
)
