package main

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// tables are the files of cost/rates, each as the comments at its top and its rows.
type tables struct {
	folder  string
	said    map[string][]string
	rows    map[string][][]string
	renewed int
}

func readTables(folder string) (*tables, error) {
	t := &tables{folder: folder, said: map[string][]string{}, rows: map[string][][]string{}}
	for _, name := range []string{"services.csv", "sources.csv", "ec2.csv", "rds-postgres.csv", "rds-mysql.csv",
		"rds-aurora-postgres.csv"} {
		text, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			return nil, fmt.Errorf("reading the prices as they are: %w", err)
		}
		for line := range strings.Lines(string(text)) {
			if strings.HasPrefix(line, "#") {
				t.said[name] = append(t.said[name], line)
			}
		}
		r := csv.NewReader(strings.NewReader(string(text)))
		r.Comment = '#'
		if t.rows[name], err = r.ReadAll(); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return t, nil
}

// renew takes over a region's prices from a list, and names those that the list lacks.
func (t *tables) renew(l *list, region, address string) (missing []string) {
	id, date := "pricelist-"+strings.ToLower(l.service)+"-"+region, l.published.Format("2006-01-02")
	for _, w := range all {
		switch {
		case w.service != l.service:
		case strings.HasSuffix(w.what, ".csv"):
			if !t.instances(w.what, region, l, date, address) {
				missing = append(missing, "any type of "+w.what)
			}
		case l.usd[w.what] == 0:
			missing = append(missing, w.what)
		default:
			t.put("services.csv", 2, []string{w.what, region, number(l.usd[w.what]), w.unit, id})
			t.put("sources.csv", 1, []string{id, date, address})
			t.renewed++
		}
	}
	return missing
}

// put replaces the row with the same first fields or, if there is none, adds one behind those with the same first field.
func (t *tables) put(table string, keys int, row []string) {
	rows := t.rows[table]
	behind := len(rows)
	for i, old := range rows {
		if slices.Equal(old[:keys], row[:keys]) {
			rows[i] = row
			return
		}
		if old[0] == row[0] {
			behind = i + 1
		}
	}
	t.rows[table] = slices.Insert(rows, behind, row)
}

// instances renews a region's column in a table of instance types, and the date above it. The table's types stay as they
// are: it is small on purpose.
func (t *tables) instances(table, region string, l *list, date, address string) bool {
	rows := t.rows[table]
	column := slices.Index(rows[0], region)
	if column < 0 {
		column = len(rows[0])
		for i := range rows {
			rows[i] = append(rows[i], "")
		}
		rows[0][column] = region
	}
	found := false
	for _, row := range rows[1:] {
		usd := l.usd[table+" "+row[0]]
		if row[column] = ""; usd > 0 {
			row[column] = number(usd)
			t.renewed++
			found = true
		}
	}
	for _, said := range []struct{ key, value string }{{"source of " + region, address}, {"date of " + region, date}} {
		line := "# " + said.key + ": "
		t.said[table] = slices.DeleteFunc(t.said[table], func(old string) bool { return strings.HasPrefix(old, line) })
		t.said[table] = append(t.said[table], line+said.value+"\n")
	}
	return found
}

func number(usd float64) string {
	usd, _ = strconv.ParseFloat(strconv.FormatFloat(usd, 'g', 10, 64), 64) // without what multiplying left
	return strconv.FormatFloat(usd, 'f', -1, 64)
}

func (t *tables) write() error {
	for name, rows := range t.rows {
		var b strings.Builder
		b.WriteString(strings.Join(t.said[name], ""))
		w := csv.NewWriter(&b)
		if err := w.WriteAll(rows); err != nil {
			return fmt.Errorf("writing %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join(t.folder, name), []byte(b.String()), 0o644); err != nil {
			return fmt.Errorf("writing the prices: %w", err)
		}
	}
	return nil
}
