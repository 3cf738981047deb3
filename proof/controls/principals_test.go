package controls

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/proof/report"
)

// foreigner is an account that is not the stack's, although a provider of it deploys there and
// it reads a key of it.
const foreigner = "999999999999"

// outsiders are the forms in which a statement lets in somebody of another account.
var outsiders = []string{
	`"Principal": "*"`,
	`"Principal": {"AWS": "*"}`,
	`"Principal": {"AWS": ["arn:aws:iam::444455556666:root", "999999999999"]}`,
	`"Principal": {"AWS": "arn:aws:iam::999999999999:root"}`,
	`"Principal": {"AWS": "arn:aws:iam::999999999999:role/x"}`,
	`"Principal": {"AWS": "arn:aws:iam::999999999999:user/x"}`,
	`"Principal": {"AWS": "arn:aws:sts::999999999999:assumed-role/x/y"}`,
	`"Principal": {"AWS": "AIDASOMEBODYELSE"}`,
	`"Principal": {"Federated": "accounts.google.com"}`,
	`"NotPrincipal": {"AWS": "arn:aws:iam::444455556666:root"}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "999999999999"}}`,
	`"Principal": "*", "Condition": {"StringEquals": {"kms:CallerAccount": "999999999999"}}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:SourceAccount": ["444455556666", "999999999999"]}}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-somebody"}}`,
	`"Principal": "*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-somebody/*"}}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpc": "vpc-0000000000000000f"}}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:SourceVpce": "vpce-0000000000000000f"}}`,
	`"Principal": "*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999999999999:role/*"}}`,
	`"Principal": "*", "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:s3:::somebody*"}}`,
	`"Principal": "*", "Condition": {"StringLike": {"aws:userid": "AROASOMEBODY:*"}}`,
	`"Principal": "*", "Condition": {"StringNotEquals": {"aws:PrincipalAccount": "444455556666"}}`,
	`"Principal": "*", "Condition": {"StringEqualsIfExists": {"aws:PrincipalAccount": "444455556666"}}`,
	`"Principal": "*", "Condition": {"ForAllValues:StringEquals": {"aws:PrincipalAccount": "444455556666"}}`,
	`"Principal": "*", "Condition": {"StringLike": {"aws:PrincipalAccount": "4444*"}}`,
	`"Principal": {"Service": "lambda.amazonaws.com"}`,
	`"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": "999999999999"}}`,
	`"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:lambda:*:*:function:x"}}`,
}

// insiders are forms in which it lets in nobody of another account.
var insiders = []string{
	`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}`,
	`"Principal": {"AWS": "444455556666"}`,
	`"Principal": {"AWS": "arn:aws:iam::444455556666:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"}`,
	`"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}`,
	`"Principal": "*", "Condition": {"stringequals": {"KMS:calleraccount": "444455556666"}}`,
	`"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"StringEquals": {"AWS:SourceAccount": "444455556666"}}`,
	`"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"ArnLike": {"aws:SourceArn": ` +
		`"arn:aws:lambda:eu-west-1:444455556666:function:x"}}`,
}

// judges are the controls of which one judges each policy of a resource.
var judges = []int{145, 152, 157, 169, 182}

// away makes what could pass off the other account as the stack's own.
func away(s *edit) {
	p := s.add("pulumi:providers:aws", "away", in{"allowedAccountIds": list(foreigner)})
	key := s.add(keyType, "theirs", in{})
	key.External, key.Outputs["arn"] = true, "arn:aws:kms:eu-west-1:"+foreigner+":key/1"
	role := s.add(roleType, "theirs", in{})
	role.Provider, role.External, role.Outputs["arn"] = p.URN, true, "arn:aws:iam::"+foreigner+":role/x"
}

// withStatement is a policy with one statement more.
func withStatement(t *testing.T, policy, who, action string) string {
	t.Helper()
	var d map[string]any
	require.NoError(t, json.Unmarshal([]byte(policy), &d))
	var statement map[string]any
	require.NoError(t, json.Unmarshal([]byte(`{"Effect": "Allow", `+who+`, "Action": "`+action+`", "Resource": "*"}`), &statement))
	if one, single := d["Statement"].(map[string]any); single {
		d["Statement"] = []any{one}
	}
	d["Statement"] = append(d["Statement"].([]any), statement)
	text, err := json.Marshal(d)
	require.NoError(t, err)
	return string(text)
}

// brokenOn is which of the controls break for the resource.
func brokenOn(s *edit, urn string, numbers ...int) []string {
	v := newView(s.graph())
	var all []string
	for _, c := range All {
		if !slices.Contains(numbers, c.Number) {
			continue
		}
		for _, f := range c.findings(v) {
			if f.Verdict == report.Broken && slices.Contains(f.Resources, urn) {
				all = append(all, f.ID)
			}
		}
	}
	return all
}

// Every policy of a resource, with one statement more in every form that lets in somebody of
// another account, breaks a control; and in no form that lets in the account's own.
func TestEveryPolicyWithEveryPrincipal(t *testing.T) {
	tried, kinds := 0, map[string]bool{}
	for _, base := range []string{"prod", "aurora"} {
		for _, r := range begin(t, base).resources {
			policy, has := r.Inputs["policy"].(string)
			if !has || strings.HasPrefix(r.Type, "aws:iam/") || strings.HasPrefix(r.Type, "aws:ec2/") {
				continue
			}
			kinds[r.Type] = true
			for i, who := range slices.Concat(outsiders, insiders) {
				s := begin(t, base)
				away(s)
				s.set(r.Type, r.Name, "policy", withStatement(t, policy, who, "kms:Decrypt"))
				found := brokenOn(s, r.URN, judges...)
				assert.Equal(t, i < len(outsiders), len(found) > 0, "%s %s of %s, with %s: %v", r.Type, r.Name, base, who, found)
				tried++
			}
		}
	}
	assert.GreaterOrEqual(t, len(kinds), 3, "%v", kinds)
	t.Logf("%d policies with a principal more, of %v", tried, slices.Sorted(maps.Keys(kinds)))
}

