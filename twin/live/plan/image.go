package plan

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
