package cloudapi

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/causeway-iac/causeway/twin/live/judge"
	"github.com/causeway-iac/causeway/twin/live/node"
	"github.com/causeway-iac/causeway/twin/live/plan"
)

// logDelivery is who writes a load balancer's logs. In regions that had load balancers before August 2022 one of AWS's
// accounts may write them instead (ELB user guide, "Enable access logs").
const logDelivery = "logdelivery.elasticloadbalancing.amazonaws.com"

// Deliver puts a load balancer's log into its bucket, below the directory of objects' contents, if the bucket's policy
// allows it.
func Deliver(p *plan.Plan, objects, balancerARN string, o node.Stored) error {
	what := fmt.Sprintf("delivering s3://%s/%s", o.Bucket, o.Key)
	if err := mayDeliver(p, balancerARN, o); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	path := filepath.Join(o.Bucket, filepath.FromSlash(o.Key))
	if !filepath.IsLocal(path) {
		return fmt.Errorf("%s: its key leads out of the bucket", what)
	}
	path = filepath.Join(objects, "delivered", path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	if err := os.WriteFile(path, o.Content, 0o644); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}

func mayDeliver(p *plan.Plan, balancerARN string, o node.Stored) error {
	at := slices.IndexFunc(p.Cloud.Buckets, func(b plan.Bucket) bool { return b.Name == o.Bucket })
	if at < 0 {
		return refuse(404, "NoSuchBucket", "The specified bucket does not exist")
	}
	b := &p.Cloud.Buckets[at]
	if b.Key != "" {
		return refuse(403, "AccessDenied",
			"load balancers write to buckets that are encrypted with S3's own key only, and %s has a key of KMS", b.Name)
	}
	partition := "aws"
	if parts := strings.Split(balancerARN, ":"); len(parts) > 1 {
		partition = parts[1]
	}
	r := judge.Request{Action: "s3:PutObject", Resource: "arn:" + partition + ":s3:::" + o.Bucket + "/" + o.Key, Owner: p.Account,
		Caller: judge.Caller{Service: logDelivery}, Keys: map[string][]string{
			"aws:sourceaccount": {p.Account}, "aws:sourcearn": {balancerARN}, "aws:securetransport": {"true"},
			"aws:principalisawsservice": {"true"},
			"aws:principalservicename":  {logDelivery}, "aws:principalaccount": nil, "aws:principalarn": nil, "aws:principalorgid": nil,
			"aws:sourcevpce": nil, "aws:sourcevpc": nil, "aws:sourceip": nil, "aws:sourceorgid": nil, "aws:viaawsservice": {"false"},
			"aws:resourceaccount": {p.Account}, "aws:requestedregion": {p.Region},
			"aws:currenttime": {time.Now().UTC().Format(time.RFC3339)},
			"s3:x-amz-acl":    {"bucket-owner-full-control"}, "s3:x-amz-server-side-encryption": nil, "s3:resourceaccount": {p.Account}}}
	v, err := judge.Decide(r, judge.Policies{Resource: bucketPolicy(b)})
	if err != nil {
		return err
	}
	if !v.Allowed {
		return refuse(403, "AccessDenied", "%s may not s3:PutObject %s", logDelivery, v.Why)
	}
	return nil
}
