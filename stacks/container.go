package stacks

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
)

// tagged is a repository, with its registry or without, and a tag.
var tagged = regexp.MustCompile(`^([a-z0-9./:_-]*?[a-z0-9])(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?$`)

// image is the image of the tier's container, if it has one.
func (t TierSettings) image() (cloudinit.Image, bool) { return cloudinit.ParseImage(t.Container) }

// ecr reports whether the image comes from Amazon ECR, with the role's rights and through the region's endpoints.
func (t TierSettings) ecr() bool {
	image, ok := t.image()
	return ok && image.Account != ""
}

// images reports whether a tier of the stack pulls its image from Amazon ECR.
func (s Settings) images() bool {
	return slices.ContainsFunc(s.tiers(), func(t tier) bool { return t.ecr() })
}

func (t TierSettings) checkContainer(region string) infra.Problems {
	var problems infra.Problems
	if t.Container == "" {
		return nil
	}
	image, ok := t.image()
	switch {
	case !ok:
		problems.Add("container", digestOf(t.Container), "\""+t.Container+"\" is not REGISTRY/REPOSITORY@sha256:DIGEST")
	case image.Account == "" && ofAmazon.MatchString(image.Registry) || image.Account != "" && !slices.Contains(regions, image.Region):
		problems.Addf("container", "write its registry as 111122223333.dkr.ecr."+cmp.Or(region, "eu-west-1")+".amazonaws.com",
			"%s is no registry of Amazon ECR, and looks like one", image.Registry)
	case t.portOf(image) != 443 && !t.reaches(t.portOf(image)):
		problems.Addf("container", "write egress to it, by that port", "port %d of %s is not reached: the tier's way out is HTTPS",
			t.portOf(image), image.Registry)
	case image.Account == "" && !t.Internet:
		problems.Addf("container", "write internet: true, or copy the image into a repository of Amazon ECR",
			"%s is reached by way of the internet only", image.Registry)
	case image.Region != region && image.Account != "" && !t.Internet:
		problems.Addf("container", "write internet: true, or copy the image into "+region,
			"%s is another region's, which is reached by way of the internet only", image.Registry)
	}
	for where, given := range map[string]bool{
		"release": t.Release != "", "packages": len(t.Packages) > 0, "arguments": len(t.Arguments) > 0, "jit": t.JIT != nil,
	} {
		if given {
			remedy := map[string]string{
				"release": "write one of the two", "packages": "put them into the image", "arguments": "write them as command",
				"jit": "remove it: a container may make code as it runs",
			}[where]
			problems.Add(where, remedy, "the tier runs a container")
		}
	}
	for name := range t.Environment {
		if strings.HasPrefix(name, "DOCKER_") {
			problems.Add("environment."+name, "choose another name", "Docker itself would take it")
		}
	}
	return problems
}

// ofAmazon matches names that Amazon ECR has or may have, other than its public gallery.
var ofAmazon = regexp.MustCompile(`\becr\b.*\.(amazonaws\.com|on\.aws|api\.aws)`)

func (t TierSettings) portOf(image cloudinit.Image) int {
	_, port, _ := strings.Cut(image.Registry, ":")
	n, err := strconv.Atoi(port)
	if err != nil {
		return 443
	}
	return n
}

// reaches reports whether the tier has a way out by a port.
func (t TierSettings) reaches(port int) bool {
	return slices.ContainsFunc(t.Egress, func(e Egress) bool { return e.Port == port && e.Protocol != "udp" && !e.inside() })
}

// digestOf says how to find the digest of an image that is named by a tag, since the tag may mean another image
// tomorrow.
func digestOf(name string) string {
	parts := tagged.FindStringSubmatch(name)
	if parts == nil || strings.Contains(name, "@") {
		return "write it in full, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256: and 64 hexadecimal digits"
	}
	repository, tag := parts[1], parts[2]
	if tag == "" {
		tag = "latest"
	}
	find := fmt.Sprintf("docker buildx imagetools inspect %s:%s --format '{{.Manifest.Digest}}'", repository, tag)
	if image, ok := cloudinit.ParseImage(repository + "@sha256:" + strings.Repeat("0", 64)); ok && image.Account != "" {
		find = fmt.Sprintf("aws ecr describe-images --registry-id %s --region %s --repository-name %s --image-ids imageTag=%s "+
			"--query 'imageDetails[0].imageDigest' --output text", image.Account, image.Region, image.Repository, tag)
	}
	return fmt.Sprintf("a tag may be another image's tomorrow, so write %s@ and what this prints: %s", repository, find)
}

// pulls lets the tier's role pull its image. AWS defines no resource for the first action (AWS, service authorization
// reference, Amazon Elastic Container Registry).
func (t TierSettings) pulls() []infra.Statement {
	image, ok := t.image()
	if !ok || image.Account == "" {
		return nil
	}
	repository := fmt.Sprintf("arn:aws:ecr:%s:%s:repository/%s", image.Region, image.Account, image.Repository)
	return []infra.Statement{
		{Actions: []string{"ecr:GetAuthorizationToken"}, Resources: pulumi.StringArray{pulumi.String("*")}},
		{
			Actions:   []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"},
			Resources: pulumi.StringArray{pulumi.String(repository)},
		},
	}
}
