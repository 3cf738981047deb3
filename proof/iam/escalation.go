package iam

import (
	"cmp"
	"slices"
	"strings"
)

// escalations are the sets of actions that, together, let somebody become whoever they like, with how. Rhino Security
// Labs, "AWS IAM Privilege Escalation - Methods and Mitigation"; NCC Group, "Principal Mapper"; Datadog,
// "pathfinding.cloud".
var escalations = []struct {
	actions []string
	how     string
}{
	{[]string{"iam:CreatePolicyVersion"}, "write a new version of a policy that they have"},
	{[]string{"iam:SetDefaultPolicyVersion"}, "go back to a wider version of a policy"},
	{[]string{"iam:AttachUserPolicy"}, "attach an administrator's policy to a user"},
	{[]string{"iam:AttachGroupPolicy"}, "attach an administrator's policy to a group"},
	{[]string{"iam:AttachRolePolicy"}, "attach an administrator's policy to a role"},
	{[]string{"iam:PutUserPolicy"}, "write a user's policy"},
	{[]string{"iam:PutGroupPolicy"}, "write a group's policy"},
	{[]string{"iam:PutRolePolicy"}, "write a role's policy"},
	{[]string{"iam:AddUserToGroup"}, "join the administrators"},
	{[]string{"iam:CreateAccessKey"}, "make a key for another user"},
	{[]string{"iam:CreateLoginProfile"}, "set another user's password"},
	{[]string{"iam:UpdateLoginProfile"}, "set another user's password"},
	{[]string{"iam:UpdateAssumeRolePolicy"}, "let themselves take a role"},
	{[]string{"iam:DeleteRolePermissionsBoundary"}, "remove a role's boundary"},
	{[]string{"iam:PassRole", "ec2:RunInstances"}, "start a server with another role"},
	{[]string{"iam:PassRole", "autoscaling:CreateAutoScalingGroup"}, "start servers with another role"},
	{[]string{"iam:PassRole", "autoscaling:CreateLaunchConfiguration"}, "start servers with another role"},
	{[]string{"iam:PassRole", "lambda:CreateFunction"}, "run a function with another role"},
	{[]string{"iam:PassRole", "ecs:RunTask"}, "run a container with another role"},
	{[]string{"iam:PassRole", "ecs:RegisterTaskDefinition"}, "run a container with another role"},
	{[]string{"iam:PassRole", "cloudformation:CreateStack"}, "make a stack with another role"},
	{[]string{"iam:PassRole", "glue:CreateDevEndpoint"}, "work in Glue with another role"},
	{[]string{"iam:PassRole", "glue:CreateJob"}, "run a job with another role"},
	{[]string{"iam:PassRole", "datapipeline:CreatePipeline"}, "run a pipeline with another role"},
	{[]string{"iam:PassRole", "codebuild:CreateProject"}, "run a build with another role"},
	{[]string{"iam:PassRole", "sagemaker:CreateNotebookInstance"}, "work in a notebook with another role"},
	{[]string{"iam:PassRole", "sagemaker:CreateTrainingJob"}, "train with another role"},
	{[]string{"iam:PassRole", "ssm:StartAutomationExecution"}, "run an automation with another role"},
	{[]string{"iam:PassRole", "states:CreateStateMachine"}, "run a state machine with another role"},
	{[]string{"iam:PassRole", "scheduler:CreateSchedule"}, "call any API with another role"},
	{[]string{"iam:PassRole", "bedrock-agentcore:CreateCodeInterpreter"}, "run code with another role"},
	{[]string{"lambda:UpdateFunctionCode"}, "run their own code with a function's role"},
	{[]string{"lambda:UpdateFunctionConfiguration"}, "run their own layer with a function's role"},
	{[]string{"glue:UpdateDevEndpoint"}, "log in to an endpoint of Glue"},
	{[]string{"codestar:CreateProject", "iam:PassRole"}, "make a project with another role"},
	{[]string{"ssm:SendCommand"}, "run commands as any server"},
	{[]string{"ssm:StartSession"}, "log in to any server"},
	{[]string{"ec2-instance-connect:SendSSHPublicKey"}, "log in to any server"},
	{[]string{"ec2:ModifyInstanceAttribute", "ec2:StopInstances", "ec2:StartInstances"}, "change what a server runs when it boots"},
	{[]string{"ec2:AssociateIamInstanceProfile", "iam:PassRole"}, "give a server another role"},
	{[]string{"ec2:ReplaceIamInstanceProfileAssociation", "iam:PassRole"}, "give a server another role"},
	{[]string{"ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"}, "change what servers run when they boot"},
	{[]string{"iam:CreateServiceLinkedRole", "iam:PassRole"}, "pass a service's role"},
	{[]string{"sts:AssumeRole"}, "take any role that trusts the account"},
	{[]string{"iam:AddRoleToInstanceProfile", "iam:PassRole"}, "give a server another role"},
	{[]string{"iam:PutRolePermissionsBoundary"}, "widen a role's boundary"},
	{[]string{"iam:DeleteUserPermissionsBoundary"}, "remove a user's boundary"},
	{[]string{"iam:UpdateSAMLProvider"}, "say who the users are"},
	{[]string{"iam:PassRole", "ec2:RequestSpotInstances"}, "start a server with another role"},
	{[]string{"iam:PassRole", "ec2:RequestSpotFleet"}, "start servers with another role"},
	{[]string{"iam:PassRole", "ec2:CreateFleet"}, "start servers with another role"},
	{[]string{"iam:PassRole", "ec2:CreateLaunchTemplate"}, "start servers with another role"},
	{[]string{"iam:PassRole", "ecs:StartTask"}, "run a container with another role"},
	{[]string{"iam:PassRole", "batch:RegisterJobDefinition"}, "run a job with another role"},
	{[]string{"iam:PassRole", "apprunner:CreateService"}, "run a service with another role"},
	{[]string{"iam:PassRole", "cloudformation:UpdateStack"}, "change a stack with another role"},
	{[]string{"iam:PassRole", "cloudformation:CreateChangeSet"}, "change a stack with another role"},
	{[]string{"iam:PassRole", "glue:UpdateJob"}, "run a job with another role"},
	{[]string{"iam:PassRole", "glue:CreateSession"}, "work in Glue with another role"},
	{[]string{"iam:PassRole", "sagemaker:CreateProcessingJob"}, "process data with another role"},
	{[]string{"iam:PassRole", "elasticmapreduce:RunJobFlow"}, "run a cluster with another role"},
	{[]string{"iam:PassRole", "codepipeline:CreatePipeline"}, "run a pipeline with another role"},
	{[]string{"iam:PassRole", "states:UpdateStateMachine"}, "run a state machine with another role"},
	{[]string{"codebuild:UpdateProject"}, "run their own build with a project's role"},
	{[]string{"codebuild:StartBuild"}, "run their own build with a project's role"},
	{[]string{"ecs:ExecuteCommand"}, "run commands in any container"},
	{[]string{"ssm:CreateAssociation"}, "run commands as any server"},
	{[]string{"ssm:UpdateAssociation"}, "run commands as any server"},
	{[]string{"sagemaker:CreatePresignedNotebookInstanceUrl"}, "work in anybody's notebook"},
}

