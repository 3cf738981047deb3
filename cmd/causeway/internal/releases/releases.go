// Package releases lists what a stack's bucket of releases holds, and which of it is deployed.
package releases

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Release is one that can be deployed, by the name that the setting release takes.
type Release struct {
	Tier     string    `json:"tier"`
	Name     string    `json:"release"` // sha256: and the hash of its content
	Came     time.Time `json:"came,omitzero"`
	Deployed bool      `json:"deployed"`
	Servers  int       `json:"servers,omitempty"` // how many of Of servers run it; known on the twin
	Of       int       `json:"of,omitempty"`
}

// Thing is what a resource says of releases.
type Thing struct {
	Type    string
	Created time.Time
	Outputs map[string]any
}

const (
	objectType   = "aws:s3/bucketObjectv2:BucketObjectv2"
	templateType = "aws:ec2/launchTemplate:LaunchTemplate"
	machineType  = "aws:ec2/instance:Instance"
)

// object is an object's key; fetched is what servers fetch first.
var (
	object  = regexp.MustCompile(`^([a-z0-9-]+)/releases/([0-9a-f]{64})$`)
	fetched = regexp.MustCompile(`source='s3://[^/']+/([^']+)'`)
)

// List is the releases that things and the bucket's objects tell of, by tier, newest first.
func List(things []Thing, objects []Object) []Release {
	found := map[string]*Release{} // by key
	add := func(key string, came time.Time) *Release {
		parts := object.FindStringSubmatch(key)
		if parts == nil {
			return &Release{}
		}
		if found[key] == nil {
			found[key] = &Release{Tier: parts[1], Name: "sha256:" + parts[2]}
		}
		if !came.IsZero() {
			found[key].Came = came
		}
		return found[key]
	}
	for _, o := range objects {
		add(o.Key, o.LastModified)
	}
	for _, t := range things {
		if t.Type == objectType {
			add(text(t, "key"), t.Created)
		}
	}
	for _, t := range things {
		if t.Type != templateType {
			continue
		}
		data, _ := base64.StdEncoding.DecodeString(text(t, "userData"))
		source := fetched.FindSubmatch(data)
		if source == nil {
			continue
		}
		r := add(string(source[1]), time.Time{})
		r.Deployed = true
		count(r, t, things)
	}
	var all []Release
	for _, r := range found {
		all = append(all, *r)
	}
	slices.SortFunc(all, func(a, b Release) int {
		return cmp.Or(strings.Compare(a.Tier, b.Tier), b.Came.Compare(a.Came), strings.Compare(a.Name, b.Name))
	})
	return all
}

// count counts a template's servers, and those on its latest version.
func count(r *Release, template Thing, things []Thing) {
	for _, t := range things {
		id, version, _ := strings.Cut(text(t, "launchTemplate"), ":")
		if t.Type != machineType || id != text(template, "id") {
			continue
		}
		r.Of++
		if version == text(template, "latestVersion") {
			r.Servers++
		}
	}
}

func text(t Thing, name string) string {
	if n, ok := t.Outputs[name].(float64); ok {
		return fmt.Sprint(n)
	}
	s, _ := t.Outputs[name].(string)
	return s
}

// ReadState reads what `pulumi stack export` wrote.
func ReadState(from io.Reader) (things []Thing, err error) {
	var state struct {
		Deployment struct {
			Resources []struct {
				Type    string         `json:"type"`
				Created time.Time      `json:"created"`
				Outputs map[string]any `json:"outputs"`
				Delete  bool           `json:"delete"`
			} `json:"resources"`
		} `json:"deployment"`
	}
	if err := json.NewDecoder(from).Decode(&state); err != nil {
		return nil, fmt.Errorf("reading the stack: %w", err)
	}
	for _, r := range state.Deployment.Resources {
		if !r.Delete {
			things = append(things, Thing{Type: r.Type, Created: r.Created, Outputs: r.Outputs})
		}
	}
	return things, nil
}

// Object is one in a bucket, as `aws s3api list-objects-v2` writes it.
type Object struct {
	Key          string
	LastModified time.Time
}

// ReadObjects reads what `aws s3api list-objects-v2` wrote.
func ReadObjects(from io.Reader) ([]Object, error) {
	var answer struct{ Contents []Object }
	if err := json.NewDecoder(from).Decode(&answer); err != nil {
		return nil, fmt.Errorf("reading the list of objects: %w", err)
	}
	return answer.Contents, nil
}
