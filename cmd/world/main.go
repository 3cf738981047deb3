// Command world is what runs inside the living world's namespaces: the world's own process, which is pid 1 there and
// the VPC's router, and a node for each owner of a network interface. causeway starts it; it links no Pulumi, so
// that a node costs little.
package main

import (
	"fmt"
	"os"
)

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintf(os.Stderr, "world: %v\n", err)
		os.Exit(1)
	}
}
