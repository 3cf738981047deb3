package graph

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

const previewAgain = "run `pulumi preview --json --show-sames` again"

// digest is what `pulumi preview --json` writes. The engine's own type for it is in a package that depends on the
// whole engine.
type digest struct {
	Steps       []step `json:"steps"`
	Diagnostics []struct {
		Message  string `json:"message"`
		Severity string `json:"severity"`
	} `json:"diagnostics"`
	ChangeSummary map[string]int    `json:"changeSummary"`
	Config        map[string]string `json:"config"`
	MaybeCorrupt  bool              `json:"maybeCorrupt"`

	Deployment json.RawMessage `json:"deployment"` // of an exported state

	continued bool // properties of updated resources that nobody asked for are kept
}

type step struct {
	Op       string              `json:"op"`
	URN      resource.URN        `json:"urn"`
	OldState *apitype.ResourceV3 `json:"oldState"`
	NewState *apitype.ResourceV3 `json:"newState"`

	DiffReasons    []string `json:"diffReasons"`
	ReplaceReasons []string `json:"replaceReasons"`
	DetailedDiff   map[string]struct {
		Kind string `json:"kind"`
	} `json:"detailedDiff"`
}

// FromPreview reads what `pulumi preview --json --show-sames` writes, as the stack would be afterwards. Identifiers
// that are not known yet are Unknown, and Ref resolves them by where they come from. It fails if the preview failed,
// is cut off, leaves out unchanged resources, or covers only a part of the stack.
//
// A preview does not tell what the cloud will compute. For a resource that would be made, Outputs contains no more
// than the provider predicted. For one that would be updated, it contains the outputs that cannot change (its
// identifiers) and those that are asked for; the rest is Unknown. The outputs of the stack and of components are not
// in a preview either, and are left empty.
func FromPreview(r io.Reader) (*Graph, error) {
	g, err := fromPreview(r)
	if err != nil {
		return nil, fmt.Errorf("reading a preview: %w", err)
	}
	return g, nil
}

func fromPreview(r io.Reader) (*Graph, error) {
	d, err := readDigest(r)
	if err != nil {
		return nil, err
	}
	return d.after()
}

func readDigest(r io.Reader) (*digest, error) {
	var d digest
	if err := decodeOne(r, &d); err != nil {
		return nil, fmt.Errorf("%w: %s", err, previewAgain)
	}
	return &d, d.whole()
}

// after returns the stack as it would be.
func (d *digest) after() (*Graph, error) {
	g := &Graph{}
	steps, err := d.last()
	if err != nil {
		return nil, err
	}
	if g.Before, err = d.before(); err != nil {
		return nil, err
	}
	for _, s := range steps {
		planned, err := s.resource()
		if err != nil {
			return nil, err
		}
		g.Resources = append(g.Resources, planned)
	}
	if len(g.Resources) == 0 {
		return nil, errors.New("nothing would be left of the stack: there is nothing to look at")
	}
	d.addDefaultProviders(g)
	d.keepWhatIsTold(g)
	if d.continued {
		g.keepWhatNobodyAskedFor()
	}
	return g, g.finish()
}

// addDefaultProviders adds the providers that the engine would make by itself, which a preview does not show.
func (d *digest) addDefaultProviders(g *Graph) {
	there := map[string]bool{}
	for _, r := range g.Resources {
		there[r.URN] = true
	}
	for _, r := range slices.Clone(g.Resources) {
		urn := resource.URN(r.Provider)
		if r.Provider == "" || there[r.Provider] || !urn.IsValid() || !isDefaultProvider(urn) {
			continue
		}
		there[r.Provider] = true
		p := &Resource{URN: r.Provider, Type: string(urn.Type()), Name: urn.Name(), Custom: true, Planned: true, Inputs: map[string]any{}}
		pkg := strings.TrimPrefix(p.Type, "pulumi:providers:")
		if region := d.Config[pkg+":region"]; region != "" {
			p.Inputs["region"] = region
		}
		p.Outputs, p.PropertyDependencies = map[string]any{}, map[string][]string{}
		g.Resources = append(g.Resources, p)
	}
}

