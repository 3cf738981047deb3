package iam

import (
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

// rewrites are the actions by which somebody gives an identity more than it has. Whoever has one for any identity, in the stack
// or not, has every power: they give it to one that they can act as, or make one of that name.
var rewrites = []string{
	"iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:AttachUserPolicy", "iam:PutGroupPolicy", "iam:AttachGroupPolicy",
	"iam:AddUserToGroup", "iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion",
	// and to say who somebody is
	"iam:UpdateSAMLProvider", "iam:AddClientIDToOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint",
}

// Loosens says that a boundary lets a role give itself, or another, any power, or take its boundary away: then it is none.
func (s Source) Loosens() bool {
	return slices.ContainsFunc(append(rewrites, "iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"),
		func(action string) bool {
			by := s.MayAllow(action, "*")
			return by != nil && !narrowed(*by)
		})
}

// Rewrites is the first action by which the identity gives itself, or another, any power, and the policy that lets it; "" if there
// is none.
func (i *Identity) Rewrites() (action string, by *Source) {
	for _, action := range rewrites {
		if by := i.May(action, "*"); by != nil && by.Err == nil {
			return action, by
		}
	}
	return "", nil
}
