package graph

import "maps"

// A bucket may say within itself what the newer provider has resources of their own for: aws.s3.Bucket as one block, BucketV2 as a list
// of one (github.com/hashicorp/terraform-provider-aws, "S3 Bucket Refactor" of its upgrade guide to version 4). ByType finds both.

type inside struct {
	part string
	// properties are what the two types of buckets call it.
	properties []string
	// becomes are the part's own inputs.
	becomes func(value any) map[string]any
}

var insides = []inside{
	{"Policy", []string{"policy"}, as("policy")},
	{"RequestPaymentConfiguration", []string{"requestPayer"}, as("payer")},
	{"AccelerateConfiguration", []string{"accelerationStatus"}, as("status")},
	{"CorsConfiguration", []string{"corsRules"}, as("corsRules")},
	{"Acl", []string{"grants"}, as("accessControlPolicy")},
	{"Acl", []string{"acl"}, func(value any) map[string]any {
		if value == "private" {
			return nil // which is what a bucket without one has
		}
		return map[string]any{"acl": value}
	}},
	{"WebsiteConfiguration", []string{"website", "websites"}, itself},
	{"Logging", []string{"logging", "loggings"}, itself},
	{"ReplicationConfig", []string{"replicationConfiguration", "replicationConfigurations"}, itself},
	{"ObjectLockConfiguration", []string{"objectLockConfiguration"}, itself},
	{"Versioning", []string{"versioning", "versionings"}, func(value any) map[string]any {
		return map[string]any{"versioningConfiguration": map[string]any{"status": chosen(oneOf(value)["enabled"], "Suspended")}}
	}},
	{"ServerSideEncryptionConfiguration", []string{"serverSideEncryptionConfiguration", "serverSideEncryptionConfigurations"},
		func(value any) map[string]any {
			rule := maps.Clone(oneOf(either(oneOf(value), "rule", "rules")))
			if rule == nil {
				return map[string]any{}
			}
			rule["applyServerSideEncryptionByDefault"] = either(rule, "applyServerSideEncryptionByDefault",
				"applyServerSideEncryptionByDefaults")
			return map[string]any{"rules": []any{rule}}
		}},
	{"LifecycleConfiguration", []string{"lifecycleRules"}, func(value any) map[string]any {
		rules, _ := value.([]any)
		all := make([]any, len(rules))
		for i := range rules {
			all[i] = lifecycle(oneOf(rules[i]))
		}
		return map[string]any{"rules": all}
	}},
}

func lifecycle(written map[string]any) map[string]any {
	rule := maps.Clone(written)
	if rule == nil {
		return map[string]any{}
	}
	rule["status"] = chosen(rule["enabled"], "Disabled")
	rule["expiration"] = either(rule, "expiration", "expirations")
	if prefix := rule["prefix"]; prefix != nil && prefix != "" {
		rule["filter"] = map[string]any{"prefix": prefix}
	}
	if days := rule["abortIncompleteMultipartUploadDays"]; days != nil && days != 0.0 {
		rule["abortIncompleteMultipartUpload"] = map[string]any{"daysAfterInitiation": days}
	}
	return rule
}

// takeApart adds to ByType the parts that buckets have within them.
func (g *Graph) takeApart() {
	for _, bucket := range g.ByType("aws:s3/bucket:Bucket", "aws:s3/bucketV2:BucketV2") {
		for _, in := range insides {
			for _, property := range in.properties {
				inputs := in.of(bucket.Inputs[property])
				if bucket.External || inputs == nil {
					continue
				}
				part := *bucket
				part.Type, part.ID = PartOfBucket(in.part)[1], ""
				part.Inputs, part.Outputs, part.PropertyDependencies = inputs, nil, map[string][]string{}
				for name := range inputs {
					part.PropertyDependencies[name] = bucket.PropertyDependencies[property]
				}
				inputs["bucket"] = Reference{URN: bucket.URN}
				g.byType[part.Type] = append(g.byType[part.Type], &part)
			}
		}
	}
}

// of are the inputs of the part that a value stands for, nil if it says nothing.
func (in inside) of(value any) map[string]any {
	switch v := value.(type) {
	case nil:
		return nil
	case string:
		if v == "" {
			return nil
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
	case Unknown, Secret:
		all := in.becomes(value)
		for _, name := range []string{"rules", "corsRules", "targetBucket", "versioningConfiguration", "payer"} {
			all[name] = value
		}
		return all
	}
	return maps.Clone(in.becomes(value))
}

func as(name string) func(any) map[string]any {
	return func(value any) map[string]any { return map[string]any{name: value} }
}

func itself(value any) map[string]any {
	if all := maps.Clone(oneOf(value)); all != nil {
		return all
	}
	return map[string]any{}
}

// oneOf is a block, whether it was written by itself or as a list of one.
func oneOf(value any) map[string]any {
	if list, several := value.([]any); several && len(list) == 1 {
		value = list[0]
	}
	block, _ := value.(map[string]any)
	return block
}

// either is a block under either of its names.
func either(of map[string]any, names ...string) any {
	for _, name := range names {
		if value := of[name]; value != nil {
			if block := oneOf(value); block != nil {
				return block
			}
			return value
		}
	}
	return nil
}

// chosen is the status that a switch stands for.
func chosen(enabled any, otherwise string) any {
	switch enabled {
	case true, "true":
		return "Enabled"
	case nil, false, "false":
		return otherwise
	}
	return enabled
}
