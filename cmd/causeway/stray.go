package main

import (
	"fmt"
	"strings"
)

// strays reports what was created although its answer was lost: the state does not know it, and on AWS nobody else would
// either. A person has to import or remove it.
func (c *console) strays() error {
	lost := c.twin.Lost()
	if len(lost) == 0 {
		return nil
	}
	known, err := c.engine.Known()
	if err != nil {
		return err
	}
	for _, x := range lost {
		if known[x.URN+" "+x.ID] {
			continue
		}
		name := x.URN[strings.LastIndexByte(x.URN, ':')+1:]
		what := fmt.Sprintf("%s %s was made as %s, and its answer was lost: the state does not know it. ", x.Type, name, x.ID)
		away := fmt.Sprintf("`causeway twin%s drift delete %s %s`", c.flag(), x.Type, x.ID)
		if known[x.URN] {
			c.notice(what + "There is another by now: take this one away by " + away)
			continue
		}
		c.notice(fmt.Sprintf("%sTake it in by `pulumi import %s %s %s`, or away by %s; the next run makes another", what, x.Type, name,
			x.ID, away))
	}
	return nil
}
