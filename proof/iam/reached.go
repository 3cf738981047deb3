package iam

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// Reached is something outside the stack that an identity can act as, or make act: what that may do, the stack does not tell.
type Reached struct{ Action, ARN, How string }

// acting are the actions by which somebody acts as another, or makes something act: on identities, and on what has one.
var acting = map[string]string{
	"sts:AssumeRole": "may take", "sts:AssumeRoot": "may act as the root user of", "iam:PassRole": "may pass on",
	"iam:UpdateAssumeRolePolicy": "may rewrite the trust of", "iam:CreateAccessKey": "may make a key of",
	"iam:CreateLoginProfile": "may set the password of", "iam:UpdateLoginProfile": "may set the password of",
	"iam:CreateServiceSpecificCredential": "may make a credential of", "iam:UploadSSHPublicKey": "may make a key of",
	"lambda:UpdateFunctionCode": "may rewrite", "lambda:UpdateFunctionConfiguration": "may rewrite",
	"codebuild:UpdateProject": "may rewrite",
	"codebuild:StartBuild":    "may rewrite", "glue:UpdateJob": "may rewrite", "codepipeline:UpdatePipeline": "may rewrite",
	"states:UpdateStateMachine": "may rewrite", "cloudformation:UpdateStack": "may rewrite",
	"cloudformation:ExecuteChangeSet": "may rewrite", "servicecatalog:ProvisionProduct": "may make",
	"cloudformation:UpdateStackSet": "may rewrite", "cloudformation:CreateStackInstances": "may make",
	"ssm:StartAutomationExecution": "may run", "ssm:UpdateDocument": "may rewrite", "fis:StartExperiment": "may run",
	"codedeploy:CreateDeployment": "may deploy to", "codepipeline:StartPipelineExecution": "may run",
	"imagebuilder:StartImagePipelineExecution": "may run", "imagebuilder:UpdateImagePipeline": "may rewrite",
	"imagebuilder:UpdateDistributionConfiguration": "may rewrite", "sagemaker:CreatePresignedNotebookInstanceUrl": "may log in to",
}

// Reaches are what is outside the stack, and patterns of much, that the identity can act as or make act.
func (w *Model) Reaches(i *Identity) []Reached {
	var all []Reached
	for _, action := range slices.Sorted(maps.Keys(acting)) {
		if i.May(action, "*") == nil {
			continue
		}
		for _, p := range i.Policies {
			for _, s := range p.Statements {
				if p.Err != nil || !s.Allow || !s.Speaks(action) {
					continue
				}
				named := s.Resources
				if len(s.NotResources) > 0 {
					named = []string{"*"}
				}
				for _, arn := range named {
					found := Reached{action, arn, acting[action]}
					if action == "iam:PassRole" && strings.ContainsAny(arn, "*?") {
						continue // which C106 refuses whatever it leads to
					}
					if len(w.g.ByIdentity(arn)) == 0 && !serviceLinked(arn) && i.May(action, arn) != nil && !slices.Contains(all, found) {
						all = append(all, found)
					}
				}
			}
		}
	}
	return all
}

// roleProperty is what properties that name a role are called.
var roleProperty = regexp.MustCompile(`(?i)(?:role|rolearn|rolename|instanceprofile)$`)

// ActingAs are the resources that act as the role: each names it in a property.
func (w *Model) ActingAs(i *Identity) []*graph.Resource {
	if w.actors == nil {
		w.actors = map[*Identity][]*graph.Resource{}
		for _, r := range w.g.Resources {
			if !r.Custom || strings.HasPrefix(r.Type, "aws:iam/") {
				continue
			}
			for _, path := range rolePaths(r.Inputs, "") {
				for _, role := range w.ActsAs(r, path) {
					w.actors[role] = append(w.actors[role], r)
				}
			}
			for _, value := range r.Inputs {
				text, _ := value.(string)
				if strings.HasPrefix(text, "{") && !strings.Contains(text, `"Effect"`) {
					for _, arn := range actor.FindAllString(text, -1) {
						for _, role := range w.g.ByIdentity(arn) {
							w.actors[w.of[role]] = append(w.actors[w.of[role]], r)
						}
					}
				}
			}
		}
	}
	return w.actors[i]
}

func rolePaths(value any, at string) []string {
	var all []string
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			path := strings.TrimPrefix(at+"."+key, ".")
			if roleProperty.MatchString(key) {
				all = append(all, path)
			} else {
				all = append(all, rolePaths(v[key], path)...)
			}
		}
	case []any:
		for n, element := range v {
			all = append(all, rolePaths(element, fmt.Sprintf("%s[%d]", at, n))...)
		}
	}
	return all
}
