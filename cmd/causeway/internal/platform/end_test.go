package platform

import (
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
	s.set(`protect: false`, `waivers: {unprotected: {reason: "it is taken down", expires: `+time.Now().AddDate(0, 6, 0).Format(time.DateOnly)+`}}`)
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
