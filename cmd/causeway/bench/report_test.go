package main

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/infra/addressplan"
	"github.com/causeway-iac/causeway/stacks"
)

func TestATableForEyesAndForADocument(t *testing.T) {
	tab := table{title: "Times", note: "In seconds.", header: []string{"what", "× floor"},
		rows: [][]string{{"preview", "1.25"}, {"up", "-"}}}
	assert.Equal(t, "Times\nIn seconds.\n\nwhat     × floor\npreview  1.25\nup       -\n", tab.text())
	assert.Equal(t, "## Times\n\nIn seconds.\n\n| what | × floor |\n| --- | --- |\n| preview | 1.25 |\n| up | - |\n", tab.markdown())
}

func TestResultsAreComparedWithTheNewest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bench")
	none, err := last(dir)
	require.NoError(t, err)
	assert.Nil(t, none)
	ratios := map[float64]time.Time{
		2: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC),
		4: time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC),
		3: time.Date(2026, 11, 1, 8, 0, 0, 0, time.UTC),
	}
	for ratio, taken := range ratios {
		_, err := results(taken, ratio).write(dir, "")
		require.NoError(t, err)
	}
	newest, err := last(dir)
	require.NoError(t, err)
	row := results(time.Now(), 5).tables(newest)[0].rows[0]
	assert.Equal(t, []string{"throwaway", "1", "10", "preview", "1", "0.50", "1.00", "2.00", "5.00", "5.00", "4.00", "10.00", "8.00",
		"5.00", "4.00"}, row)

	require.NoError(t, os.WriteFile(filepath.Join(dir, "99990101T000000Z.json"), []byte("{"), 0o644))
	_, err = last(dir)
	assert.ErrorContains(t, err, "99990101T000000Z.json")
	assert.ErrorContains(t, err, "remove it")
}

func results(taken time.Time, ratio float64) *Results {
	r := newResults(taken)
	for program, took := range map[string]float64{"empty": 0.5, "bare": 1, "same": 2, "platform": ratio} {
		f := &Figure{Program: program, Operation: "preview", Platforms: 1, Seconds: []float64{took}, CPU: []float64{took}}
		if program != "empty" {
			f.Resources = 10
		}
		if program == "platform" {
			f.CPU[0] *= 2
		}
		r.Figures = append(r.Figures, f)
	}
	return r
}

func TestSizesAsAPersonWritesThem(t *testing.T) {
	var s sizes
	require.NoError(t, s.Set("1,5,20"))
	assert.Equal(t, sizes{1, 5, 20}, s)
	assert.Equal(t, "1,5,20", s.String())
	require.NoError(t, s.Set(""), "none is measured")
	assert.Empty(t, s)
	for _, bad := range []string{"0", "one", "1,-5", "201"} {
		assert.ErrorContains(t, s.Set(bad), "is not a number of platforms", bad)
	}
	var c counts
	require.NoError(t, c.Set("1000,5000"))
	assert.Equal(t, "1000,5000", c.String())
	assert.ErrorContains(t, c.Set("0"), "is not a number of resources")
}

// Platforms in one stack must not meet: the twin would refuse the same network or
// the same name twice, and the engine the same URN.
func TestPlatformsSideBySideHaveNothingInCommon(t *testing.T) {
	base := stacks.Settings{DNS: stacks.DNSSettings{Zone: "example.com", Names: []string{"www.example.com"}}}
	seen := map[string]bool{}
	for i := range mostPlatforms {
		s := nth(base, i)
		for _, value := range []string{s.Name, s.Domain, s.Network.CIDR} {
			assert.False(t, seen[value], value)
			seen[value] = true
		}
		_, problems := addressplan.New(s.Network.CIDR)
		assert.Empty(t, problems, s.Network.CIDR)
		assert.Empty(t, s.DNS.Names)
	}
	assert.Equal(t, []string{"www.example.com"}, base.DNS.Names)
}

// Where as many platforms were previewed in the run, their proof is a part of that time.
func TestProofsStandBesideThePreviewOfAsMany(t *testing.T) {
	r := results(time.Now(), 8)
	for _, n := range []int{1, 50} {
		r.Proofs = append(r.Proofs,
			&Figure{Program: "platform", Operation: "read", Platforms: n, Resources: 10 * n, Seconds: []float64{0.5 * float64(n)},
				CPU: []float64{0.25 * float64(n)}},
			&Figure{Program: "platform", Operation: "reach", Platforms: n, Resources: 10 * n, Seconds: []float64{0.2 * float64(n)}},
			&Figure{Program: "platform", Operation: "verify", Platforms: n, Resources: 10 * n, Seconds: []float64{1.5 * float64(n)},
				CPU: []float64{float64(n)}, Bytes: 64 << 20})
	}
	before := results(time.Now(), 8)
	before.Proofs = Figures{
		{Program: "platform", Operation: "read", Platforms: 1, CPU: []float64{1}},
		{Program: "platform", Operation: "verify", Platforms: 1, CPU: []float64{2}},
	}
	var proofs table
	for _, tab := range r.tables(before) {
		if tab.title == "Proving what is deployed" {
			proofs = tab
		}
	}
	assert.Equal(t, [][]string{
		{"1", "10", "1", "0.500", "1.500", "500", "200", "1500", "1250", "3000", "0.25", "64"},
		{"50", "500", "1", "25.000", "75.000", "500", "200", "1500", "1250", "-", "-", "64"},
	}, proofs.rows)
}
