package keys

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra/infratest"
)

func record(t *testing.T, args Args) []infratest.Declared {
	return infratest.Record(t, nil, func(ctx *pulumi.Context) error {
		_, err := New(ctx, "prod-keys", infratest.Platform("prod"), args)
		return err
	})
}

// Controls 144 and 146 to 151.
func TestKeysAreRotatedDescribedAndRecoverable(t *testing.T) {
	all := infratest.OfType(record(t, Args{}), "aws:kms/key:Key")
	require.Len(t, all, 3)
	for _, key := range all {
		in := key.Plain()
		assert.Equal(t, true, in["enableKeyRotation"], key.Name)
		assert.LessOrEqual(t, in["rotationPeriodInDays"], 365.0, key.Name)
		assert.Equal(t, true, in["isEnabled"], key.Name)
		assert.Equal(t, false, in["multiRegion"], key.Name)
		assert.Equal(t, false, in["bypassPolicyLockoutSafetyCheck"], key.Name)
		assert.Equal(t, 30.0, in["deletionWindowInDays"], key.Name)
		assert.NotEmpty(t, in["description"], key.Name)
		assert.Equal(t, key.Name, in["tags"].(map[string]any)["Name"])
	}
}

// Control 230: a key that is lost takes its data with it.
func TestProtect(t *testing.T) {
	for _, protect := range []bool{false, true} {
		for _, key := range infratest.OfType(record(t, Args{Protect: protect}), "aws:kms/key:Key") {
			assert.Equal(t, protect, key.Options.GetProtect(), key.Name)
		}
	}
}

func TestAliasesPointAtTheirKeys(t *testing.T) {
	aliases := infratest.OfType(record(t, Args{}), "aws:kms/alias:Alias")
	require.Len(t, aliases, 3)
	for _, alias := range aliases {
		assert.Equal(t, "alias/"+alias.Name, alias.Plain()["name"])
	}
}

type statement struct {
	Sid       string
	Principal map[string]any
	Action    any
	Condition map[string]map[string]any
}

func policyOf(t *testing.T, all []infratest.Declared, key string) []statement {
	t.Helper()
	var document struct{ Statement []statement }
	text := infratest.Named(t, all, "aws:kms/key:Key", key).Plain()["policy"].(string)
	require.NoError(t, json.Unmarshal([]byte(text), &document))
	return document.Statement
}

// Control 145: no principal or action is a wildcard, and administering a key is
// not using it.
func TestPoliciesNameTheirUsers(t *testing.T) {
	all := record(t, Args{})
	for _, key := range []string{"prod-keys-data", "prod-keys-logs", "prod-keys-topics"} {
		for _, s := range policyOf(t, all, key) {
			text, err := json.Marshal([]any{s.Principal, s.Action})
			require.NoError(t, err)
			assert.NotContains(t, string(text), "*", "%s %s", key, s.Sid)
			uses := strings.Contains(string(text), "kms:Decrypt") || strings.Contains(string(text), "kms:CreateGrant")
			root := strings.Contains(string(text), ":root")
			if root && uses {
				assert.Equal(t, "123456789012", s.Condition["StringEquals"]["kms:CallerAccount"], "%s %s", key, s.Sid)
				assert.NotEmpty(t, s.Condition["StringEquals"]["kms:ViaService"], "%s %s", key, s.Sid)
			}
			if strings.Contains(string(text), "kms:CreateGrant") {
				assert.Equal(t, "true", s.Condition["Bool"]["kms:GrantIsForAWSResource"], "%s %s", key, s.Sid)
			}
			if _, service := s.Principal["Service"]; service {
				assert.NotEmpty(t, s.Condition, "%s %s", key, s.Sid)
			}
		}
	}
}

// Control 152.
func TestOnlyLogGroupsOfThisAccountUseTheLogsKey(t *testing.T) {
	statements := policyOf(t, record(t, Args{}), "prod-keys-logs")
	require.Len(t, statements, 2)
	assert.Equal(t, "logs.eu-west-1.amazonaws.com", statements[1].Principal["Service"])
	assert.Equal(t, "arn:aws:logs:eu-west-1:123456789012:log-group:*",
		statements[1].Condition["ArnLike"]["kms:EncryptionContext:aws:logs:arn"])
}

func TestAutoScalingMayUseEncryptedVolumes(t *testing.T) {
	var seen []string
	for _, s := range policyOf(t, record(t, Args{}), "prod-keys-data") {
		if s.Principal["AWS"] == "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" {
			seen = append(seen, s.Sid)
		}
	}
	assert.Equal(t, []string{"AutoScalingUses", "AutoScalingGrantsToVolumes"}, seen)
}
