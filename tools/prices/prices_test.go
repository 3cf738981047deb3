package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// rates is a copy of the tables as they are.
func rates(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS("../../cost/rates")))
	return folder
}

func table(t *testing.T, folder, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, name))
	require.NoError(t, err)
	return string(text)
}

// The files of testdata have the form of AWS's own, in which a tier, a unit, an operating system and a region's
// prefix can each be taken for another.
func TestARegionIsRenewed(t *testing.T) {
	server := httptest.NewServer(http.FileServer(http.Dir("testdata")))
	defer server.Close()
	folder := rates(t)
	var out bytes.Buffer
	err := run(t.Context(), []string{"-region", "eu-west-1", "-from", server.URL, "-rates", folder}, &out)
	assert.EqualError(t, err, "not in the list, and left as they were: any type of rds-aurora-postgres.csv, log storage")
	assert.Contains(t, out.String(), "20 prices of eu-west-1 renewed")

	services := table(t, folder, "services.csv")
	for _, row := range []string{
		"nat gateway,eu-west-1,0.048,hour,pricelist-amazonec2-eu-west-1\n", "nat gateway,us-east-1,0.045,hour,vpc\n",
		"gp3 throughput,eu-west-1,0.044,MB/s-month,pricelist-amazonec2-eu-west-1\n",
		"interface endpoint traffic,eu-west-1,0.01,GB,pricelist-amazonvpc-eu-west-1\n",
		"aurora reads and writes,eu-west-1,0.22,million,pricelist-amazonrds-eu-west-1\n",
		"aurora capacity unit,eu-west-1,0.14,hour,pricelist-amazonrds-eu-west-1\n",
		"custom metric,eu-west-1,0.3,month,pricelist-amazoncloudwatch-eu-west-1\n",
	} {
		assert.Equal(t, 1, strings.Count(services, row), row)
	}
	assert.Equal(t, 1, strings.Count(services, "nat gateway,eu-west-1,"), "the old row is gone")
	assert.Contains(t, table(t, folder, "sources.csv"), "pricelist-awselb-eu-west-1,2026-09-25,"+server.URL+"/offers/v1.0/aws/AWSELB/")
	ec2 := table(t, folder, "ec2.csv")
	assert.Contains(t, ec2, "# date of eu-west-1: 2026-09-25\n")
	assert.Regexp(t, `m7g.large,.*,0.095,`, ec2)
	assert.NotContains(t, ec2, "m99z", "the table keeps its types")
	assert.Contains(t, table(t, folder, "rds-mysql.csv"), ",0.18,")
}

// Where the list cannot be read, that is said and the tables stay.
func TestWithoutTheListNothingChanges(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	defer gone.Close()
	text := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_,
			_ = w.Write([]byte(`{"products": {}}`))
	}))
	defer text.Close()
	folder := rates(t)
	for from, want := range map[string]string{
		"http://127.0.0.1:1": "cannot be reached from here, and nothing was changed",
		gone.URL:             "has no AmazonEC2 of that region, and nothing was changed",
		text.URL:             "this is no price list",
	} {
		assert.ErrorContains(t, run(t.Context(), []string{"-region", "eu-west-1", "-from", from, "-rates", folder}, &bytes.Buffer{}), want)
	}
	require.NoError(t, fs.WalkDir(os.DirFS(folder), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			assert.Equal(t, table(t, "../../cost/rates", path), table(t, folder, path))
		}
		return err
	}))
	assert.ErrorContains(t, run(t.Context(), nil, &bytes.Buffer{}), "give a region")
}
