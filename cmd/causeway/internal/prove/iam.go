// Package prove checks the living world against what is proved about the stack: two answers to the same question,
// from code that shares nothing, must agree.
package prove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/proof/iam"
	"github.com/causeway-iac/causeway/twin/live/cloudapi"
	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// Disagreement is a question that the two sides answer differently.
type Disagreement struct {
	Question string
	Proved   bool
	Live     bool
	Why      string // the living world's reason
}

func (d Disagreement) String() string {
	says := map[bool]string{true: "it may", false: "it may not"}
	return fmt.Sprintf("%s: the proof says %s, the living world says %s: %s", d.Question, says[d.Proved], says[d.Live], d.Why)
}

// Rights makes every role that machines use ask for every secret and object, and to list and change every bucket, and
// compares the living world's answers with what is proved from the graph. asked counts the questions.
func Rights(g *graph.Graph, p *plan.Plan, ask func([]cloudapi.Question) ([]judge.Verdict, error)) (all []Disagreement, asked int,
	err error) {
	world := iam.Read(g)
	questions := questions(p)
	verdicts, err := ask(questions)
	if err != nil {
		return nil, 0, fmt.Errorf("asking the living world who may what: %w", err)
	}
	for i, q := range questions {
		proved, err := proves(world, g, p, q)
		if err != nil {
			return nil, 0, err
		}
		if live := verdicts[i]; live.Allowed != proved {
			all = append(all, Disagreement{fmt.Sprintf("%s, %s on %s", last(q.Role), q.Action, q.Resource), proved, live.Allowed, live.Why})
		}
	}
	return all, len(questions), nil
}

func questions(p *plan.Plan) []cloudapi.Question {
	var roles []string
	for _, m := range p.Machines {
		if m.Role != "" && !slices.Contains(roles, m.Role) {
			roles = append(roles, m.Role)
		}
	}
	var all []cloudapi.Question
	for _, role := range roles {
		add := func(action, resource string) {
			all = append(all, cloudapi.Question{Role: role, Action: action, Resource: resource})
		}
		for _, s := range p.Cloud.Secrets {
			add("secretsmanager:GetSecretValue", s.ARN)
		}
		for _, o := range p.Cloud.Objects {
			add("s3:GetObject", bucketARN(role, o.Bucket)+"/"+o.Key)
		}
		for _, b := range p.Cloud.Buckets {
			add("s3:ListBucket", bucketARN(role, b.Name))
			add("s3:PutObject", bucketARN(role, b.Name)+"/proof")
			add("s3:DeleteObject", bucketARN(role, b.Name)+"/proof")
		}
	}
	return all
}

func bucketARN(role, name string) string {
	return "arn:" + strings.Split(role, ":")[1] + ":s3:::" + name
}

func last(arn string) string { return arn[strings.LastIndexAny(arn, ":/")+1:] }

// proves is the proof's answer: the role's right, the resource's own policy, and the key it is encrypted with.
func proves(world *iam.Model, g *graph.Graph, p *plan.Plan, q cloudapi.Question) (bool, error) {
	at := slices.IndexFunc(world.Identities, func(i *iam.Identity) bool { return i.ARN() == q.Role })
	if at < 0 {
		return false, fmt.Errorf("the role %s is not in the stack's state", q.Role)
	}
	who := world.Identities[at]
	resource, key, use := "", "", "kms:Decrypt"
	switch q.Action {
	case "secretsmanager:GetSecretValue":
		s := p.Cloud.Secrets[slices.IndexFunc(p.Cloud.Secrets, func(s plan.Secret) bool { return s.ARN == q.Resource })]
		resource, key = s.ARN, s.Key
	default:
		name, object, _ := strings.Cut(q.Resource[strings.LastIndexByte(q.Resource, ':')+1:], "/")
		b := p.Cloud.Buckets[slices.IndexFunc(p.Cloud.Buckets, func(b plan.Bucket) bool { return b.Name == name })]
		resource = bucketARN(q.Role, name)
		if q.Action == "s3:PutObject" {
			key, use = b.Key, "kms:GenerateDataKey"
		}
		if o := slices.IndexFunc(p.Cloud.Objects, func(o plan.Object) bool { return o.Bucket == name && o.Key == object }); object != "" &&
			o >= 0 {
			if key = p.Cloud.Objects[o].KMS; key == "" {
				key = b.Key
			}
		}
	}
	if who.May(q.Action, q.Resource) == nil && !named(world, g, who, q.Action, resource) {
		return false, nil
	}
	if key == "" {
		return true, nil
	}
	for _, k := range g.ByType("aws:kms/key:Key") {
		if k.String("arn") == key || k.ID == key {
			return world.MayOn(who, use, k) != nil, nil
		}
	}
	return false, fmt.Errorf("the key %s is not in the stack's state", key)
}

// named reports whether the resource's own policy lets the role in.
func named(world *iam.Model, g *graph.Graph, who *iam.Identity, action, arn string) bool {
	for _, r := range g.ByType("aws:s3/bucketV2:BucketV2", "aws:s3/bucket:Bucket", "aws:secretsmanager/secret:Secret") {
		if r.String("arn") != arn {
			continue
		}
		for _, s := range world.PoliciesOf(r) {
			if s.LetsIn(who, action) != "" {
				return true
			}
		}
	}
	return false
}
