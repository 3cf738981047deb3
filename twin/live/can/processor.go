package can

import (
	"debug/elf"
	"fmt"
	"runtime"
)

type processor struct {
	machine      elf.Machine
	here, there  string // Go's name and AWS's
	instanceType string // one that has it
}

var processors = []processor{{elf.EM_X86_64, "amd64", "x86_64", "m7i.large"}, {elf.EM_AARCH64, "arm64", "arm64", "m7g.large"}}

// ours is this computer's.
func ours() processor {
	for _, p := range processors {
		if p.here == runtime.GOARCH {
			return p
		}
	}
	return processor{here: runtime.GOARCH, instanceType: "that of this computer, which AWS has not"}
}

// Processor reports whether this computer has the processor that AWS calls so.
func Processor(arch string) bool { return ours().there == arch }

// Run refuses a program that is built for another processor than this computer's, and no other file.
func Run(path string) error {
	f, err := elf.Open(path)
	if err != nil {
		return nil // a script or an archive
	}
	defer f.Close()
	if f.Machine == ours().machine {
		return nil
	}
	built := f.Machine.String()
	for _, p := range processors {
		if p.machine == f.Machine {
			built = p.here
		}
	}
	return &Refusal{Why: fmt.Sprintf("it is built for %s, and this computer's processor is %s", built, runtime.GOARCH),
		Remedy: "an instanceType of that kind, such as " + ours().instanceType + ", has it built for this computer"}
}
