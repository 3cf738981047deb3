package platform

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const vaultType = "aws:backup/vault:Vault"

// filled puts into a deployed platform what operation puts there: copies in the vault, and a record that nobody declared.
func (s *site) filled() {
	s.t.Helper()
	for _, r := range s.twin.Resources() {
		if r.Type == vaultType {
			require.NoError(s.t, s.twin.Alter(r.Type, r.ID, map[string]any{"recoveryPoints": 3}))
		}
	}
}

// A stack that is disposable goes whole, also a part that a setting turns off.
func TestADisposableStackGoesWhole(t *testing.T) {
	s := newSite(t, "dev", `database: {backupPlan: true}`, `dns: {zone: example.com, provider: route53, create: true}`)
	s.up()
	s.filled()
	s.set(`database: {backupPlan: false}`, `dns: {zone: example.com, provider: route53, create: true}`)
	assert.Contains(t, changed(s.up()), "delete backup/vault:Vault dev-backup")
	s.set(`database: {backupPlan: true}`, `dns: {zone: example.com, provider: route53, create: true}`)
	s.up()
	s.filled()
	_, err := s.engine.Destroy(t.Context(), nil)
	require.NoError(t, err)
	assert.Empty(t, s.twin.Resources())
}

// Production goes in one run, as the command line says: protect set to false, deployed, destroyed. What holds data
// stays, with what keeps it closed, encrypted and limited in time, and nothing else does.
func TestWhatStaysOfProduction(t *testing.T) {
	s := newSite(t, "prod")
	s.up()
	s.filled()
	s.set(`protect: false`, `waivers: {unprotected: {reason: "it is taken down", expires: `+time.Now().AddDate(0, 6, 0).
		Format(time.DateOnly)+`}}`)
	s.up()
	retained, err := s.engine.Retained(func(string, string) bool { return false })
	require.NoError(t, err)
	outcome, err := s.engine.Destroy(t.Context(), nil)
	require.NoError(t, err, "%+v", outcome.Problems)

	kinds := map[string]int{}
	for _, r := range s.twin.Resources() {
		assert.True(t, retained[r.URN+" "+r.ID] || r.URN == "", "%s %s is left", r.Type, r.ID)
		kinds[r.Type]++
	}
	for typ, want := range map[string]int{
		"aws:s3/bucketV2:BucketV2": 2, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": 2, "aws:s3/bucketPolicy:BucketPolicy": 2,
		"aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2": 2,
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2":                       2,
		"aws:s3/bucketObjectv2:BucketObjectv2":                                                       2, vaultType: 1, "aws:kms/key:Key": 3,
	} {
		assert.Equal(t, want, kinds[typ], typ)
	}
	for typ := range kinds {
		known := typ == vaultType || typ == "aws:kms/key:Key" || strings.HasPrefix(typ, "aws:s3/bucket") || strings.Contains(typ, "napshot")
		assert.True(t, known, "%s stays", typ)
	}
}

// A state belongs to an account and a region. Both ways that are right are named, and taking the change back is one.
func TestAStackStaysInItsPlace(t *testing.T) {
	s := newSite(t, "dev")
	s.up()
	for setting, line := range map[string]string{"region": `region: eu-central-1`, "accountId": `accountId: "999999999999"`} {
		s.set(line)
		before := len(s.twin.Events())
		_, err := s.engine.Preview(t.Context(), nil)
		require.Error(t, err, setting)
		outcome, err := s.engine.Up(t.Context(), nil)
		require.Error(t, err, setting)
		var said []string
		for _, p := range outcome.Problems {
			said = append(said, p.Message)
		}
		text := strings.Join(said, "\n")
		assert.Contains(t, text, setting+": this stack is deployed in ")
		assert.Contains(t, text, "Set it back to")
		assert.Contains(t, text, "a stack of their own")
		for _, e := range s.twin.Events()[before:] {
			assert.False(t, slices.Contains([]string{"create", "update", "delete"}, e.Operation), "%s: %s %s", setting, e.Operation, e.URN)
		}
	}
	s.set()
	s.unchanged()
}
