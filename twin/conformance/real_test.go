//go:build awsplugin

package conformance

import (
	"context"
	"flag"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/causeway-iac/causeway/twin/brain"
	"github.com/causeway-iac/causeway/twin/compare"
	"github.com/causeway-iac/causeway/twin/facts"
)

var (
	update = flag.Bool("update", false, "record the real provider's answers")
	only   = flag.String("only", "", "with -update: ask only the cases whose key this `pattern` finds, and those with no recorded answer")
	line   = flag.String("line", "5.68", "with -update: the line of the Terraform AWS provider that the plugin's resources are of")
)

// askers is how many real providers are asked at a time: each takes 300 MB.
const askers = 2

// Each real provider that is installed is asked every case. The built-in brain answers the same, but for what is listed
// with a reason, and the recording says what the provider says.
func TestRealProviderAnswersEachCase(t *testing.T) {
	for i, p := range providers {
		t.Run(p.name, func(t *testing.T) {
			path := p.find(os.Getenv("PULUMI_HOME"))
			if path == "" {
				t.Skip("skipped: the real provider is neither on PATH nor in Pulumi's plugin cache: " + p.install)
			}
			p.answers(t, path, providers[1-i].found(t))
		})
	}
}

func (p asked) answers(t *testing.T, path string, others []compare.Disagreement) {
	t.Helper()
	kept, err := p.recorded()
	require.NoError(t, err)
	began := time.Now()
	all := p.cases(t)
	answers, name := p.ask(t, path, all, kept)
	t.Logf("%s answered in %.0f s", name, time.Since(began).Seconds())

	builtin := brain.NewBuiltin(p.of)
	found := others
	fresh := Recording{From: kept.From, answers: map[string]string{}}
	if name != "" { // something was asked
		fresh.From = p.from(name)
	}
	count, old := counts{}, 0
	for i, c := range all {
		if answers[i] == Unserved {
			count.skip(c)
			continue
		}
		fresh.answers[c.recordedKey()] = answers[i]
		found = append(found, count.compare(c, answers[i], Answer(t.Context(), builtin, c, p.of.Resources[c.Type]))...)
		if said, asked := kept.Answer(c); !*update && (!asked || said != answers[i]) {
			if old++; old <= 20 {
				t.Errorf("recorded otherwise: %s: %q, and the provider says %q", c.Key(), said, answers[i])
			}
		}
	}
	t.Logf("%s", count)
	judge(t, found)
	if *update {
		packed, err := fresh.Pack()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(p.file, packed, 0o644))
		t.Logf("recorded %d answers in %d bytes", len(fresh.answers), len(packed))
		return
	}
	assert.Zero(t, old, "answers that are recorded otherwise: run this test with -update")
	assert.Len(t, kept.answers, len(fresh.answers), "answers are recorded to cases that are no more: run this test with -update")
}

// from says whose the answers are.
func (p asked) from(name string) string {
	version, _, _ := strings.Cut(name, " (")
	if p.of == facts.AWS() {
		version += ", with the resources of the Terraform AWS provider's " + *line + " line"
	}
	return version + ", " + time.Now().UTC().Format(time.DateOnly)
}

// ask returns the real provider's answers, and its name.
func (p asked) ask(t *testing.T, path string, all []Case, kept Recording) ([]string, string) {
	t.Helper()
	wanted := regexp.MustCompile(*only)
	answers := make([]string, len(all))
	var next, done atomic.Int64
	var name atomic.Value
	var working sync.WaitGroup
	errs := make(chan error, askers)
	for range askers {
		working.Add(1)
		go func() {
			defer working.Done()
			a := &asker{path: path, of: p.of}
			defer a.close()
			for i := next.Add(1) - 1; int(i) < len(all); i = next.Add(1) - 1 {
				if said, asked := kept.Answer(all[i]); asked && *update && !wanted.MatchString(all[i].Key()) {
					answers[i] = said
					continue
				}
				answer, err := a.answer(t.Context(), all[i])
				if err != nil {
					errs <- err
					return
				}
				answers[i] = answer
				name.Store(a.plugin.Name())
				if n := done.Add(1); n%2000 == 0 {
					t.Logf("%d asked", n)
				}
			}
		}()
	}
	working.Wait()
	close(errs)
	require.NoError(t, <-errs)
	text, _ := name.Load().(string)
	return answers, text
}

// asker asks one real provider after another: some cases end it.
type asker struct {
	path   string
	of     *facts.Package
	plugin *brain.Plugin
}

func (a *asker) answer(ctx context.Context, c Case) (string, error) {
	// What ends the provider is asked twice, so that nothing else is blamed on the case.
	for try := 0; ; try++ {
		if a.plugin == nil {
			p, err := brain.OpenPlugin(ctx, a.path)
			if err != nil {
				return "", err
			}
			a.plugin = p
		}
		answer := Answer(ctx, a.plugin, c, a.of.Resources[c.Type])
		if answer != Failed {
			return answer, nil
		}
		a.close()
		if try == 1 {
			return answer, a.reopen(ctx)
		}
	}
}

func (a *asker) reopen(ctx context.Context) (err error) {
	a.plugin, err = brain.OpenPlugin(ctx, a.path)
	return err
}

func (a *asker) close() {
	if a.plugin != nil {
		_ = a.plugin.Close() // it holds nothing; the next is another process
		a.plugin = nil
	}
}
