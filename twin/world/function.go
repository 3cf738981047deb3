package world

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/twin/value"
)

var functions = map[string]function{
	"aws:index/getAvailabilityZones:getAvailabilityZones":       availabilityZones,
	"aws:index/getAvailabilityZone:getAvailabilityZone":         availabilityZone,
	"aws:index/getCallerIdentity:getCallerIdentity":             callerIdentity,
	"aws:index/getPartition:getPartition":                       partition,
	"aws:index/getRegion:getRegion":                             region,
	"aws:index/getDefaultTags:getDefaultTags":                   defaultTags,
	"aws:ec2/getVpc:getVpc":                                     getVPC,
	"aws:ec2/getSubnets:getSubnets":                             getSubnets,
	"aws:ec2/getManagedPrefixList:getManagedPrefixList":         getManagedPrefixList,
	"aws:ec2/getInstances:getInstances":                         getInstances,
	"aws:ec2/getInstanceType:getInstanceType":                   getInstanceType,
	"aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": getInstanceTypeOfferings,
	"aws:ec2/getAmi:getAmi":                                     getAmi,
	"aws:elb/getHostedZoneId:getHostedZoneId":                   elbHostedZone,
	"aws:elb/getServiceAccount:getServiceAccount":               elbServiceAccount,
	"aws:lb/getLoadBalancer:getLoadBalancer":                    getLoadBalancer,
	"aws:iam/getPolicyDocument:getPolicyDocument":               getPolicyDocument,
	"aws:kms/getKey:getKey":                                     getKey,
	"aws:acm/getCertificate:getCertificate":                     getCertificate,
	"aws:route53/getZone:getZone":                               getZone,
	"aws:rds/getEngineVersion:getEngineVersion":                 getEngineVersion,
	"aws:rds/getOrderableDbInstance:getOrderableDbInstance":     getOrderable,
	"aws:secretsmanager/getSecretVersion:getSecretVersion":      getSecretVersion,
	"aws:ssm/getParameter:getParameter":                         getParameter,
	"aws:servicequotas/getServiceQuota:getServiceQuota":         getServiceQuota,
	"aws:index/getIpRanges:getIpRanges":                         awsRanges,
	"cloudflare:index/getIpRanges:getIpRanges":                  cloudflareRanges,
	"cloudflare:index/getZone:getZone":                          getCloudflareZone,
}

// lookup finds the one object of a type whose outputs match the arguments.
func lookup(typ, what string, properties ...string) function {
	return func(c *Call, q Query) (value.Map, error) {
		var found []*Object
		for o := range c.each(typ) {
			match := o.Region == q.Region && tagsMatch(o, q.Args["tags"])
			for _, p := range properties {
				want, given := q.Args[p].(string)
				match = match && (!given || want == o.Text(p) || (p == "id" && want == o.ID))
			}
			if match {
				found = append(found, o)
			}
		}
		if len(found) != 1 {
			return nil, fmt.Errorf("%d %ss match %s in %s: a lookup needs exactly one", len(found), what, value.Canonical(q.Args),
				q.Region)
		}
		out := value.CopyMap(found[0].Outputs)
		out["id"], out["tags"] = found[0].ID, tagsOf(found[0])
		return out, nil
	}
}

// tagsOf are an object's tags, including those from its provider.
func tagsOf(o *Object) value.Map {
	for _, property := range []string{"tagsAll", "tags"} {
		if tags, ok := o.Outputs[property].(value.Map); ok {
			return tags
		}
	}
	return value.Map{}
}

// recordCount counts a zone's records, including its own NS and SOA.
func (c *Call) recordCount(zone *Object) float64 {
	n := 2.0
	for range c.having(typeRecord, "zoneId", zone.ID) {
		n++
	}
	return n
}

func tagsMatch(o *Object, want any) bool {
	wanted, _ := want.(value.Map)
	have := tagsOf(o)
	for k, v := range wanted {
		if have[k] != v {
			return false
		}
	}
	return true
}

