package survey

// Values are what the program itself gave as secret: of Secrets Manager's secrets, by their ARN, and as the password of
// a database's master user, by the database's. They go beside the plan.
func Values(w Source) map[string]string {
	out := map[string]string{}
	newest := map[string]int64{}
	for _, o := range w.Objects {
		switch o.Type {
		case "aws:secretsmanager/secretVersion:SecretVersion":
			id := o.Text("secretId")
			if made := o.Created.UnixNano(); made >= newest[id] {
				out[id], newest[id] = o.Text("secretString"), made
			}
		case "aws:rds/instance:Instance":
			out[o.Text("arn")] = o.Text("password")
		case "aws:rds/cluster:Cluster":
			out[o.Text("arn")] = o.Text("masterPassword")
		}
	}
	for arn, v := range out {
		if v == "" {
			delete(out, arn)
		}
	}
	return out
}
