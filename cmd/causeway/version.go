package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/spf13/cobra"
)

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the versions of this program, its engine and its clouds' SDKs",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprint(cmd.OutOrStdout(), versions())
			return err
		},
	}
}

// versions are this program's and those of what it is made of, one a line.
func versions() string {
	own, modules := "(devel)", map[string]string{}
	if info, ok := debug.ReadBuildInfo(); ok {
		own = info.Main.Version
		for _, m := range info.Deps {
			modules[m.Path] = m.Version
		}
	}
	return fmt.Sprintf("causeway %s\npulumi %s\npulumi-aws %s\npulumi-cloudflare %s\n%s %s/%s\n", own, "v"+sdk.Version.String(),
		modules["github.com/pulumi/pulumi-aws/sdk/v6"], modules["github.com/pulumi/pulumi-cloudflare/sdk/v5"],
		runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
