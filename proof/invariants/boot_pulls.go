package invariants

import (
	"regexp"
	"strings"

	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/proof/network"
	"github.com/causeway-iac/causeway/proof/report"
)

// ownImage matches an image in a private registry of Amazon ECR: account, region and repository.
var ownImage = regexp.MustCompile(`\b(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/([a-z0-9._/-]+)@sha256:`)

// pulls demands that servers that are told to run an image of Amazon ECR reach its API, the registry and the layers in S3,
// and may log in and pull (AWS, ECR user guide, "Amazon ECR interface VPC endpoints").
func (b boot) pulls() {
	images := map[string][]string{}
	for _, m := range ownImage.FindAllStringSubmatch(b.about(".dkr.ecr."), -1) {
		images[m[0]] = m
	}
	if !strings.Contains(b.told.Text, "docker pull") {
		return
	}
	for image, m := range images {
		account, region, repository := m[1], m[2], m[3]
		image = strings.TrimSuffix(image, "@sha256:")
		if region != iam.Region(b.of.String("arn")) {
			if !b.w.Edge(network.Must, b.n, b.w.Internet).Overlaps(network.TCP(443)) {
				b.lacks(report.High, "copy it into the stack's region, or open a way out", "is to pull %s of another region, "+
					"and has no way out by 443", image)
			}
			continue
		}
		for _, service := range []string{"ecr.api", "ecr.dkr", "s3"} {
			if _, why := b.way(service); why != "" {
				b.lacks(report.High,
					"add an endpoint for "+service+" that its group, its routes and the endpoint's let it reach, or a way out",
					"is to pull %s, and does not reach %s for sure: %s", image, service, why)
			}
		}
		b.must(report.High, "ecr.api", "ecr:GetAuthorizationToken", "*", nil)
		for _, action := range []string{"ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"} {
			b.must(report.High, "ecr.dkr", action, "arn:aws:ecr:"+region+":"+account+":repository/"+repository, nil)
		}
		b.anonymously("prod-"+region+"-starport-layer-bucket", "the layers of images in Amazon ECR")
	}
}

// anonymously demands that the endpoint for S3, if that is the way, lets through what AWS itself keeps in a bucket.
func (b boot) anonymously(bucket, what string) {
	endpoint, why := b.way("s3")
	if endpoint == nil || why != "" {
		return
	}
	q := iam.Request{Action: "s3:GetObject", On: "arn:aws:s3:::" + bucket + "/*",
		Known: iam.Context{"aws:principalaccount": "anonymous", "aws:sourcevpce": endpoint.ID}}
	for _, s := range b.policiesOf(endpoint) {
		b.certain(report.Medium, s.Admits(q), what+", "+q.On, "by the endpoint "+endpoint.Name,
			"let the endpoint's policy allow s3:GetObject on it")
	}
}