func getManagedPrefixList(c *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	id, _ := q.Args["id"].(string)
	for _, f := range objectsIn(q.Args["filters"]) {
		if f["name"] == "prefix-list-name" && len(texts(f["values"])) == 1 {
			name = texts(f["values"])[0]
		}
	}
	for _, known := range awsPrefixLists(q.Region) {
		if known == name || prefixListOf(known) == id {
			var entries []any
			for _, p := range awsPrefixes(known) {
				entries = append(entries, value.Map{"cidr": p, "description": ""})
			}
			listID := prefixListOf(known)
			return value.Map{"id": listID, "name": known, "addressFamily": "IPv4", "ownerId": "AWS", "maxEntries": 0.0, "version": 0.0,
				"entries": entries,
				"arn":     "arn:" + Partition(q.Region) + ":ec2:" + q.Region + ":aws:prefix-list/" + listID, "tags": value.Map{}}, nil
		}
	}
	return lookup(typePrefixList, "prefix list", "id", "name")(c, q)
}

func regionOf(q Query) string {
	if r, ok := q.Args["region"].(string); ok && r != "" {
		return r
	}
	return q.Region
}

func elbHostedZone(_ *Call, q Query) (value.Map, error) {
	zone, known := balancerZones[regionOf(q)]
	if !known {
		return nil, fmt.Errorf("the hosted zone of load balancers in %s is not known", regionOf(q))
	}
	return value.Map{"id": zone[0]}, nil
}

func elbServiceAccount(_ *Call, q Query) (value.Map, error) {
	account, known := elbAccounts[regionOf(q)]
	if !known {
		return nil, fmt.Errorf("%s has no account for load balancers: name the service principal "+
			"logdelivery.elasticloadbalancing.amazonaws.com", regionOf(q))
	}
	return value.Map{"id": account, "arn": "arn:" + Partition(q.Region) + ":iam::" + account + ":root"}, nil
}

// getKey fails as the service does (KMS API, DescribeKey).
func getKey(c *Call, q Query) (value.Map, error) {
	id, _ := q.Args["keyId"].(string)
	if strings.HasPrefix(id, "alias/aws/") {
		service := strings.TrimPrefix(id, "alias/")
		keyID := c.uuidFor(service + " " + q.Region)
		return keyAnswer(keyID, "arn:"+Partition(q.Region)+":kms:"+q.Region+":"+c.accountID()+":key/"+keyID, c.accountID(), "AWS",
			"SYMMETRIC_DEFAULT"), nil
	}
	if alias := c.any(id, typeAlias); alias != nil {
		id = alias.Text("targetKeyId")
	}
	key := c.any(id, typeKey)
	if key == nil {
		return nil, fault("NotFoundException", "Key '%s' does not exist", id)
	}
	return keyAnswer(key.ID, key.Text("arn"), c.accountID(), "CUSTOMER", key.Text("customerMasterKeySpec")), nil
}

func keyAnswer(id, arn, account, manager, spec string) value.Map {
	return value.Map{"id": id, "arn": arn, "awsAccountId": account, "keyManager": manager, "customerMasterKeySpec": spec, "keySpec": spec,
		"enabled":  true,
		"keyState": "Enabled", "keyUsage": "ENCRYPT_DECRYPT", "origin": "AWS_KMS", "multiRegion": false,
		"multiRegionConfigurations": []any{}, "description": "",
		"cloudHsmClusterId": "", "customKeyStoreId": "", "deletionDate": "", "creationDate": "", "expirationModel": "", "validTo": "",
		"pendingDeletionWindowInDays": 0.0, "xksKeyConfigurations": []any{}}
}

func getCertificate(c *Call, q Query) (value.Map, error) {
	domain, _ := q.Args["domain"].(string)
	var newest *Object
	for o := range c.each(typeCertificate) {
		if o.Text("domainName") == domain && o.Region == q.Region && o.Text("status") == "ISSUED" &&
			(newest == nil || o.Created.After(newest.Created)) {
			newest = o
		}
	}
	if newest == nil {
		return nil, fmt.Errorf("no issued certificate matches %s in %s", domain, q.Region)
	}
	return value.Map{"id": newest.ID, "arn": newest.ID, "status": "ISSUED", "certificate": "", "certificateChain": "",
		"tags": tagsOf(newest)}, nil
}

// zoneName compares zone names as DNS does.
func zoneName(a, b string) bool {
	return strings.EqualFold(strings.TrimSuffix(a, "."), strings.TrimSuffix(b, "."))
}

