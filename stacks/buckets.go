package stacks

import (
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/components/bucket"
	"github.com/causeway-iac/causeway/infra"
)

// BucketSettings is a bucket of a tier's own.
type BucketSettings struct {
	// ExpireDays deletes an object after so many days. Default: never.
	ExpireDays int `setting:"expireDays"`
}

var bucketPattern = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$`)

// bucketVariable is the variable through which a tier is told its bucket's name: BUCKET_UPLOADS.
func bucketVariable(name string) string {
	return "BUCKET_" + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

func (t TierSettings) checkBuckets() infra.Problems {
	var problems infra.Problems
	for _, name := range slices.Sorted(maps.Keys(t.Buckets)) {
		at := "buckets." + name
		if !bucketPattern.MatchString(name) {
			problems.Addf(at, "write lower-case letters, digits and dashes, at most 20", "%q cannot name a bucket", name)
		}
		// S3's own limit (S3 API, LifecycleExpiration: Days is an Integer).
		if days := t.Buckets[name].ExpireDays; days < 0 || days > math.MaxInt32 {
			problems.Addf(at+".expireDays", "write a number of days, or leave it out to keep objects", "objects cannot be kept for %d days",
				days)
		}
		if _, set := t.Environment[bucketVariable(name)]; set {
			problems.Add("environment."+bucketVariable(name), "choose another name", "the platform sets this variable")
		}
	}
	return problems
}

// makeBuckets makes a tier's own buckets.
func (b *builder) makeBuckets(tier string, settings map[string]BucketSettings) (map[string]*bucket.Bucket, error) {
	made := map[string]*bucket.Bucket{}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		one, err := bucket.Data(b.ctx, b.p.Named(tier+"-"+name), b.p, bucket.Wiring{Keys: b.keys, Logs: b.logs}, bucket.DataArgs{
			Args:       bucket.Args{Protect: b.s.Protect, Disposable: b.s.disposable()},
			ExpireDays: settings[name].ExpireDays,
		}, b.clouds())
		if err != nil {
			return nil, err
		}
		made[name] = one
	}
	return made, nil
}
