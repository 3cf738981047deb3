package cloudapi

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// secrets answers Secrets Manager.
func (c *call) secrets(w http.ResponseWriter, name string, body []byte) error {
	var in struct{ SecretId, VersionId, VersionStage string }
	if err := json.Unmarshal(body, &in); err != nil {
		return refuse(400, "SerializationException", "the request is not JSON")
	}
	switch name {
	case "GetSecretValue":
		return c.secretValue(w, in.SecretId, in.VersionId, in.VersionStage)
	case "DescribeSecret":
		return c.describeSecret(w, in.SecretId)
	}
	return unplayed("Secrets Manager", name)
}

// secretOf finds a secret by its ARN, its ARN without the final six characters, or its name.
func (c *call) secretOf(id string) *plan.Secret {
	at := slices.IndexFunc(c.plan.Cloud.Secrets, func(s plan.Secret) bool {
		return id == s.ARN || id == s.Name || strings.HasPrefix(id, "arn:") && strings.HasPrefix(s.ARN, id+"-") && len(s.ARN) == len(id)+7
	})
	if at < 0 {
		return nil
	}
	return &c.plan.Cloud.Secrets[at]
}

func (c *call) maySecret(action, id, stage string) (*plan.Secret, error) {
	s := c.secretOf(id)
	q := question{action: action, resource: id,
		keys: map[string][]string{"secretsmanager:secretid": {id}, "secretsmanager:versionstage": nil,
			"secretsmanager:versionid": nil, "secretsmanager:resource/": nil}}
	if s != nil {
		q.resource = s.ARN
		q.keys["secretsmanager:secretid"] = []string{s.ARN}
		if s.Policy != "" {
			q.policy = &judge.Document{Name: "the policy of the secret " + s.Name, Text: s.Policy}
		}
	} else if !strings.HasPrefix(id, "arn:") {
		q.resource = c.arn("secretsmanager", "secret:"+id)
	}
	if stage != "" {
		q.keys["secretsmanager:versionstage"] = []string{stage}
	}
	if err := c.allowed(q); err != nil {
		return nil, err
	}
	if s == nil {
		return nil, refuse(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
	}
	return s, nil
}

func (c *call) secretValue(w http.ResponseWriter, id, version, stage string) error {
	stage = cmp.Or(stage, "AWSCURRENT")
	s, err := c.maySecret("secretsmanager:GetSecretValue", id, stage)
	if err != nil {
		return err
	}
	value := c.keep[map[string]string{"AWSCURRENT": keepSecret, "AWSPREVIOUS": keepFormer}[stage]+s.ARN]
	if len(value) == 0 || version != "" && version != c.versionOf(value) {
		return refuse(400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: %s",
			stage)
	}
	if err := c.useKey("kms:Decrypt", s.Key, map[string]string{"SecretARN": s.ARN, "SecretVersionId": c.versionOf(value)}); err != nil {
		return refuse(400, "AccessDeniedException", "Access to KMS is not allowed: %s", err.(*refusal).message)
	}
	writeJSON(w, 200, map[string]any{"ARN": s.ARN, "Name": s.Name, "VersionId": c.versionOf(value), "SecretString": string(value),
		"VersionStages": []string{stage}})
	return nil
}

// versionOf tells versions apart without revealing anything of the value.
func (w *world) versionOf(value []byte) string {
	id := hexHash(mac(w.keep[keepSeal], "version "+string(value)))
	return strings.Join([]string{id[:8], id[8:12], id[12:16], id[16:20], id[20:32]}, "-")
}

func (c *call) describeSecret(w http.ResponseWriter, id string) error {
	s, err := c.maySecret("secretsmanager:DescribeSecret", id, "")
	if err != nil {
		return err
	}
	stages := map[string][]string{}
	for stage, prefix := range map[string]string{"AWSCURRENT": keepSecret, "AWSPREVIOUS": keepFormer} {
		if value := c.keep[prefix+s.ARN]; len(value) > 0 {
			stages[c.versionOf(value)] = []string{stage}
		}
	}
	writeJSON(w, 200, map[string]any{"ARN": s.ARN, "Name": s.Name, "KmsKeyId": s.Key, "RotationEnabled": s.Rotate > 0,
		"VersionIdsToStages": stages})
	return nil
}
