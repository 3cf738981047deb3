package main

import (
	"bufio"
	"encoding/json"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestScaleAsAPersonReadsIt(t *testing.T) {
	one := Scale{Resources: 1000, Stacks: 1, CPU: map[string]float64{"preview": 2, "up": 3, "no change": 2.5, wholeLife: 8}, Twin: 0.5,
		Peak: 90 << 20, Live: 30 << 20, Empty: usage{Peak: 60 << 20, Live: 20 << 20}}
	four := Scale{Resources: 5000, Stacks: 4, CPU: map[string]float64{wholeLife: 50}, Twin: 5, Peak: 160 << 20, Live: 70 << 20,
		Empty: one.Empty}
	was := one
	was.Resources, was.CPU = 950, map[string]float64{wholeLife: 8.55}
	rows := (&Results{Scale: []Scale{one, four}}).scaling([]Scale{{Resources: 800, Stacks: 1}, was, {Resources: 5000, Stacks: 1}}).rows
	assert.Equal(t, []string{"1000", "1", "2.00", "3.00", "2.50", "8.00", "0.50", "9.00", "90", "30.0", "10.0"}, rows[0])
	assert.Equal(t, []string{"5000", "4", "-", "-", "-", "10.00", "1.00", "-", "160", "20.0", "10.0"}, rows[1],
		"operations of several stacks overlap")
}

func TestATwinsProcessTellsWhatItTakes(t *testing.T) {
	asks, ask := io.Pipe()
	answers, answer := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := twinMain(t.Context(), `{"Account":"111122223333"}`, asks, answer)
		ended <- err
		answer.CloseWithError(err)
	}()
	told := bufio.NewReader(answers)
	attach, err := told.ReadString('\n')
	require.NoError(t, err)
	_, port, _ := strings.Cut(strings.Split(strings.TrimSpace(attach), ",")[0], ":")
	c, err := net.Dial("tcp", "127.0.0.1:"+port)
	require.NoError(t, err, "it listens where it says")
	c.Close()
	_, err = io.WriteString(ask, "\n")
	require.NoError(t, err)
	var u usage
	require.NoError(t, json.NewDecoder(told).Decode(&u))
	assert.Greater(t, u.Peak, u.Live)
	assert.Greater(t, u.Live, int64(1<<20), "the facts alone are more")
	assert.Greater(t, u.CPU, time.Millisecond)
	require.NoError(t, ask.Close())
	assert.NoError(t, <-ended)
	assert.Error(t, twinMain(t.Context(), "{", strings.NewReader(""), io.Discard))
}
