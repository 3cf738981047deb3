package cost

import (
	"embed"
	"encoding/csv"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Rate is one price, with where and when it was read.
type Rate struct {
	// USD is for one Unit, on demand, without taxes.
	USD    float64
	Unit   string
	Source string
	Date   time.Time
}

//go:embed rates/*.csv
var files embed.FS

// rates holds every price, by what is paid for and then by region; "*" stands for all regions.
type rates map[string]map[string]Rate

var loaded = sync.OnceValue(func() rates {
	all, err := readRates(files)
	if err != nil {
		panic(err) // the files are part of the program, and a test reads them
	}
	return all
})

// of returns the price of what in a region.
func (all rates) of(what, region string) (Rate, bool) {
	if r, ok := all[what][region]; ok {
		return r, true
	}
	r, ok := all[what]["*"]
	return r, ok
}

// instances are the files with a row for each instance type and a column for each region, and the prefix of the type
// in the name of its price.
var instances = map[string]string{
	"rates/ec2.csv":                 "ec2 ",
	"rates/rds-postgres.csv":        "postgres ",
	"rates/rds-mysql.csv":           "mysql ",
	"rates/rds-aurora-postgres.csv": "aurora-postgresql ",
}

func readRates(files fs.FS) (rates, error) {
	all := rates{}
	for name, prefix := range instances {
		if err := all.readInstances(files, name, prefix); err != nil {
			return nil, err
		}
	}
	return all, all.readServices(files)
}

func (all rates) readInstances(files fs.FS, name, prefix string) error {
	said, rows, err := readCSV(files, name)
	if err != nil {
		return err
	}
	date, err := time.Parse(time.DateOnly, said["date"])
	if err != nil || said["source"] == "" {
		return fmt.Errorf("reading %s: it does not say its source and date", name)
	}
	for _, row := range rows[1:] {
		for i, text := range row[1:] {
			if text == "" {
				continue
			}
			source, date := said["source"], date
			if own := said["source of "+rows[0][i+1]]; own != "" { // the column is renewed separately
				source = own
				if date, err = time.Parse(time.DateOnly, said["date of "+rows[0][i+1]]); err != nil {
					return fmt.Errorf("reading %s: the date of %s: %w", name, rows[0][i+1], err)
				}
			}
			usd, err := strconv.ParseFloat(text, 64)
			if err != nil || usd <= 0 {
				return fmt.Errorf("reading %s: %s in %s costs %q, which is no price", name, row[0], rows[0][i+1], text)
			}
			all.add(prefix+row[0], rows[0][i+1], Rate{usd, "hour", source, date})
		}
	}
	return nil
}

func (all rates) readServices(files fs.FS) error {
	_, where, err := readCSV(files, "rates/sources.csv")
	if err != nil {
		return err
	}
	sources := map[string]Rate{}
	for _, row := range where[1:] {
		date, err := time.Parse(time.DateOnly, row[1])
		if err != nil {
			return fmt.Errorf("reading rates/sources.csv: %s: %w", row[0], err)
		}
		sources[row[0]] = Rate{Source: row[2], Date: date}
	}
	_, rows, err := readCSV(files, "rates/services.csv")
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		rate, known := sources[row[4]]
		usd, err := strconv.ParseFloat(row[2], 64)
		if !known || err != nil || usd <= 0 {
			return fmt.Errorf("reading rates/services.csv: %q has no known source or is no price", strings.Join(row, ","))
		}
		rate.USD, rate.Unit = usd, row[3]
		all.add(row[0], row[1], rate)
	}
	return nil
}

func (all rates) add(what, region string, rate Rate) {
	if all[what] == nil {
		all[what] = map[string]Rate{}
	}
	all[what][region] = rate
}

// readCSV reads a table, and the "# key: value" lines above it.
func readCSV(files fs.FS, name string) (said map[string]string, rows [][]string, err error) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		return nil, nil, fmt.Errorf("reading prices: %w", err)
	}
	said = map[string]string{}
	for line := range strings.Lines(string(text)) {
		key, value, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "# "), ": ")
		if strings.HasPrefix(line, "#") && found {
			said[key] = value
		}
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.Comment = '#'
	if rows, err = r.ReadAll(); err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(rows) < 2 {
		return nil, nil, fmt.Errorf("reading %s: it holds no price", name)
	}
	return said, rows, nil
}
