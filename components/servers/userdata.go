package servers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/cloudinit"
)

// renderUserData writes the cloud-init that a server starts with. A preview shows it if the environment's values and
// the names of bucket and log group are known.
func (b *builder) renderUserData() error {
	environment := pulumi.StringMap{}
	maps.Copy(environment, b.args.Environment)
	parts := []any{environment.ToStringMapOutput(), b.wiring.Releases.Name, b.logs.Name}
	if b.done != nil {
		parts = append(parts, b.done.Name)
	}
	known := pulumi.All(parts...)
	b.g.UserData = known.ApplyT(func(values []any) (string, error) {
		if pulumi.IsSecret(known) {
			return "", errors.New("the environment holds a secret, and whoever may describe the launch template could read it: " +
				"list the secret's ARN under secrets instead")
		}
		service := cloudinit.Service{
			Name:        b.part,
			Command:     append(slices.Clip(b.args.Command), b.args.Arguments...),
			Packages:    b.args.Packages,
			JIT:         *b.args.JIT,
			Environment: values[0].(map[string]string),
			HTTPPort:    b.args.HTTPPort,
			Schedule:    b.args.Schedule,
			LogGroup:    values[2].(string),
			Container:   b.args.Container,
			Release:     cloudinit.Release{Region: b.p.Region},
		}
		bucket := values[1].(string)
		if run := b.args.Release; run != nil {
			if run.Bucket != "" && run.Bucket != bucket {
				return "", fmt.Errorf("release: s3://%s is not the bucket of this stack's releases, s3://%s", run.Bucket, bucket)
			}
			service.Release = cloudinit.Release{Bucket: bucket, Key: b.key, SHA256: run.SHA256, Region: b.p.Region, Format: run.Format}
		}
		if len(b.args.Before) > 0 {
			service.Before = b.args.Before
			service.Once = cloudinit.Release{
				Bucket: bucket, Key: string(b.tier) + "/" + b.args.Once.Key, SHA256: b.args.Once.SHA256, Region: b.p.Region,
			}
		}
		if target := b.wiring.Target; target != nil {
			service.Port = target.Port
			service.HTTP2, service.GRPC = target.ProtocolVersion != loadbalancer.HTTP1, target.ProtocolVersion == loadbalancer.GRPC
		}
		if b.done != nil {
			service.DoneGroup = values[3].(string)
		}
		text, err := service.Render()
		var problems infra.Problems
		if errors.As(err, &problems) {
			if len(b.args.Arguments) > 0 {
				problems[0].Where = strings.Replace(problems[0].Where, "command", "arguments", 1)
			}
			err = &infra.Refused{Type: "autoscaling:Group", Name: b.name, Problems: problems}
		}
		return text, err
	}).(pulumi.StringOutput)
	b.userData = b.g.UserData.ApplyT(func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}).(pulumi.StringOutput)
	return nil
}
