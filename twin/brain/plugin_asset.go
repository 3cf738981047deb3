package brain

import (
	"strings"

	"google.golang.org/protobuf/types/known/structpb"

	"github.com/causeway-iac/causeway/twin/value"
)

// A provider built without Pulumi's translation of assets takes a file's path where the published one takes an asset, and
// refuses the asset. It is given a text in place of each.
const refusesAssets = "unexpected asset"

// translation is how one question's properties are written, and its answer read.
type translation struct {
	plain  bool           // assets are written as texts
	assets map[string]any // by the text that stands in for them
}

// translated asks, and asks again without assets if the provider takes none.
func (p *Plugin) translated(ask func(*translation) error) error {
	t := &translation{plain: p.plainAssets.Load(), assets: map[string]any{}}
	err := ask(t)
	if err != nil && !t.plain && strings.Contains(err.Error(), refusesAssets) {
		p.plainAssets.Store(true)
		err = ask(&translation{plain: true, assets: map[string]any{}})
	}
	return err
}

func (t *translation) write(m value.Map) (*structpb.Struct, error) {
	return value.ToWire(t.out(value.RevealMap(m)).(value.Map))
}

func (t *translation) read(s *structpb.Struct) value.Map {
	return t.in(value.FromWire(s)).(value.Map)
}

func (t *translation) out(v any) any {
	if !t.plain {
		return v
	}
	if value.IsAsset(v) {
		text := "asset:" + value.AssetHash(v)
		t.assets[text] = v
		return text
	}
	return each(v, t.out)
}

func (t *translation) in(v any) any {
	if text, ok := v.(string); ok && t.assets[text] != nil {
		return t.assets[text]
	}
	return each(v, t.in)
}

// each applies f to what is in a map or list.
func each(v any, f func(any) any) any {
	switch x := v.(type) {
	case value.Map:
		out := make(value.Map, len(x))
		for k, e := range x {
			out[k] = f(e)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, e := range x {
			out[i] = f(e)
		}
		return out
	}
	return v
}
