package infra

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Component is what every component tells Declare about itself.
type Component struct {
	// Type is the token's last two parts, such as network:Network.
	Type string
	// Name is the logical name, which errors begin with.
	Name string
	// Platform is the platform that the component belongs to.
	Platform *Platform
	// Wiring is what the component is wired to: one pointer, or a struct of them. Each is required. A field's tag
	// `missing:"..."` says why it may be nil; a field's Validate method, if it has one, is called for its problems.
	Wiring any
	// Problems are the problems with the component's settings.
	Problems Problems
	// Options are the options that the caller passed.
	Options []pulumi.ResourceOption
}

// Refused is the error of a component that cannot be made from what it was given. It is returned before any part of
// it is registered or, if the problem shows only in what it declares, while that is put together.
type Refused struct {
	Type, Name string
	Problems
}

func (r *Refused) Error() string { return r.Type + " " + r.Name + ": " + r.Problems.Error() }
func (r *Refused) Unwrap() error { return r.Problems }

// Declare refuses a component whose wiring or settings are wrong before any part of it is registered. Otherwise it
// registers the component as resource, calls declare to make its parts, and registers the outputs that declare
// returns.
func Declare(ctx *pulumi.Context, c Component, resource pulumi.ComponentResource, declare func() (pulumi.Map, error)) error {
	if problems := append(c.missing(), c.Problems...); len(problems) > 0 {
		return &Refused{c.Type, c.Name, problems}
	}
	if err := ctx.RegisterComponentResource("causeway:"+c.Type, c.Name, resource, c.Options...); err != nil {
		return fmt.Errorf("registering %s %s: %w", c.Type, c.Name, err)
	}
	outputs, err := declare()
	if err != nil {
		return fmt.Errorf("%s %s: %w", c.Type, c.Name, err)
	}
	return ctx.RegisterResourceOutputs(resource, outputs)
}

// InOrder runs the steps that declare a component's parts, up to the first that fails.
func InOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c Component) missing() Problems {
	var problems Problems
	if c.Platform == nil {
		problems.Add("platform", "pass the platform that the component belongs to", "is missing")
	}
	if c.Wiring == nil {
		return problems
	}
	wiring := reflect.ValueOf(c.Wiring)
	if wiring.Kind() != reflect.Struct {
		return append(problems, required(wiring, strings.TrimPrefix(wiring.Type().String(), "*"), "")...)
	}
	for i, field := range reflect.VisibleFields(wiring.Type()) {
		problems = append(problems, required(wiring.Field(i), field.Name, field.Tag.Get("missing"))...)
	}
	return problems
}

func required(value reflect.Value, name, why string) Problems {
	var problems Problems
	if value.Kind() == reflect.Interface && !value.IsNil() {
		value = value.Elem()
	}
	if value.IsNil() {
		problems.Add(name, why, "is missing from the component's wiring")
		return problems
	}
	if checked, ok := value.Interface().(interface{ Validate() Problems }); ok {
		return checked.Validate().Under(name)
	}
	return nil
}
