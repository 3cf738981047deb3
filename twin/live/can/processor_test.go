package can

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAProgramForAnotherProcessorIsRefused(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	text, err := os.ReadFile(self)
	require.NoError(t, err)
	file := func(content []byte) string {
		path := filepath.Join(t.TempDir(), "program")
		require.NoError(t, os.WriteFile(path, content, 0o700))
		return path
	}
	assert.NoError(t, Run(self))
	assert.NoError(t, Run(file([]byte("#!/bin/sh\n"))))
	assert.NoError(t, Run(file(nil)))
	assert.NoError(t, Run(filepath.Join(t.TempDir(), "absent")))
	var refused *Refusal
	for _, p := range processors {
		if p.here == runtime.GOARCH {
			assert.True(t, Processor(p.there))
			continue
		}
		assert.False(t, Processor(p.there))
		binary.LittleEndian.PutUint16(text[18:], uint16(p.machine)) // e_machine
		require.ErrorAs(t, Run(file(text)), &refused)
		assert.Contains(t, refused.Why, "built for "+p.here)
		assert.Contains(t, refused.Remedy, ours().instanceType)
	}
	require.NotNil(t, refused)
}
