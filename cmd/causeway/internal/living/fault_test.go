package living

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/live/plan"
)

func small() *plan.Plan {
	return &plan.Plan{
		Nodes: []plan.Node{{Name: "app-a-1", Kind: plan.KindMachine, Zone: "eu-west-1a"}, {Name: "app-b-2", Kind: plan.KindMachine,
			Zone: "eu-west-1b"}, {Name: "database-a", Kind: plan.KindDatabase, Zone: "eu-west-1a"}},
		Databases:    []plan.Database{{ID: "local-database-7f"}},
		Certificates: []plan.Certificate{{ARN: "arn:c", Names: []string{"guestbook.test", "www.guestbook.test"}}},
	}
}

func TestWhatAPersonMeans(t *testing.T) {
	for _, c := range []struct{ kind, text, target string }{
		{"kill", "app", "app-a-1"}, {"fill", "app-b", "app-b-2"}, {"slow", "database", "database-a"},
		{"zone", "b", "eu-west-1b"}, {"zone", "eu-west-1a", "eu-west-1a"},
		{"cut", "database", "local-database-7f"}, {"rotate", "", "local-database-7f"}, {"cut", "7f", "local-database-7f"},
		{"expire", "www.guestbook.test", "www.guestbook.test"},
	} {
		target, err := kindOf(c.kind).of(small(), c.text)
		require.NoError(t, err, "%s %s", c.kind, c.text)
		assert.Equal(t, c.target, target, "%s %s", c.kind, c.text)
	}
	for _, c := range []struct{ kind, text, refusal string }{
		{"fill", "database", `there is no node "database": there are app-a-1, app-b-2`},
		{"zone", "eu-west-1c", `there is no zone "eu-west-1c": there are eu-west-1a, eu-west-1b`},
		{"cut", "mine", `there is no database "mine": there are local-database-7f`},
		{"expire", "example.com", `no certificate is for "example.com"`},
	} {
		_, err := kindOf(c.kind).of(small(), c.text)
		assert.EqualError(t, err, c.refusal)
	}
	_, err := database(&plan.Plan{}, "database")
	assert.EqualError(t, err, "there is no database")
}

func TestAFaultEndsWhereItBeganAndWithWhatItIsOf(t *testing.T) {
	p, f := small(), &faults{}
	for _, of := range []Fault{{Kind: "fill", Target: "app-b-2"}, {Kind: "zone", Target: "eu-west-1a"},
		{Kind: "expire", Target: "guestbook.test"}} {
		f.note(of)
	}
	target, err := f.meant(p, Fault{Kind: "fill", Target: "app", End: true})
	require.NoError(t, err)
	assert.Equal(t, "app-b-2", target, "the one that is full, and not the first of the name")
	target, err = f.meant(p, Fault{Kind: "fill", Target: "app"})
	require.NoError(t, err)
	assert.Equal(t, "app-a-1", target)

	f.note(Fault{Kind: "zone", Target: "ap-south-1b"})
	p.Nodes[1].Zone = "ap-south-1b"
	target, err = f.meant(p, Fault{Kind: "zone", Target: "b", End: true})
	require.NoError(t, err)
	assert.Equal(t, "ap-south-1b", target)
	target, err = f.meant(p, Fault{Kind: "zone", Target: "a", End: true})
	require.NoError(t, err)
	assert.Equal(t, "eu-west-1a", target)
	f.note(Fault{Kind: "zone", Target: "ap-south-1b", End: true})

	p.Nodes = append(p.Nodes[:1], plan.Node{Name: "app-b-3", Kind: plan.KindMachine, Zone: "eu-west-1b"}) // the full one was replaced
	assert.Equal(t, []string{"zone eu-west-1a", "expire guestbook.test"}, f.list(p))
	f.note(Fault{Kind: "zone", Target: "eu-west-1a", End: true})
	assert.Equal(t, []string{"expire guestbook.test"}, f.list(p))
}
