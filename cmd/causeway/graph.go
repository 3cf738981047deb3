package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/causeway-iac/causeway/cmd/causeway/internal/engine"
	"github.com/causeway-iac/causeway/graph"
	"github.com/causeway-iac/causeway/picture"
	"github.com/causeway-iac/causeway/twin"
)

func graphCommand(sh shell, stack *string) *cobra.Command {
	var out string
	var declared bool
	cmd := &cobra.Command{
		Use:   "graph",
		Short: "draw a stack as SVG and Mermaid",
		Long: `Draws the stack that is deployed on the twin and writes STACK.svg and STACK.mmd.
With --declared it draws what the program declares now, by deploying it on a
twin in memory, whatever is deployed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return draw(cmd, sh, *stack, out, declared) },
	}
	cmd.Flags().StringVarP(&out, "out", "o", "", "the directory to write to (default: .causeway/STACK)")
	cmd.Flags().BoolVar(&declared, "declared", false, "draw what the program declares, not what is deployed")
	return cmd
}

func draw(cmd *cobra.Command, sh shell, stack, out string, declared bool) error {
	p, err := locate(stack)
	if err != nil {
		return err
	}
	if out == "" {
		out = p.Home(stack)
	}
	write := func(e *engine.Engine) error {
		g, err := e.Graph()
		if err != nil {
			return err
		}
		return writePictures(cmd, g, out, stack)
	}
	if declared {
		return throwaway(cmd, sh, stack, func(_ *twin.Twin, e *engine.Engine) error { return write(e) })
	}
	c, err := begin(cmd.Context(), cmd, sh, stack, notNeeded)
	if err != nil {
		return err
	}
	if len(c.twin.Resources()) == 0 {
		err = fmt.Errorf("nothing of %s is deployed: start `causeway up%s` first, or draw what the program declares with --declared", stack,
			c.flag())
	} else {
		err = write(c.engine)
	}
	return errors.Join(err, c.close())
}

// writePictures writes the graph in both forms and says where.
func writePictures(cmd *cobra.Command, g *graph.Graph, dir, stack string) error {
	svg, err := picture.SVG(g)
	if err != nil {
		return fmt.Errorf("drawing the SVG: %w", err)
	}
	mermaid, err := picture.Mermaid(g)
	if err != nil {
		return fmt.Errorf("drawing the flowchart: %w", err)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("writing the pictures: %w", err)
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{stack + ".svg", svg}, {stack + ".mmd", []byte(mermaid)}} {
		path := filepath.Join(dir, f.name)
		if err := os.WriteFile(path, f.text, 0o644); err != nil {
			return fmt.Errorf("writing the pictures: %w", err)
		}
		fmt.Fprintln(cmd.OutOrStdout(), path)
	}
	return nil
}
