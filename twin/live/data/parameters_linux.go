package data

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
)

// applicable are the parameter group's parameters that this server takes, and the names of the others: those that only
// RDS has, sizes that follow the class's memory, and those of another major version or a missing extension.
func (s *server) applicable(ctx context.Context) (settings map[string]string, unknown []string) {
	settings = map[string]string{}
	var asked []string
	for _, name := range slices.Sorted(maps.Keys(s.parameters)) {
		value := s.parameters[name]
		switch {
		case name == "rds.force_ssl": // pg_hba.conf's
		case strings.HasPrefix(name, "rds."), strings.Contains(value, "{"):
			unknown = append(unknown, name)
		case name == "shared_preload_libraries":
			if value = s.libraries(value); value != "" {
				settings[name] = value
			}
			if value != s.parameters[name] {
				unknown = append(unknown, name)
			}
		default:
			asked = append(asked, name)
		}
	}
	all := s.takes(ctx, asked...)
	for _, name := range asked {
		if all || s.takes(ctx, name) {
			settings[name] = s.parameters[name]
		} else {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	return settings, unknown
}

// takes asks the server itself whether it takes some parameters.
func (s *server) takes(ctx context.Context, names ...string) bool {
	args := []string{"-D", s.data(), "-C", "port"}
	for _, name := range names {
		args = append(args, "-c", name+"="+s.parameters[name])
	}
	cmd := s.command(ctx, "postgres", args...)
	cmd.Stdout, cmd.Stderr = nil, nil
	return cmd.Run() == nil
}

// libraries are the listed ones that this server has.
func (s *server) libraries(list string) string {
	var have []string
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		for _, folder := range []string{"../lib", "../lib/postgresql", "../../lib/postgresql"} {
			if found, _ := filepath.Glob(filepath.Join(s.bin, folder, name+".so")); len(found) > 0 {
				have = append(have, name)
				break
			}
		}
	}
	return strings.Join(have, ",")
}

// reload rewrites the parameters; those that need no restart take effect.
func (s *server) reload(ctx context.Context) error {
	if err := s.writeSettings(ctx); err != nil {
		return err
	}
	return s.execute(ctx, "postgres", "SELECT pg_reload_conf()")
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func identifier(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
