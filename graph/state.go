package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// features are those features of a version 4 deployment that do not change the meaning of a resource's properties.
var features = []string{
	"byteString", "extensionParameterization", "hooks", "refreshBeforeUpdate", "replaceWith", "taint", "views",
}

const exportAgain = "export it again with `pulumi stack export`"

// FromState reads what `pulumi stack export` writes. It fails if the export is cut off, is of an unknown version, or
// contains an interrupted deployment.
func FromState(r io.Reader) (*Graph, error) {
	g, err := fromState(r)
	if err != nil {
		return nil, fmt.Errorf("reading an exported state: %w", err)
	}
	return g, nil
}

func fromState(r io.Reader) (*Graph, error) {
	var export struct {
		apitype.UntypedDeployment
		Steps json.RawMessage `json:"steps"` // of a preview
	}
	if err := decodeOne(r, &export); err != nil {
		return nil, fmt.Errorf("%w: %s", err, exportAgain)
	}
	if len(export.Steps) > 0 {
		return nil, errors.New("this is a preview: give it with --preview")
	}
	if len(export.Deployment) == 0 {
		return nil, errors.New("it has no deployment: give the file that `pulumi stack export` writes")
	}
	if export.Version != apitype.DeploymentSchemaVersionCurrent && export.Version != apitype.DeploymentSchemaVersionLatest {
		return nil, fmt.Errorf("its version is %d, and only 3 and 4 are known: %s of a version from 2020 to 2026", export.Version,
			exportAgain)
	}
	for _, feature := range export.Features {
		if !slices.Contains(features, feature) {
			return nil, fmt.Errorf("it uses %q, which this version of causeway does not know: use a newer one", feature)
		}
	}
	var deployment apitype.DeploymentV3
	if err := json.Unmarshal(export.Deployment, &deployment); err != nil {
		return nil, fmt.Errorf("its deployment: %w: %s", err, exportAgain)
	}
	if deployment.Metadata.IntegrityErrorMetadata != nil {
		return nil, errors.New("the state is damaged: repair it with `pulumi state repair` and " + exportAgain)
	}
	if len(deployment.PendingOperations) > 0 {
		return nil, fmt.Errorf("a deployment was interrupted, and what became of %s is not known: run `pulumi refresh` and %s",
			deployment.PendingOperations[0].Resource.URN, exportAgain)
	}
	if len(deployment.Resources) == 0 {
		return nil, errors.New("it has no resources: deploy the stack first")
	}
	return assemble(deployment.Resources)
}

func assemble(states []apitype.ResourceV3) (*Graph, error) {
	g := &Graph{}
	for _, state := range states {
		if state.PendingReplacement {
			return nil, fmt.Errorf("%s was deleted and not made again: run `pulumi up` to finish its replacement", state.URN)
		}
		r, err := newResource(state)
		if err != nil {
			return nil, err
		}
		if state.Delete {
			g.Leftovers = append(g.Leftovers, r)
			continue
		}
		g.Resources = append(g.Resources, r)
	}
	return g, g.finish()
}

func newResource(state apitype.ResourceV3) (*Resource, error) {
	if !state.URN.IsValid() {
		return nil, fmt.Errorf("%q is not the URN of a resource: the file is damaged", state.URN)
	}
	r := &Resource{
		URN: string(state.URN), Type: string(state.URN.Type()), Name: state.URN.Name(), Parent: string(state.Parent),
		ID: string(state.ID), Custom: state.Custom, External: state.External, Protect: state.Protect, IgnoreChanges: state.IgnoreChanges,
		Retained: state.RetainOnDelete, Source: source(state.SourcePosition),
		Dependencies: texts(state.Dependencies), PropertyDependencies: map[string][]string{},
	}
	filled, _ := state.Inputs["__defaults"].([]any)
	for _, property := range filled {
		if name, isText := property.(string); isText {
			r.Defaulted = append(r.Defaulted, name)
		}
	}
	r.Provider, _, _ = cutLast(state.Provider, "::")
	for property, urns := range state.PropertyDependencies {
		r.PropertyDependencies[string(property)] = texts(urns)
	}
	var err error
	if r.Inputs, err = DecodeProperties(state.Inputs); err != nil {
		return nil, fmt.Errorf("%s: %w", state.URN, err)
	}
	if r.Outputs, err = DecodeProperties(state.Outputs); err != nil {
		return nil, fmt.Errorf("%s: %w", state.URN, err)
	}
	return r, nil
}

// source turns the engine's "project:///main.go#12,3" into main.go:12. In a program built with -trimpath, its
// module's path stands in place of the project's folder.
func source(position string) string {
	file, line, found := strings.Cut(strings.TrimPrefix(position, "project:///"), "#")
	line, _, _ = strings.Cut(line, ",")
	if !found || line == "" {
		return ""
	}
	outside := file
	for strings.HasPrefix(outside, "../") {
		outside = outside[len("../"):]
	}
	if outside != file {
		parts := strings.SplitN(outside, "/", 4) // host/owner/repository/path
		if len(parts) < 4 || !strings.Contains(parts[0], ".") || strings.Contains(outside, "@") {
			return ""
		}
		file = parts[3]
	}
	return file + ":" + line
}

func texts(urns []resource.URN) []string {
	all := make([]string, len(urns))
	for i, urn := range urns {
		all[i] = string(urn)
	}
	slices.Sort(all)
	return all
}

// finish indexes the graph and refuses one that refers to resources it does not contain.
func (g *Graph) finish() error {
	g.index()
	for i, r := range g.Resources {
		if i > 0 && g.Resources[i-1].URN == r.URN {
			return fmt.Errorf("%s occurs twice: the file is damaged", r.URN)
		}
		if missing := g.missing(r); missing != "" {
			return fmt.Errorf("it is only a part: %s names %s, which is not there; read the whole stack", r.URN, missing)
		}
	}
	g.gatherSettings()
	g.takeApart()
	urn := resource.URN(g.Resources[0].URN)
	g.Stack, g.Project = string(urn.Stack()), string(urn.Project())
	return nil
}

func (g *Graph) missing(r *Resource) string {
	named := slices.Clone(r.Dependencies)
	for _, urns := range r.PropertyDependencies {
		named = append(named, urns...)
	}
	for _, urn := range append(named, r.Parent, r.Provider) {
		if urn != "" && g.byURN[urn] == nil {
			return urn
		}
	}
	return ""
}

// decodeOne reads exactly one JSON document, and refuses anything after it.
func decodeOne(r io.Reader, into any) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return errors.New("it is empty")
	}
	if bytes.HasPrefix(raw, []byte{0xff, 0xfe}) || bytes.HasPrefix(raw, []byte{0xfe, 0xff}) {
		return errors.New("it is UTF-16, as PowerShell's > writes, and must be UTF-8")
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(into); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("it is cut off")
		}
		return fmt.Errorf("it is not what was expected (%w)", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows its end")
	}
	return nil
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
