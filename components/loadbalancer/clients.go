package loadbalancer

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"time"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lb"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra"
)

// clients is what the listener demands of those who connect: nothing, or a certificate from an authority in
// args.ClientCA, a bundle that AWS fetches from the log bucket.
func (l *LoadBalancer) clients(ctx *pulumi.Context, name string, args Args) (lb.ListenerMutualAuthenticationPtrInput, error) {
	if args.ClientCA == "" {
		return lb.ListenerMutualAuthenticationArgs{Mode: pulumi.String("off")}, nil
	}
	tier, _ := l.tier()
	logs := l.wiring.Logs
	logical := infra.ShortName(nameLimit, name, "clients")
	sum := sha256.Sum256([]byte(args.ClientCA))
	bundle, err := s3.NewBucketObjectv2(ctx, logical, &s3.BucketObjectv2Args{
		Bucket: logs.Name,
		// The name is derived from the content, so that AWS fetches a changed bundle.
		Key:         pulumi.Sprintf("trust/%s-%s.pem", name, hex.EncodeToString(sum[:])[:12]),
		Content:     pulumi.String(args.ClientCA),
		ContentType: pulumi.String("application/x-pem-file"),
		Tags:        l.platform.ObjectTags(logical, tier),
	}, pulumi.Parent(l))
	if err != nil {
		return nil, err
	}
	store, err := lb.NewTrustStore(ctx, logical, &lb.TrustStoreArgs{
		CaCertificatesBundleS3Bucket: logs.Name,
		CaCertificatesBundleS3Key:    bundle.Key,
		Tags:                         l.platform.TagsFor(logical, tier),
	}, pulumi.Parent(l))
	if err != nil {
		return nil, err
	}
	return lb.ListenerMutualAuthenticationArgs{
		Mode:                          pulumi.String("verify"),
		TrustStoreArn:                 store.Arn,
		IgnoreClientCertificateExpiry: pulumi.Bool(false),
	}, nil
}

// bundleProblem says why text is not a bundle of authorities' certificates.
func bundleProblem(text string) string {
	rest := []byte(text)
	for n := 1; ; n++ {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		switch {
		case block == nil && n == 1:
			return "has no certificate in it"
		case block == nil:
			return ""
		case block.Type != "CERTIFICATE":
			return fmt.Sprintf("has a %s in it", block.Type)
		}
		authority, err := x509.ParseCertificate(block.Bytes)
		switch {
		case err != nil:
			return fmt.Sprintf("certificate %d cannot be read: %v", n, err)
		case !authority.IsCA:
			return fmt.Sprintf("certificate %d (%s) is not an authority's", n, authority.Subject.CommonName)
		case time.Now().After(authority.NotAfter):
			return fmt.Sprintf("certificate %d (%s) expired on %s", n, authority.Subject.CommonName,
				authority.NotAfter.Format(time.DateOnly))
		}
	}
}
