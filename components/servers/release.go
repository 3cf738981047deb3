package servers

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/infra/release"
)

// upload puts the release into the bucket, under a name derived from its content. The logical name is constant, so a
// new build shows as one replacement in a preview; the previous object stays where it is.
func (b *builder) upload() error {
	running := b.args.Release
	if b.g.Release = b.args.Container; running != nil {
		b.key, b.g.Release = b.part+"/"+running.Key, "sha256:"+running.SHA256
		if err := b.put(b.name, running); err != nil {
			return err
		}
	}
	if len(b.args.Before) == 0 || running != nil && b.args.Once.SHA256 == running.SHA256 {
		return nil
	}
	return b.put(b.name+"-before", b.args.Once)
}

func (b *builder) put(name string, r *release.Release) error {
	if r.Path == "" {
		return nil // it was uploaded before
	}
	object, err := s3.NewBucketObjectv2(b.ctx, name, &s3.BucketObjectv2Args{
		Bucket:               b.wiring.Releases.Name,
		Key:                  pulumi.String(b.part + "/" + r.Key),
		Source:               pulumi.NewFileAsset(r.Path),
		ContentType:          pulumi.String("application/octet-stream"),
		ServerSideEncryption: pulumi.String("aws:kms"),
		KmsKeyId:             b.wiring.Releases.Key.ARN,
		BucketKeyEnabled:     pulumi.Bool(true),
		Tags:                 b.p.ObjectTags(b.name, b.tier),
	}, b.child(), pulumi.RetainOnDelete(true))
	if err != nil {
		return fmt.Errorf("uploading the release: %w", err)
	}
	b.objects = append(b.objects, object)
	return nil
}