// keepWhatIsTold keeps those outputs of updated resources that the engine has passed on to others: had the value been
// able to change, it would be unknown to them.
func (d *digest) keepWhatIsTold(g *Graph) {
	told := map[string]map[string]bool{}
	for _, r := range g.Resources {
		for property, urns := range r.PropertyDependencies {
			for _, urn := range urns {
				if told[urn] == nil {
					told[urn] = map[string]bool{}
				}
				Texts(r.Inputs[property], told[urn])
			}
		}
	}
	old := map[string]*Resource{}
	for _, r := range g.Before {
		old[r.URN] = r
	}
	for _, r := range g.Resources {
		if old[r.URN] == nil || r.Planned {
			continue
		}
		for key, value := range r.Outputs {
			was, isText := old[r.URN].Outputs[key].(string)
			if _, unknown := value.(Unknown); unknown && isText && told[r.URN][was] {
				r.Outputs[key] = was
			}
		}
	}
}

// keepWhatNobodyAskedFor restores the outputs of updates that were taken for unknown, except for resources that an
// unknown value elsewhere depends on.
func (g *Graph) keepWhatNobodyAskedFor() {
	awaited := map[string]bool{}
	for _, r := range g.Resources {
		for property, urns := range r.PropertyDependencies {
			if holdsUnknown(r.Inputs[property]) {
				for _, urn := range urns {
					awaited[urn] = true
				}
			}
		}
	}
	for _, r := range g.Resources {
		if !awaited[r.URN] {
			maps.Copy(r.Outputs, r.unasked)
		}
		r.unasked = nil
	}
}

func holdsUnknown(value any) bool {
	switch v := value.(type) {
	case Unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, holdsUnknown)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsUnknown)
	}
	return false
}

// Texts adds the texts within a value.
func Texts(value any, into map[string]bool) {
	switch v := value.(type) {
	case string:
		into[v] = true
	case []any:
		for _, element := range v {
			Texts(element, into)
		}
	case map[string]any:
		for _, element := range v {
			Texts(element, into)
		}
	}
}

// whole refuses a preview that does not contain everything it counts.
func (d *digest) whole() error {
	if len(d.Deployment) > 0 {
		return errors.New("this is an exported state: give it with --state")
	}
	for _, diagnostic := range d.Diagnostics {
		if diagnostic.Severity == "error" {
			return fmt.Errorf("the preview failed: %s", strings.TrimSpace(diagnostic.Message))
		}
	}
	if d.MaybeCorrupt {
		return errors.New("the engine says that the state may be damaged: run `pulumi refresh`, then " + previewAgain)
	}
	if len(d.ChangeSummary) == 0 {
		return errors.New("it has no summary: " + previewAgain)
	}
	shown := map[string]int{}
	for _, s := range d.Steps {
		if !s.URN.IsValid() {
			return fmt.Errorf("%q is not the URN of a resource: %s", s.URN, previewAgain)
		}
		for _, state := range []*apitype.ResourceV3{s.OldState, s.NewState} {
			if state != nil && state.URN != "" && state.URN != s.URN {
				return fmt.Errorf("a step for %s tells of %s: %s", s.URN, state.URN, previewAgain)
			}
		}
		if !isDefaultProvider(s.URN) {
			shown[s.Op]++
		}
	}
	for _, op := range slices.Sorted(maps.Keys(d.ChangeSummary)) {
		if missing := d.ChangeSummary[op] - shown[op]; missing > 0 && op == "same" {
			return fmt.Errorf("%d unchanged resources are left out: run `pulumi preview --json --show-sames`", missing)
		} else if missing > 0 {
			return fmt.Errorf("%d resources to %s are left out: %s", missing, op, previewAgain)
		}
	}
	return nil
}

// isDefaultProvider reports whether the engine made the provider by itself: such steps are shown, but the summary
// does not count them.
func isDefaultProvider(urn resource.URN) bool {
	return strings.HasPrefix(string(urn.Type()), "pulumi:providers:") && strings.HasPrefix(urn.Name(), "default")
}

// rank orders the steps of one resource by how much they say about what it becomes; 0 means that nothing remains.
var rank = map[string]int{
	"refresh": 1, "read": 2, "same": 2, "create": 2, "update": 2, "import": 2, "replace": 2,
	"create-replacement": 3, "read-replacement": 3, "import-replacement": 3,
	"delete": 0, "delete-replaced": 0, "discard": 0, "discard-replaced": 0, "remove-pending-replace": 0,
}

