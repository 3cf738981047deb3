package invariants_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
)

const (
	role         = "iam/role:Role"
	policies     = "iam/rolePolicy:RolePolicy"
	managed      = "iam/policy:Policy"
	attachment   = "iam/rolePolicyAttachment:RolePolicyAttachment"
	secretPolicy = "secretsmanager/secretPolicy:SecretPolicy"
	byEC2        = `{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}}`
	byLambda     = `{"Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`
)

// gives is a statement that allows the actions, separated by spaces, on a resource.
func gives(actions, resource string) string {
	return `{"Effect":"Allow","Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Resource":"` + resource + `"}`
}

func document(statements string) string {
	return `{"Version":"2012-10-17","Statement":[` + statements + `]}`
}

// policy writes a policy of a role, whose boundary is in no way.
func policy(s *specimen.Stack, of, statement string) {
	s.Add(policies, "mutant-"+of, in{"role": id(s, role, of), "policy": document(statement)})
	s.The(role, of).Set("permissionsBoundary", nil)
}

func arn(s *specimen.Stack, kind, name string) string { return s.The(kind, name).Get("arn").(string) }

// addRole adds a role that is of no server.
func addRole(s *specimen.Stack, name, trust, statement string) string {
	arn := "arn:aws:iam::444455556666:role/" + name
	s.Add(role, name, in{"name": name, "assumeRolePolicy": trust}).Answer("arn", arn).Answer("name", name)
	if statement != "" {
		policy(s, name, statement)
	}
	return arn
}

func trusting(principal string) string {
	return document(`{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`)
}

// keep writes a managed policy of the stack that reads secrets.
func keep(s *specimen.Stack) string {
	s.Add(managed, "reads", in{"policy": document(gives("secretsmanager:GetSecretValue", "*"))}).
		Answer("arn", "arn:aws:iam::444455556666:policy/reads")
	s.The(role, "prod-web").Set("permissionsBoundary", nil)
	return "arn:aws:iam::444455556666:policy/reads"
}

func secretARN(s *specimen.Stack) string {
	return s.The(db, "prod-database").Get("masterUserSecrets").([]any)[0].(map[string]any)["secretArn"].(string)
}

func secretLetsIn(s *specimen.Stack, statement string) {
	s.Add(secretPolicy, "mutant", in{"secretArn": secretARN(s), "policy": document(statement)})
}

func web(actions, resource string) func(*specimen.Stack) {
	return func(s *specimen.Stack) { policy(s, "prod-web", gives(actions, resource)) }
}

