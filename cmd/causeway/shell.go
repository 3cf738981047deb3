package main

import (
	"os"
	"strings"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/fence"
)

// shell is what is kept of the environment that the command started in, before the fence: the passphrase of encrypted
// settings, where plugins are, and the names of what holds credentials.
type shell struct {
	passphrase  string
	pulumiHome  string // PULUMI_HOME
	credentials []string
	environ     []string // all of it, for a person's own programs
}

func readShell() shell {
	s := shell{
		passphrase: os.Getenv("PULUMI_CONFIG_PASSPHRASE"), pulumiHome: os.Getenv("PULUMI_HOME"),
		credentials: fence.Credentials(os.Environ()), environ: os.Environ(),
	}
	if s.passphrase == "" {
		if b, err := os.ReadFile(os.Getenv("PULUMI_CONFIG_PASSPHRASE_FILE")); err == nil {
			s.passphrase = strings.TrimSpace(string(b))
		}
	}
	return s
}
