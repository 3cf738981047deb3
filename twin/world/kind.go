package world

import (
	"cmp"
	"fmt"
	"maps"
	"strings"

	"github.com/causeway-iac/causeway/twin/facts"
	"github.com/causeway-iac/causeway/twin/value"
)

// rule refuses what the cloud refuses.
type rule = func(*Call, *Object) error

// kind is how one resource type behaves.
type kind struct {
	// id names the object; nil gives it a hexadecimal id of its own.
	id func(*Call, *Object) string
	// arn is a template: {partition}, {region}, {account}, {id} and {any output}.
	arn string
	// text holds templates of further computed outputs.
	text map[string]string
	// fill sets the computed outputs that templates cannot. old is nil at creation.
	fill func(c *Call, o, old *Object)
	// prepare sets what the rules need and the program left to the cloud, such as a name.
	prepare []func(*Call, *Object)
	// create, update and remove refuse what the cloud refuses.
	// check runs at creation and update, before the others.
	check  []rule
	create []rule
	update []func(c *Call, o, old *Object) error
	remove []rule
	// removed deletes what the cloud created with the object.
	removed func(*Call, *Object)
	// adopt finds what an import may take over.
	adopt func(c *Call, id string) *Object
	// imports finds what an import takes over, where that is not what a refresh finds.
	imports func(c *Call, id string) (*Object, error)
	// within says whether what contains the object still exists: without it, the object is gone too.
	within func(*Call, *Object) bool
	// gone is the provider's error for an object that it expects and does not find; nil treats it as deleted.
	gone func(c *Call, operation string) error
	// readable refuses to read an object in a state that the provider does not expect.
	readable rule
	// key tells objects with the same id apart, from their outputs; nil when ids are unique.
	key func(outputs value.Map, id string) string
	// taken is the error code when the id is in use.
	taken string
	// put says that creation is the service's Put operation: it overwrites an object with the same id.
	put bool
}

// Fault is a refusal with the service's own error code, or a name for it where the provider itself refuses.
type Fault struct {
	Code    string
	Message string
	own     bool // the provider's words, not the service's
}

func (f *Fault) Error() string {
	if f.own {
		return f.Message
	}
	return "api error " + f.Code + ": " + f.Message
}

// message is a refusal in the provider's own words. The name is for tests and never shown.
func message(name, format string, args ...any) *Fault {
	return &Fault{Code: name, Message: fmt.Sprintf(format, args...), own: true}
}

func fault(code, format string, args ...any) *Fault {
	return &Fault{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (c *Call) wrap(doing string, err error) error {
	return fmt.Errorf("%s %s: %w", doing, called(&Object{Type: c.Type, URN: c.URN, ID: c.ID}), err)
}

// kinds has every resource type that the world can hold.
var kinds = collect(vpcKinds, subnetKinds, gatewayKinds, routeKinds, endpointKinds, flowLogKinds, securityGroupKinds, aclKinds,
	prefixListKinds,
	templateKinds, scalingKinds, balancerKinds, targetGroupKinds, listenerKinds, certificateKinds, route53Kinds, dnssecKinds,
	cloudflareKinds,
	iamKinds, kmsKinds, s3Kinds, databaseKinds, clusterKinds, databaseGroupKinds, proxyKinds, logKinds, alarmKinds, topicKinds, wafKinds,
	secretKinds, parameterKinds, backupKinds, instanceKinds, peeringKinds, groupRuleKinds, functionKinds, tableKinds, queueKinds,
	repositoryKinds,
	ecsKinds, distributionKinds, userKinds, eventKinds, apiKinds, fileSystemKinds, websiteKinds)

func collect(services ...map[string]*kind) map[string]*kind {
	all := map[string]*kind{}
	for _, service := range services {
		maps.Copy(all, service)
	}
	return all
}

func kindOf(token string) (*kind, error) {
	if k, ok := kinds[token]; ok {
		return k, nil
	}
	return nil, fmt.Errorf("the twin knows the properties of %s and cannot hold one: there is no kind for it", token)
}

func (k *kind) identify(c *Call, o *Object) string {
	if k.id == nil {
		return c.hex(17)
	}
	return k.id(c, o)
}

func (k *kind) prepared(c *Call, o *Object) {
	for _, prepare := range k.prepare {
		prepare(c, o)
	}
}

func (k *kind) exists(o, existing *Object) error {
	code := cmp.Or(k.taken, "ResourceAlreadyExistsException")
	return fault(code, "%s already exists: it is %s; import it, or choose another name", o.ID, called(existing))
}

func (k *kind) storageKey(outputs value.Map, id string) string {
	if k.key == nil {
		return id
	}
	return k.key(outputs, id)
}

// complete sets what the cloud computes.
func (k *kind) complete(c *Call, o, old *Object) {
	if k.arn != "" {
		o.Outputs["arn"] = c.expand(k.arn, o)
	}
	if k.fill != nil {
		k.fill(c, o, old)
	}
	for name, template := range k.text {
		o.Outputs[name] = c.expand(template, o)
	}
	if r := facts.AWS().Resources[o.Type]; r != nil && r.FromSDK {
		setDefaults(o, silent(r.Properties))
	}
}

// silent is what the cloud returns for computed properties that nothing sets.
func silent(properties map[string]*facts.Property) value.Map {
	none := map[facts.Kind]any{facts.String: "", facts.Bool: false, facts.Int: 0.0, facts.Number: 0.0, facts.List: []any{},
		facts.Set: []any{},
		facts.Map: value.Map{}, facts.Object: value.Map{}}
	out := value.Map{}
	for name, p := range properties {
		if v := none[p.Kind]; p.Computed && v != nil && name != "tagsAll" && (p.OutputOnly() || p.Kind != facts.Object) {
			out[name] = v
		}
	}
	return out
}

// expand fills in a template.
func (c *Call) expand(template string, o *Object) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		name, after, _ := strings.Cut(rest, "}")
		switch name {
		case "partition":
			b.WriteString(Partition(o.Region))
		case "region":
			b.WriteString(o.Region)
		case "account":
			b.WriteString(c.accountID())
		case "id":
			b.WriteString(o.ID)
		default:
			b.WriteString(o.Text(name))
		}
		template = after
	}
}

// Partition returns the AWS partition of a region.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// prefixed gives EC2's form of an id: a prefix, a dash and seventeen digits.
func prefixed(prefix string) func(*Call, *Object) string {
	return func(c *Call, o *Object) string { return prefix + "-0" + c.hex(16) }
}

// byOutput uses an output as the id.
func byOutput(name string) func(*Call, *Object) string {
	return func(_ *Call, o *Object) string { return o.Text(name) }
}

// keyIn tells objects apart by what contains them, too.
func keyIn(property, separator string) func(value.Map, string) string {
	return func(outputs value.Map, id string) string { return textIn(outputs, property) + separator + id }
}

// byTemplate builds the id from a template.
func byTemplate(template string) func(*Call, *Object) string {
	return func(c *Call, o *Object) string { return c.expand(template, o) }
}

// setDefault sets an output that the program left to the cloud.
func setDefault(o *Object, name string, v any) {
	if o.Outputs[name] == nil {
		o.Outputs[name] = v
	}
}

func setDefaults(o *Object, defaults value.Map) {
	for name, v := range defaults {
		setDefault(o, name, value.Copy(v))
	}
}