// identityMutants are the ways to the database's secret that I25 must see.
var identityMutants = []mutant{
	{"web reads the secret", web("secretsmanager:Get*", "*")},
	{"users of a directory", func(s *specimen.Stack) { s.The(db, "prod-database").Set("domain", "d-0123456789") }},
	{"a function acts as a role of nobody knows whom", func(s *specimen.Stack) {
		s.Add("sfn/stateMachine:StateMachine", "mutant", in{"roleArn": "arn:aws:iam::444455556666:role/of-no-stack"})
	}},
	{"a schedule acts as a role of nobody knows whom", func(s *specimen.Stack) {
		s.Add("scheduler/schedule:Schedule", "mutant",
			in{"target": map[string]any{"roleArn": "arn:aws:iam::444455556666:role/of-no-stack"}})
	}},
	{"web may do anything with secrets", web("secretsmanager:*", "*")},
	{"web reads in batches", web("secretsmanager:BatchGetSecretValue", "*")},
	{"web opens the secret", web("secretsmanager:PutResourcePolicy", "*")},
	{"web connects by IAM", web("rds-db:*", "arn:aws:rds-db:*:*:dbuser:*")},
	{"web sets the password", web("rds:ModifyDBInstance", "*")},
	{"web may do all but something else", func(s *specimen.Stack) {
		policy(s, "prod-web", `{"Effect":"Allow","NotAction":["iam:*","ec2:*","ssm:*","sts:*"],"Resource":"*"}`)
	}},
	{"web may use all but another resource", func(s *specimen.Stack) {
		policy(s, "prod-web",
			`{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","NotResource":"arn:aws:secretsmanager:*:*:secret:other"}`)
	}},
	{"a denial of another secret", func(s *specimen.Stack) {
		policy(s, "prod-web",
			gives("secretsmanager:GetSecretValue",
				"*")+`,{"Effect":"Deny","Action":"*","Resource":"arn:aws:secretsmanager:*:*:secret:other"}`)
	}},
	{"a denial that may not be met", func(s *specimen.Stack) {
		policy(s, "prod-web",
			gives("secretsmanager:GetSecretValue",
				"*")+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringNotEquals":{"aws:SourceVpc":"vpc-1"}}}`)
	}},

	{"by a policy that is attached", func(s *specimen.Stack) {
		s.Add(attachment, "mutant", in{"role": id(s, role, "prod-web"), "policyArn": keep(s)})
	}},
	{"by a policy that is attached to several", func(s *specimen.Stack) {
		s.Add("iam/policyAttachment:PolicyAttachment", "mutant", in{"roles": []any{id(s, role, "prod-web")}, "policyArn": keep(s)})
	}},
	{"by attachments that exclude others", func(s *specimen.Stack) {
		s.Add("iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive", "mutant",
			in{"roleName": id(s, role, "prod-web"), "policyArns": []any{keep(s)}})
	}},
	{"by managedPolicyArns", func(s *specimen.Stack) { s.The(role, "prod-web").Set("managedPolicyArns", []any{keep(s)}) }},
	{"by inlinePolicies", func(s *specimen.Stack) {
		s.The(role, "prod-web").Set("permissionsBoundary", nil).
			Set("inlinePolicies", []any{map[string]any{"name": "x", "policy": document(gives("secretsmanager:GetSecretValue", "*"))}})
	}},
	{"by a policy of AWS", func(s *specimen.Stack) {
		keep(s)
		s.Add(attachment, "mutant", in{"role": id(s, role, "prod-web"), "policyArn": "arn:aws:iam::aws:policy/SecretsManagerReadWrite"})
	}},
	{"by an administrator's policy", func(s *specimen.Stack) {
		keep(s)
		s.The(role, "prod-web").Set("managedPolicyArns", []any{"arn:aws:iam::aws:policy/AdministratorAccess"})
	}},
	{"by a policy of AWS that is not known", func(s *specimen.Stack) {
		keep(s)
		s.Add(attachment, "mutant", in{"role": id(s, role, "prod-web"), "policyArn": "arn:aws:iam::aws:policy/SomethingNew"})
	}},
	{"by a policy that is only called as one of AWS's", func(s *specimen.Stack) {
		keep(s)
		s.Add(attachment, "mutant",
			in{"role": id(s, role, "prod-web"), "policyArn": "arn:aws:iam::444455556666:policy/AmazonSSMManagedInstanceCore"})
	}},
	{"by inline policies that are not known", func(s *specimen.Stack) {
		s.The(role, "prod-web").Set("permissionsBoundary", nil).Set("inlinePolicies", unknownValue)
	}},

	{"web passes the app role", web("iam:PassRole", "*")},
	{"web passes the app role to EC2", func(s *specimen.Stack) {
		policy(s, "prod-web",
			`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",`+
				`"Condition":{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}}`)
	}},
	{"web assumes the app role", func(s *specimen.Stack) {
		policy(s, "prod-web", gives("sts:*", "*"))
		s.The(role, "prod-app").Set("assumeRolePolicy", trusting(`{"AWS":"arn:aws:iam::444455556666:root"}`))
	}},
	{"the app role trusts web by name, which needs no policy then", func(s *specimen.Stack) {
		s.The(role, "prod-app").Set("assumeRolePolicy", trusting(`{"AWS":"`+arn(s, role, "prod-web")+`"}`))
	}},
	{"web rewrites the trust of the app role", web("iam:UpdateAssumeRolePolicy", "arn:aws:iam::*:role/prod-*")},
	{"web runs commands on servers", web("ssm:SendCommand", "*")},
	{"web has a maintenance window run commands", web("ssm:RegisterTaskWithMaintenanceWindow",
		"arn:aws:ssm:eu-west-1:444455556666:maintenancewindow/x")},
	{"web opens sessions on servers", web("ssm:StartSession", "arn:aws:ec2:*:*:instance/*")},
	{"web rewrites launch templates", web("ec2:CreateLaunchTemplateVersion", "*")},
	{"web rewrites what servers run", web("ec2:ModifyInstanceAttribute", "*")},
	{"web writes itself a policy", web("iam:PutRolePolicy", "*")},
	{"web attaches itself a policy", web("iam:Attach*", "arn:aws:iam::444455556666:role/prod-web-*")},
	{"web rewrites a policy that it has", func(s *specimen.Stack) {
		s.Add(managed, "own", in{"policy": document(gives("iam:CreatePolicyVersion", "arn:aws:iam::444455556666:policy/own"))}).
			Answer("arn", "arn:aws:iam::444455556666:policy/own")
		s.The(role, "prod-web").Set("permissionsBoundary", nil)
		s.Add(attachment, "mutant", in{"role": id(s, role, "prod-web"), "policyArn": "arn:aws:iam::444455556666:policy/own"})
	}},
	{"web takes its boundary away", func(s *specimen.Stack) {
		s.Add(policies, "mutant", in{"role": id(s, role, "prod-web"), "policy": document(gives("iam:DeleteRolePermissionsBoundary", "*"))})
		s.Add(managed, "wide", in{"policy": document(gives("iam:*", "*"))}).Answer("arn", "arn:aws:iam::444455556666:policy/wide")
		s.The(role, "prod-web").Set("permissionsBoundary", "arn:aws:iam::444455556666:policy/wide")
	}},
	{"web may take any role", web("sts:AssumeRole", "arn:aws:iam::*:role/*")},

	{"over a role that reads it", func(s *specimen.Stack) {
		addRole(s, "reports", trusting(`{"AWS":"`+arn(s, role, "prod-web")+`"}`), gives("secretsmanager:GetSecretValue", "*"))
	}},
	{"over two roles, of which the last passes on the app role", func(s *specimen.Stack) {
		first := addRole(s, "first", trusting(`{"AWS":"`+arn(s, role, "prod-web")+`"}`), "")
		addRole(s, "second", trusting(`{"AWS":"`+first+`"}`), gives("iam:PassRole", arn(s, role, "prod-app")))
	}},
	{"over a function whose role sets the password", func(s *specimen.Stack) {
		policy(s, "prod-web", gives("iam:PassRole", addRole(s, "job", byLambda, gives("rds:ModifyDBInstance", "*"))))
	}},
	{"a role that can pass a role, of no server", func(s *specimen.Stack) {
		s.Add(role, "mutant", in{"assumeRolePolicy": `{"Statement":[]}`})
		policy(s, "mutant", gives("iam:Pass* ec2:RunInstances", "arn:aws:iam::*:role/*"))
	}},
	{"a user", func(s *specimen.Stack) {
		u := s.Add("iam/user:User", "ops", in{"name": "ops"})
		s.Add("iam/userPolicy:UserPolicy", "ops", in{"user": u.ID(), "policy": document(gives("secretsmanager:*", "*"))})
	}},
	{"a user by its group", func(s *specimen.Stack) {
		u, g := s.Add("iam/user:User", "ops", in{"name": "ops"}), s.Add("iam/group:Group", "all", in{"name": "all"})
		s.Add("iam/groupMembership:GroupMembership", "all", in{"group": g.ID(), "users": []any{u.ID()}})
		s.Add("iam/groupPolicyAttachment:GroupPolicyAttachment", "all",
			in{"group": g.ID(), "policyArn": "arn:aws:iam::aws:policy/PowerUserAccess"})
	}},

	{"the secret lets web in", func(s *specimen.Stack) {
		secretLetsIn(s,
			`{"Effect":"Allow","Principal":{"AWS":"`+arn(s, role, "prod-web")+`"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`)
	}},
	{"the secret lets everybody in", func(s *specimen.Stack) {
		secretLetsIn(s, `{"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"*"}`)
	}},
	{"the secret lets everybody of the account in", func(s *specimen.Stack) {
		secretLetsIn(s,
			`{"Effect":"Allow","Principal":"*","Action":"secretsmanager:*","Resource":"*",`+
				`"Condition":{"StringEquals":{"aws:PrincipalAccount":"444455556666"}}}`)
	}},
	{"the secret lets all in but one", func(s *specimen.Stack) {
		secretLetsIn(s,
			`{"Effect":"Allow","NotPrincipal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"secretsmanager:GetSecretValue",`+
				`"Resource":"*"}`)
	}},
	{"the secret lets another account in", func(s *specimen.Stack) {
		secretLetsIn(s, `{"Effect":"Allow","Principal":{"AWS":"999999999999"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`)
	}},
	{"the secret lets a service in for anybody", func(s *specimen.Stack) {
		secretLetsIn(s,
			`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`)
	}},
	{"the app role trusts another account", func(s *specimen.Stack) {
		s.The(role, "prod-app").Set("assumeRolePolicy", trusting(`{"AWS":"arn:aws:iam::999999999999:root"}`))
	}},
	{"the app role trusts a provider of identities", func(s *specimen.Stack) {
		s.The(role, "prod-app").
			Set("assumeRolePolicy",
				`{"Statement":{"Effect":"Allow","Principal":{"Federated":"accounts.google.com"},"Action":"sts:AssumeRoleWithWebIdentity"}}`)
	}},

	{"web servers get the app role", func(s *specimen.Stack) {
		s.The(template, "prod-web").Set("iamInstanceProfile",
			map[string]any{"arn": arn(s, "iam/instanceProfile:InstanceProfile", "prod-app")})
	}},
	{"an app role that the app servers do not have", func(s *specimen.Stack) {
		s.The(template, "prod-app").Set("iamInstanceProfile",
			map[string]any{"arn": arn(s, "iam/instanceProfile:InstanceProfile", "prod-web")})
	}},
	{"a function has the app role", func(s *specimen.Stack) {
		s.Add("lambda/function:Function", "mutant", in{"role": arn(s, role, "prod-app")})
	}},
	{"a secret of the stack in place of the managed one", func(s *specimen.Stack) {
		s.The(db, "prod-database").Set("manageMasterUserPassword", nil).Set("masterUserSecrets", nil).
			Set("iamDatabaseAuthenticationEnabled", false)
		s.Add("secretsmanager/secret:Secret", "own", in{"name": "own"}).
			Answer("arn", "arn:aws:secretsmanager:eu-west-1:444455556666:secret:own-AbCdEf")
		policy(s, "prod-web", gives("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:444455556666:secret:own-*"))
	}},
}

// unknownValue is what the engine writes for a value that it does not know.
const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"

// What looks like a way to the secret and is none.
func TestWhatDoesNotLeadToTheSecret(t *testing.T) {
	for name, change := range map[string]func(*specimen.Stack){
		"the key of the secret alone": func(s *specimen.Stack) {
			s.The("kms/key:Key", "prod-data").
				Set("policy",
					document(`{"Effect":"Allow","Principal":{"AWS":"`+arn(s, role, "prod-web")+`"},"Action":"kms:*","Resource":"*"}`))
		},
		"a grant of the key alone": func(s *specimen.Stack) {
			s.Add("kms/grant:Grant", "mutant", in{"keyId": id(s, "kms/key:Key", "prod-data"), "granteePrincipal": arn(s, role, "prod-web"),
				"operations": []any{"Decrypt"}})
		},
		"everything, within the boundary": func(s *specimen.Stack) {
			s.Add(policies, "mutant",
				in{"role": id(s, role, "prod-web"), "policy": document(gives("iam:* ssm:SendCommand ec2:* sts:AssumeRole", "*"))})
		},
		"everything but what is denied": func(s *specimen.Stack) {
			policy(s, "prod-web",
				gives("secretsmanager:GetSecretValue", "*")+`,{"Effect":"Deny","Action":"secretsmanager:*","Resource":"*"}`)
		},
		"what is denied to all but the app role": func(s *specimen.Stack) {
			policy(s, "prod-web",
				gives("secretsmanager:GetSecretValue",
					"*")+`,{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"ArnNotEquals":{"aws:PrincipalArn":"`+arn(s, role,
					"prod-app")+`"}}}`)
		},
		"another secret": func(s *specimen.Stack) {
			policy(s, "prod-web",
				gives("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:444455556666:secret:stripe-AbCdEf"))
		},
		"the role of a service passed on": func(s *specimen.Stack) {
			policy(s, "prod-web", gives("iam:PassRole", arn(s, role, "prod-backup")))
		},
		"the app role passed to a service that it does not trust": func(s *specimen.Stack) {
			policy(s, "prod-web",
				`{"Effect":"Allow","Action":"iam:PassRole","Resource":"*",`+
					`"Condition":{"StringEquals":{"iam:PassedToService":"lambda.amazonaws.com"}}}`)
		},
		"the account as a principal of the secret": func(s *specimen.Stack) {
			secretLetsIn(s,
				`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":"secretsmanager:GetSecretValue",`+
					`"Resource":"*"}`)
		},
		"everybody who is the app role": func(s *specimen.Stack) {
			secretLetsIn(s,
				`{"Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*",`+
					`"Condition":{"ArnEquals":{"aws:PrincipalArn":"`+arn(s, role, "prod-app")+`"}}}`)
		},
		"the app role in the secret's policy": func(s *specimen.Stack) {
			secretLetsIn(s,
				`{"Effect":"Allow","Principal":{"AWS":"`+arn(s, role,
					"prod-app")+`"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}`)
		},
		"a harmless role that trusts web": func(s *specimen.Stack) {
			addRole(s, "harmless", trusting(`{"AWS":"`+arn(s, role, "prod-web")+`"}`), gives("s3:GetObject", "arn:aws:s3:::public/*"))
		},
		"a policy of AWS that reads no secret": func(s *specimen.Stack) {
			keep(s)
			s.Add(attachment, "mutant",
				in{"role": id(s, role, "prod-web"), "policyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"})
		},
	} {
		s := specimen.Read(t, prod)
		change(s)
		assert.Empty(t, failing(invariants.Check(s.Graph()))["I25"], name)
	}
}

// A way over others is told step by step.
func TestTheWayToTheSecretIsTold(t *testing.T) {
	s := specimen.Read(t, prod)
	addRole(s, "first", trusting(`{"AWS":"`+arn(s, role, "prod-web")+`"}`), "")
	addRole(s, "second", trusting(`{"AWS":"arn:aws:iam::444455556666:role/first"}`), gives("iam:PassRole", arn(s, role, "prod-app")))
	for _, f := range invariants.Check(s.Graph()) {
		if f.ID == "I25" && strings.HasPrefix(f.Found, "the role prod-web") {
			assert.Equal(t, []string{
				"prod-web takes first, by the trust of first", "first takes second, by the trust of second",
				"second passes on prod-app: iam:PassRole by mutant-second",
			}, f.Evidence)
			assert.Len(t, f.Resources, 4, "web, and whatever has a part in it")
			return
		}
	}
	assert.Fail(t, "prod-web is not blamed")
}
