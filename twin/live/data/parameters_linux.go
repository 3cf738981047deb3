package data

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// settingsFile is in the database's folder.
const settingsFile = "parameters.conf"

// configure writes the server's file of parameters: the parameter group's, as far as this server takes them, then the living
// world's own.
func (s *server) configure(ctx context.Context) error {
	s.settings, s.unknown = s.applicable(ctx)
	usual, own := s.engine.own()
	for name, value := range usual {
		if _, ok := s.settings[name]; !ok {
			own[name] = value
		}
	}
	files := s.engine.files()
	for _, group := range []map[string]string{s.settings, own} {
		for _, name := range slices.Sorted(maps.Keys(group)) {
			files[settingsFile] += s.engine.line(name, group[name]) + "\n"
		}
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("writing the database's parameters: %w", err)
		}
	}
	return nil
}

// applicable are the parameter group's parameters that this server takes, and the names of the others: those that only
// RDS has, sizes that follow the class's memory, and those of another version or a missing extension.
func (s *server) applicable(ctx context.Context) (settings map[string]string, unknown []string) {
	settings = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(s.parameters)) {
		value, whole := s.engine.adapt(name, s.parameters[name])
		if !whole || strings.Contains(value, "{") {
			unknown = append(unknown, name)
		}
		if value != "" && !strings.Contains(value, "{") {
			settings[name] = value
		}
	}
	if !s.engine.takes(ctx, settings) {
		for name, value := range settings {
			if !s.engine.takes(ctx, map[string]string{name: value}) {
				delete(settings, name)
				unknown = append(unknown, name)
			}
		}
	}
	slices.Sort(unknown)
	return settings, unknown
}