// Every grant of a key to somebody else.
func TestEveryKeyWithAGrantToSomebodyElse(t *testing.T) {
	for _, to := range []in{{"granteePrincipal": "arn:aws:iam::999999999999:role/x"}, {"granteePrincipal": "999999999999"},
		{"granteePrincipal": "arn:aws:iam::999999999999:root"}, {"granteePrincipal": "arn:aws:sts::999999999999:assumed-role/x/y"},
		{"granteePrincipal": "lambda.amazonaws.com"}, {"granteePrincipal": "dynamodb.eu-west-1.amazonaws.com"},
		{"granteePrincipal": "s3.amazonaws.com", "constraints": in{"encryptionContextEquals": in{"tenant": "x"}}},
		{"granteePrincipal": "s3.amazonaws.com", "constraints": in{"encryptionContextSubset": in{"aws:s3:arn": "arn:aws:s3:::theirs"}}},
		{"granteePrincipal": serviceLinked, "retiringPrincipal": "arn:aws:iam::999999999999:role/x"}} {
		for _, key := range begin(t, "prod").resources {
			if key.Type != keyType {
				continue
			}
			s := begin(t, "prod")
			away(s)
			grant := in{"keyId": s.the(keyType, key.Name), "operations": list("Decrypt")}
			maps.Copy(grant, to)
			g := s.add("aws:kms/grant:Grant", "mutant", grant)
			assert.NotEmpty(t, brokenOn(s, g.URN, 145, 152), "%s to %v", key.Name, to)
		}
	}
}

// Grants to those who may have them: what AWS does for the account, and for what is the stack's own.
func TestAGrantToWhomTheKeyIsFor(t *testing.T) {
	for _, to := range []in{{"granteePrincipal": serviceLinked},
		{"granteePrincipal": "s3.amazonaws.com", "constraints": in{"encryptionContextEquals": in{"aws:s3:arn": ""}}}} {
		s := begin(t, "prod")
		if constraints, held := to["constraints"].(in); held {
			constraints["encryptionContextEquals"].(in)["aws:s3:arn"] = s.the(bucketTypes[0], "prod-releases").Outputs["arn"]
		}
		grant := in{"keyId": s.the(keyType, "prod-data"), "operations": list("Decrypt")}
		maps.Copy(grant, to)
		assert.Empty(t, brokenOn(s, s.add("aws:kms/grant:Grant", "mutant", grant).URN, 145, 152), "%v", to)
	}
}

const serviceLinked = "arn:aws:iam::444455556666:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"

// takers are further statements of a trust by which somebody takes the role whom its first
// statement does not name.
func takers() []string {
	return append(slices.Clone(outsiders),
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}`,
		`"Principal": {"AWS": "444455556666"}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:role/other"}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"StringEquals": {"sts:ExternalId": "x"}}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"ArnLike": {"aws:PrincipalArn": `+
			`"arn:aws:iam::444455556666:role/*"}}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"StringNotEquals": {"aws:PrincipalArn": `+
			`"arn:aws:iam::444455556666:role/x"}}`,
		`"Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalAccount": "444455556666"}}`,
		`"Principal": {"Service": "lambda.amazonaws.com"}, "Condition": {"StringEquals": {"aws:SourceAccount": "444455556666"}}`,
		`"Principal": {"Service": "ssm.amazonaws.com"}`,
		`"Principal": {"Federated": "arn:aws:iam::444455556666:saml-provider/x"}`,
		`"Principal": {"Federated": "arn:aws:iam::444455556666:saml-provider/x"}, "Condition": {"StringEquals": {"saml:aud": `+
			`"https://signin.aws.amazon.com/saml"}}`,
	)
}

// Every role's trust with every second statement: the statements are judged together.
func TestEveryTrustWithEveryTaker(t *testing.T) {
	tried := 0
	for _, role := range begin(t, "prod").resources {
		if role.Type != roleType {
			continue
		}
		for _, who := range takers() {
			s := begin(t, "prod")
			away(s)
			s.set(roleType, role.Name, "assumeRolePolicy",
				withStatement(t, role.Inputs["assumeRolePolicy"].(string), who, "sts:AssumeRole"))
			assert.NotEmpty(t, brokenOn(s, role.URN, 108), "%s with %s", role.Name, who)
			tried++
		}
	}
	t.Log(tried, "trusts with a statement more")
}

// A role that somebody else's provider, and nothing of the stack's own, knows.
func TestATrustOfNamedRolesHolds(t *testing.T) {
	for i, who := range []string{
		`"Principal": {"AWS": ["arn:aws:iam::444455556666:role/deploy", "arn:aws:iam::444455556666:role/ops"]}`,
		`"Principal": {"AWS": "arn:aws:iam::444455556666:root"}, "Condition": {"ArnLike": {"aws:PrincipalArn": ` +
			`"arn:aws:iam::444455556666:role/deploy-*"}}`,
		`"Principal": {"AWS": "arn:aws:iam::999999999999:role/vendor"}, "Condition": {"StringEquals": {"sts:ExternalId": "f00"}}`,
	} {
		s := begin(t, "prod")
		r := s.add(roleType, fmt.Sprint("named", i),
			in{"assumeRolePolicy": `{"Statement": [{"Effect": "Allow", ` + who + `, "Action": "sts:AssumeRole"}]}`})
		assert.Empty(t, brokenOn(s, r.URN, 108), who)
	}
}
