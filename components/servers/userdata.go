package servers

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/causeway-iac/causeway/components/loadbalancer"
	"github.com/causeway-iac/causeway/infra/cloudinit"
)

// renderUserData writes the cloud-init that a server starts with. A preview knows
// it when it knows the environment's values and the names of bucket and log group.
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
		if named := b.args.Release.Bucket; named != "" && named != values[1].(string) {
			return "", fmt.Errorf("release: s3://%s is not the bucket of this stack's releases, s3://%s", named, values[1])
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
			Release: cloudinit.Release{
				Bucket: values[1].(string), Key: b.key, SHA256: b.args.Release.SHA256, Region: b.p.Region,
				Format: b.args.Release.Format,
			},
		}
		if len(b.args.Before) > 0 {
			service.Before, service.Once = b.args.Before, service.Release
			service.Once.Key, service.Once.SHA256, service.Once.Format = b.part+"/"+b.args.Once.Key, b.args.Once.SHA256, ""
		}
		if target := b.wiring.Target; target != nil {
			service.Port = target.Port
			service.HTTP2, service.GRPC = target.ProtocolVersion != loadbalancer.HTTP1, target.ProtocolVersion == loadbalancer.GRPC
		}
		if b.done != nil {
			service.DoneGroup = values[3].(string)
		}
		return service.Render()
	}).(pulumi.StringOutput)
	b.userData = b.g.UserData.ApplyT(func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(text))
	}).(pulumi.StringOutput)
	return nil
}
