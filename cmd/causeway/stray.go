package main

import (
	"fmt"
	"strings"
)

// strays tells of what was made and whose answer was lost: the state does not know it, and neither at AWS
// does anyone else. A person has to take it in or away.
func (r *rehearsal) strays() error {
	lost := r.twin.Lost()
	if len(lost) == 0 {
		return nil
	}
	known, err := r.engine.Known()
	if err != nil {
		return err
	}
	for _, x := range lost {
		if known[x.URN+" "+x.ID] {
			continue
		}
		name := x.URN[strings.LastIndexByte(x.URN, ':')+1:]
		r.notice(fmt.Sprintf("%s %s was made as %s, and its answer was lost: the state does not know it. "+
			"Take it in by `pulumi import %[1]s %[2]s %[3]s`, or away by `causeway twin%[4]s drift delete %[1]s %[3]s`; the next run makes another", x.Type, name, x.ID, r.flag()))
	}
	return nil
}
