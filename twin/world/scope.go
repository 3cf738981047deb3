package world

import "strings"

// globalTypes belong to an account, or to the whole world, and not to a region: their names are taken in every
// region, and every region finds them. A bucket is in a region, but its name is not (S3 user guide, "General purpose
// buckets overview").
var globalTypes = map[string]bool{
	typeRole: true, typePolicy: true, typeRolePolicy: true, typeRoleAttachment: true, typeInstanceProfile: true,
	typeIdentityProvider: true,
	typeZone:             true, typeRecord: true, typeHealthCheck: true, typeZoneDNSSEC: true, typeSigningKey: true, typeQueryLog: true,
	typeBucket: true, typeBucketPolicy: true, typeObject: true, typeVersioning: true, typeEncryption: true, typeLifecycle: true,
	typeLogging: true, typeOwnership: true, typePublicAccess: true,
	typeUser: true, typeUserGroup: true, typeUserPolicy: true, typeUserAttachment: true, typePolicyAttachment: true, typeAccessKey: true,
	typeDistribution: true, typeOriginID: true, typeOriginControl: true, typeBucketNotification: true, typeWebsite: true,
	typeDashboard: true, typeBudget: true, typeShield: true,
	typeCloudflareZone: true, typeCloudflareRecord: true, typeCloudflareDNSSEC: true, typeOriginPulls: true, typeOriginPullsCert: true,
	typeCloudflareHealth: true, typeOriginCertificate: true, typeRuleset: true, typeZoneSettings: true,
}

// scopeOf is the region that a call about a type is confined to; "" means none.
func scopeOf(q Request) string {
	if globalTypes[q.Type] {
		return ""
	}
	return q.Region
}

// sees says whether an object is in the call's region, or in none.
func (c *Call) sees(o *Object) bool {
	return c.scope == "" || o.Region == c.scope || o.Region == "" || globalTypes[o.Type]
}

// keyFor is where an object is kept: its id, after its region if another region has the same id.
func (c *Call) keyFor(k *kind, o *Object) string {
	key := k.storageKey(o.Outputs, o.ID)
	if other := c.stored(o.Type, key); other != nil && !c.sees(other) {
		return regionalKey(o.Region, key)
	}
	return key
}

func regionalKey(region, key string) string { return region + "/" + key }

// elsewhere says, for a person, in which other region a reference would be found; "" means none.
func (c *Call) elsewhere(reference string, types ...string) string {
	if c.scope == "" {
		return ""
	}
	wide := &Call{World: c.World, Request: c.Request, pending: c.pending}
	for _, typ := range types {
		if o := wide.find(typ, reference); o != nil {
			return o.Region
		}
		for _, property := range []string{"arn", "name"} {
			if o := wide.where(typ, property, reference); o != nil {
				return o.Region
			}
		}
	}
	return ""
}

// called names an object for a person: its type, its name in the program and its id.
func called(o *Object) string {
	name := o.URN[strings.LastIndexByte(o.URN, ':')+1:]
	switch {
	case name == "" || name == o.ID:
		return o.Type + " " + o.ID
	case o.ID == "":
		return o.Type + " " + name
	}
	return o.Type + " " + name + " (" + o.ID + ")"
}
