package cloudapi

import (
	"net/http"
	"strings"
)

// would takes the path of a real call, up to the answer.
func (c *call) would(q Question) error {
	c.service, _, _ = strings.Cut(q.Action, ":")
	for i := range c.plan.Cloud.Endpoints {
		if e := &c.plan.Cloud.Endpoints[i]; e.Service == c.service {
			c.endpoint = e
		}
	}
	if nodes := c.plan.Playing(c.session.Instance); len(nodes) > 0 {
		c.from = nodes[0].Address()
	}
	switch q.Action {
	case "s3:GetObject":
		bucket, key, _ := strings.Cut(q.Resource[strings.LastIndexByte(q.Resource, ':')+1:], "/")
		if err := c.mayInBucket(q.Action, c.buckets[bucket], q.Resource, nil); err != nil {
			return err
		}
		if b, o := c.buckets[bucket], c.objects[bucket+"/"+key]; b != nil && o != nil {
			return c.mayDecrypt(b, o, http.Header{})
		}
		return nil
	case "s3:PutObject":
		bucket, key, _ := strings.Cut(q.Resource[strings.LastIndexByte(q.Resource, ':')+1:], "/")
		_, err := c.mayPut(target{c.buckets[bucket], bucket, key}, http.Header{}, http.Header{})
		return err
	case "s3:DeleteObject":
		bucket, _, _ := strings.Cut(q.Resource[strings.LastIndexByte(q.Resource, ':')+1:], "/")
		return c.mayInBucket(q.Action, c.buckets[bucket], q.Resource, nil)
	case "s3:ListBucket":
		bucket := q.Resource[strings.LastIndexByte(q.Resource, ':')+1:]
		return c.mayInBucket(q.Action, c.buckets[bucket], q.Resource, map[string][]string{"s3:prefix": nil, "s3:delimiter": nil,
			"s3:max-keys": nil})
	case "secretsmanager:GetSecretValue":
		s, err := c.maySecret(q.Action, q.Resource, "AWSCURRENT")
		if err != nil {
			return err
		}
		return c.useKey("kms:Decrypt", s.Key, map[string]string{"SecretARN": s.ARN, "SecretVersionId": ""})
	}
	return unplayed(c.service, q.Action)
}
