package cloudinit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	// imagePattern is a repository with its registry, and the digest of an image in it (OCI, "Distribution
	// Specification", names).
	imagePattern = regexp.MustCompile(`^([a-z0-9-]+(?:\.[a-z0-9-]+)+(?::[0-9]{1,5})?)/` +
		`([a-z0-9]+(?:[._/-]+[a-z0-9]+)*)@sha256:[0-9a-f]{64}$`)
	// ecrPattern is a private registry of Amazon ECR: account and region (AWS, ECR user guide, "Private registry").
	ecrPattern = regexp.MustCompile(`^([0-9]{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com$`)
)

// Image is a container image's reference, split into parts.
type Image struct {
	Registry, Repository string
	Account, Region      string // of a private registry of Amazon ECR
}

// ParseImage reads REGISTRY/REPOSITORY@sha256:DIGEST, and reports whether text has that form.
func ParseImage(text string) (Image, bool) {
	parts := imagePattern.FindStringSubmatch(text)
	if parts == nil {
		return Image{}, false
	}
	i := Image{Registry: parts[1], Repository: parts[2]}
	if _, port, given := strings.Cut(i.Registry, ":"); given {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return Image{}, false
		}
	}
	if ecr := ecrPattern.FindStringSubmatch(i.Registry); ecr != nil {
		i.Account, i.Region = ecr[1], ecr[2]
	}
	return i, true
}

// Login is the registry of Amazon ECR that the container's image is in, if it is; from any other anybody may pull. A
// password is for the registry's own region.
func (s Service) Login() *Image {
	if i, ok := ParseImage(s.Container); ok && i.Account != "" {
		return &i
	}
	return nil
}

// containerUser exists neither on the instance nor in an image: images without a root user use this number.
const containerUser = "65532:65532"

// container is the command line that runs a container of the image. name is the container's, empty for one that ends
// by itself.
func (s Service) container(name string, command []string) string {
	words := []string{"docker", "run", "--rm", "--pull", "never", "--network", "host", "--read-only",
		"--tmpfs", "/tmp:rw,nosuid,nodev,mode=1777", "--user", containerUser, "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--pids-limit", "4096", "--ulimit", "nofile=65536",
		"--log-driver", "none", "--stop-timeout", "25"}
	if name != "" {
		words = append(words, "--name", name)
	}
	for _, variable := range s.variables() { // passed on by name, with the value it has in this unit
		words = append(words, "--env", variable)
	}
	words = append(words, s.Container)
	for _, word := range command {
		words = append(words, quoteArgument(word))
	}
	return strings.Join(words, " ")
}

// variables are the names of the service's environment variables.
func (s Service) variables() (names []string) {
	for _, line := range strings.Split(s.environmentFile(), "\n") {
		if name, _, found := strings.Cut(line, "="); found {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