// last returns, for each resource that remains, the step that tells what it becomes.
func (d *digest) last() (map[resource.URN]step, error) {
	steps := map[resource.URN]step{}
	for _, s := range d.Steps {
		weight, known := rank[s.Op]
		if !known {
			return nil, fmt.Errorf("%s: %q is a step that this version of causeway does not know: use a newer one", s.URN, s.Op)
		}
		if weight == 0 {
			continue
		}
		if s.NewState == nil {
			return nil, fmt.Errorf("%s: the preview does not tell what it becomes: %s", s.URN, previewAgain)
		}
		before, again := steps[s.URN]
		switch {
		case again && rank[before.Op] == weight && before.Op == s.Op:
			return nil, fmt.Errorf("%s occurs twice: the file is damaged", s.URN)
		case !again || weight > rank[before.Op]:
			steps[s.URN] = s
		}
	}
	return steps, nil
}

// before returns the resources that change, as they are now.
func (d *digest) before() ([]*Resource, error) {
	var all []*Resource
	seen := map[resource.URN]bool{}
	for _, s := range d.Steps {
		if s.OldState == nil || s.Op == "same" || s.Op == "read" || s.Op == "refresh" || seen[s.URN] {
			continue
		}
		seen[s.URN] = true
		r, err := newResource(*s.OldState)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func (s step) resource() (*Resource, error) {
	state := *s.NewState
	state.URN = cmp.Or(state.URN, s.URN)
	r, err := newResource(state)
	if err != nil {
		return nil, err
	}
	if !r.Custom {
		r.Outputs = map[string]any{} // any outputs are the old ones
		return r, nil
	}
	replaced := s.Op == "replace" || strings.HasSuffix(s.Op, "-replacement")
	switch {
	case s.Op == "create" || replaced:
		// Most of what a provider predicts for a replacement is unknown, and none of it was asked for.
		r.ID, r.Planned, r.Outputs = "", true, map[string]any{}
	case s.Op == "same" && s.OldState == nil:
		return nil, fmt.Errorf("%s would not be made, since the preview was limited to some targets: run it without --target", s.URN)
	case s.OldState != nil:
		err = r.continues(*s.OldState, s)
	default: // read or imported for the first time
		r.Planned = len(r.Outputs) == 0
	}
	return r, err
}

// continues fills in what stays the same of a resource that exists already.
func (r *Resource) continues(state apitype.ResourceV3, s step) error {
	old, err := newResource(state)
	if err != nil {
		return err
	}
	r.ID = cmp.Or(r.ID, old.ID)
	if len(r.Outputs) == 0 {
		r.Outputs = maps.Clone(old.Outputs)
	}
	if s.Op != "update" {
		return nil
	}
	r.unasked = map[string]any{}
	for key, value := range r.Outputs {
		input, asked := r.Inputs[key]
		switch {
		case asked && !reflect.DeepEqual(input, old.Inputs[key]):
			r.Outputs[key] = input
		case !asked && key == "masterUserSecrets" && reflect.DeepEqual(r.Inputs[managed], old.Inputs[managed]):
			// RDS keeps the secret, whose value it rotates, for as long as it manages the password.
		case !asked && !slices.Contains(identities, key) && !slices.Contains(lasting, key):
			r.Outputs[key] = unknownUnlessNothing(value)
			if !s.differs(key) {
				r.unasked[key] = value
			}
		}
	}
	return nil
}

// differs reports whether the step lists the property, or something in it, as different.
func (s step) differs(property string) bool {
	within := func(path string) bool {
		rest, ok := strings.CutPrefix(path, property)
		return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(s.DetailedDiff)), within) || slices.ContainsFunc(s.DiffReasons, within)
}

const managed = "manageMasterUserPassword"

// lasting are outputs that only a replacement changes, because AWS's provider declares them so (ForceNew) or AWS
// makes them together with the resource.
var lasting = []string{
	"id", "ownerId", "vpcId", "zoneId", "subjectAlternativeNames", "prefixListId", "availabilityZone",
	"mainRouteTableId", "defaultRouteTableId", "defaultNetworkAclId", "defaultSecurityGroupId",
}

func unknownUnlessNothing(value any) any {
	if value == nil || value == "" {
		return value
	}
	return Unknown{}
}