// Escalation is how somebody who has all of the policies could become somebody else, "" if not at all. An action counts
// if it is allowed on more than single resources; a boundary limits what the policies give.
func Escalation(boundary *Document, policies ...Document) string {
	for _, e := range escalations {
		if !slices.ContainsFunc(e.actions, func(action string) bool { return !widely(action, boundary, policies) }) {
			return "with " + strings.Join(e.actions, " and ") + " they can " + e.how
		}
	}
	return ""
}

// Escalation is that of the identity's readable policies.
func (i *Identity) Escalation() string {
	var boundary *Document
	if i.Boundary != nil {
		boundary = &i.Boundary.Document
	}
	var policies []Document
	for _, p := range i.Policies {
		if p.Err == nil {
			policies = append(policies, p.Document)
		}
	}
	return Escalation(boundary, policies...)
}

func widely(action string, boundary *Document, policies []Document) bool {
	if boundary != nil && boundary.MayAllow(action, "*") == nil ||
		slices.ContainsFunc(policies, func(d Document) bool { return d.denies(nil, action, "*") }) {
		return false
	}
	for _, d := range policies {
		if slices.ContainsFunc(d.Statements, func(s Statement) bool {
			return len(BroadlyAllows(s, action)) > 0 || s.Allow && !narrowed(s) && len(Allowed(s, action)) > 0 &&
				slices.ContainsFunc(s.Resources, manyRoles)
		}) {
			return true
		}
	}
	return false
}

// manyRoles says that the resource is a pattern that more than one role or user can match: whoever may pass "role/app-*"
// may pass a role that somebody else creates.
func manyRoles(resource string) bool {
	return strings.HasPrefix(resource, "arn:") && strings.Contains(resource, ":iam:") && strings.ContainsAny(resource, "*?")
}

// rewrites are the actions by which somebody gives an identity more than it has, by what they act on.
var rewrites = []struct {
	action string
	about  func(*Identity) []string
	how    string
}{
	{"iam:PutRolePolicy", role, "writes a policy of"},
	{"iam:AttachRolePolicy", role, "attaches a policy to"},
	{"iam:PutUserPolicy", user, "writes a policy of"},
	{"iam:AttachUserPolicy", user, "attaches a policy to"},
	{"iam:AddUserToGroup", anyGroup, "joins a group as"},
	{"iam:PutGroupPolicy", anyGroup, "writes a policy of a group of"},
	{"iam:AttachGroupPolicy", anyGroup, "attaches a policy to a group of"},
	{"iam:CreatePolicyVersion", attachedTo, "rewrites a policy of"},
	{"iam:SetDefaultPolicyVersion", attachedTo, "brings back an older policy of"},
}

func role(i *Identity) []string {
	if i.Resource.Type != RoleType {
		return nil
	}
	return []string{arnOf(i)}
}

func user(i *Identity) []string {
	if i.Resource.Type != UserType {
		return nil
	}
	return []string{arnOf(i)}
}

func anyGroup(i *Identity) []string {
	if i.Resource.Type == RoleType {
		return nil
	}
	return []string{"arn:aws:iam::*:group/*"}
}

// attachedTo are the ARNs of an identity's policies that are not AWS's.
func attachedTo(i *Identity) []string {
	var all []string
	for _, p := range i.Policies {
		switch {
		case p.Resource != nil && p.Resource.Type == policyType:
			all = append(all, cmp.Or(p.Resource.String("arn"), "arn:aws:iam::*:policy/*"))
		case p.ARN != "" && ManagedName(p.ARN) == "":
			all = append(all, p.ARN)
		}
	}
	return all
}

// Rewrite is a step by which the identity gives itself, or another, more than that has: nil if it cannot.
func (i *Identity) Rewrite(of *Identity) *Step {
	for _, r := range rewrites {
		for _, arn := range r.about(of) {
			if by := i.May(r.action, arn); by != nil && by.Err == nil {
				return &Step{i, of, r.how, r.action, by}
			}
		}
	}
	return nil
}