func getZone(c *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	id, _ := q.Args["zoneId"].(string)
	private, _ := q.Args["privateZone"].(bool)
	var found []*Object
	for o := range c.each(typeZone) {
		if (id == "" || o.ID == id) && (name == "" || zoneName(o.Text("name"), name) && private == (len(o.Objects("vpcs")) > 0)) &&
			tagsMatch(o, q.Args["tags"]) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d Route53 hosted zones match name %q, id %q: a lookup needs exactly one; seed the twin with the "+
			"zones that exist already", len(found), name, id)
	}
	z := found[0]
	return value.Map{"id": z.ID, "zoneId": z.ID, "name": strings.TrimSuffix(z.Text("name"), "."), "arn": z.Text("arn"),
		"nameServers":       z.Outputs["nameServers"],
		"primaryNameServer": z.Text("primaryNameServer"), "privateZone": len(z.Objects("vpcs")) > 0, "comment": z.Text("comment"),
		"callerReference":          z.ID,
		"linkedServiceDescription": "", "linkedServicePrincipal": "", "resourceRecordSetCount": c.recordCount(z), "tags": tagsOf(z),
		"vpcId": ""}, nil
}

// getSecretVersion fails as the service does (Secrets Manager API, GetSecretValue).
func getSecretVersion(c *Call, q Query) (value.Map, error) {
	secret := c.any(fmt.Sprint(q.Args["secretId"]), typeSecret)
	if secret == nil {
		return nil, fault("ResourceNotFoundException", "Secrets Manager can't find the specified secret: %v", q.Args["secretId"])
	}
	var newest *Object
	for o := range c.having(typeSecretVersion, "secretId", secret.ID) {
		if newest == nil || o.Created.After(newest.Created) {
			newest = o
		}
	}
	if newest == nil {
		return nil, fault("ResourceNotFoundException",
			"Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
	}
	return value.Map{"id": secret.ID + "|AWSCURRENT", "arn": secret.ID, "secretString": newest.Text("secretString"),
		"secretBinary": newest.Text("secretBinary"),
		"versionId":    newest.Text("versionId"), "versionStages": newest.Outputs["versionStages"], "versionStage": "AWSCURRENT",
		"createdDate": stamp(newest.Created)}, nil
}

// publicPrefix begins the names of AWS's own parameters: the newest machine images.
const publicPrefix = "/aws/service/ami-amazon-linux-latest/"

// getParameter fails as the service does (Systems Manager API, GetParameter).
func getParameter(c *Call, q Query) (value.Map, error) {
	name, _ := q.Args["name"].(string)
	if strings.HasPrefix(name, publicPrefix) {
		image := "ami-0" + c.hexFor(name+q.Region, 16)
		return value.Map{"id": name, "name": name, "type": "String", "value": image, "insecureValue": image, "version": 1.0,
			"arn": "arn:" + Partition(q.Region) + ":ssm:" + q.Region + "::parameter" + name}, nil
	}
	o := c.find(typeParameter, name)
	if o == nil {
		return nil, fault("ParameterNotFound", "%s", name)
	}
	return value.Map{"id": name, "name": name, "type": o.Text("type"), "value": o.Text("value"), "insecureValue": o.Text("insecureValue"),
		"version": o.Number("version"), "arn": o.Text("arn")}, nil
}

// getServiceQuota fails as the service does (Service Quotas API, GetServiceQuota).
func getServiceQuota(c *Call, q Query) (value.Map, error) {
	service, _ := q.Args["serviceCode"].(string)
	code, _ := q.Args["quotaCode"].(string)
	name, _ := q.Args["quotaName"].(string)
	found := quotaOf(service, code, name)
	if found == nil {
		return nil, fault("NoSuchResourceException", "the twin has no quota %s%s of %s", code, name, service)
	}
	_, code, _ = strings.Cut(found.code, "/")
	arn := "arn:" + Partition(q.Region) + ":servicequotas:" + q.Region + ":" + c.accountID() + ":" + found.code
	return value.Map{"id": arn, "quotaCode": code, "quotaName": found.title, "serviceName": service,
		"value": float64(c.limitOf(found)), "defaultValue": float64(found.limit), "adjustable": !found.fixed,
		"globalQuota": globalTypes[found.types[0]], "usageMetrics": []any{}, "arn": arn}, nil
}
