package modelled

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof/invariants"
	"github.com/causeway-iac/causeway/proof/specimen"
	"github.com/causeway-iac/causeway/twin/facts"
)

// destination is what properties are called that say where something is written to, told or copied.
var destination = regexp.MustCompile(`(?i)(bucket(name|arn)?|(queue|topic|function|lambda|stream|firehose|destination)arn)s?$`)

// itself are properties by which a resource names what it is, or what it is a part of.
var itself = map[string]string{
	"aws:s3/bucketV2:BucketV2 bucket": "its own name", "aws:s3/bucket:Bucket bucket": "its own name",
}

// Every property of every type that the provider publishes by which something may be written to a bucket, a queue or a function is
// led to a stranger's, in each form in which it can be named.
func TestEveryPropertyThatMayLeadToAStranger(t *testing.T) {
	tried := 0
	for kind, published := range facts.AWS().Resources {
		for path, p := range leaves("", published.Properties) {
			key := path[strings.LastIndexByte(path, '.')+1:]
			if !destination.MatchString(key) || itself[kind+" "+path] != "" {
				continue
			}
			forms := []string{"arn:aws:lambda:eu-west-1:999999999999:function:x", "arn:aws:sqs:eu-west-1:999999999999:x"}
			if strings.Contains(strings.ToLower(key), "bucket") {
				forms = []string{"strangers-bucket", "arn:aws:s3:::strangers-bucket", "strangers-bucket.s3.eu-west-1.amazonaws.com"}
			}
			for _, form := range forms {
				s := specimen.Empty(t)
				s.Add("ec2/vpc:Vpc", "vpc", specimen.Inputs{"cidrBlock": "10.0.0.0/16"}).
					Answer("arn", "arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1")
				names := strings.Split(path, ".")
				s.Add(kind, "it", specimen.Inputs{names[0]: nest(published.Properties, names, form)})
				found := false
				for _, f := range invariants.Check(s.Graph()) {
					found = found || f.ID == "I21" && f.Verdict.Fails()
				}
				assert.True(t, found, "%s %s (%s) leads to %s", kind, path, p.Kind, form)
				tried++
			}
		}
	}
	assert.Greater(t, tried, 50)
	t.Log(tried, "properties that lead to a stranger")
}

// leaves are the properties that a program may set and that are texts, or lists of them, by path.
func leaves(at string, properties map[string]*facts.Property) map[string]*facts.Property {
	found := map[string]*facts.Property{}
	for name, p := range properties {
		switch {
		case !p.Optional && !p.Required:
		case len(p.Properties) > 0:
			for path, inner := range leaves(at+name+".", p.Properties) {
				found[path] = inner
			}
		case slices.Contains([]facts.Kind{facts.String, facts.List, facts.Set}, p.Kind):
			found[at+name] = p
		}
	}
	return found
}

// nest is the value of the first of the names, within which the last has the text.
func nest(properties map[string]*facts.Property, names []string, text string) any {
	p := properties[names[0]]
	var value any = text
	if len(names) > 1 {
		value = map[string]any{names[1]: nest(p.Properties, names[1:], text)}
	}
	if p.Kind == facts.List || p.Kind == facts.Set {
		return []any{value}
	}
	return value
}
