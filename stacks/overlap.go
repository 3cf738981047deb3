package stacks

import (
	"net/netip"
	"path/filepath"
	"slices"
	"strings"

	"github.com/causeway-iac/causeway/infra"
	"github.com/causeway-iac/causeway/infra/settings"
)

// checkOverlap compares the network with those of the project's other stacks: two that share addresses can never be
// connected, and a rule written for one reads as if it were for the other.
func checkOverlap(s Settings, folder string, own *settings.File) infra.Problems {
	var problems infra.Problems
	mine, err := netip.ParsePrefix(s.Network.CIDR)
	if err != nil {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(folder, "Pulumi.*.yaml"))
	if err != nil {
		return nil
	}
	slices.Sort(files)
	for _, path := range files {
		name := filepath.Base(path)
		if name == own.Name {
			continue
		}
		stack := strings.TrimSuffix(strings.TrimPrefix(name, "Pulumi."), ".yaml")
		other, err := settings.Open(folder, Project, stack)
		if err != nil {
			continue // that stack's own check reports the problem
		}
		network, _ := other.Tree["network"].(map[string]any)
		text, _ := network["cidr"].(string)
		if theirs, err := netip.ParsePrefix(text); err == nil && mine.Overlaps(theirs) {
			problems.Addf("network.cidr", "choose a range that does not overlap it", "%s overlaps %s of %s", mine, theirs, name)
		}
	}
	return problems
}
