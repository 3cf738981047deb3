package proof_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/causeway-iac/causeway/proof"
	"github.com/causeway-iac/causeway/proof/report"
	"github.com/causeway-iac/causeway/proof/specimen"
)

// A replacement that failed half-way is one thing to say, and not one of each check.
func TestAnUnfinishedDeploymentIsToldOnce(t *testing.T) {
	s := specimen.Read(t, prod)
	s.The("ec2/securityGroup:SecurityGroup", "prod-web").Again().Leftover()
	r := proof.Verify(s.Graph(), report.FromState, time.Now())
	assert.True(t, r.Failed)
	var told []string
	for _, f := range r.Findings {
		if f.Verdict.Fails() && !slices.Contains(told, f.Found) {
			told = append(told, f.Found)
		}
	}
	assert.Equal(t, []string{"the last deployment is unfinished: what it has replaced is still there"}, told)
}
