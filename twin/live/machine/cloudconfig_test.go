package machine

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUserDataThatIsNotUnderstoodIsNamed(t *testing.T) {
	for text, want := range map[string]string{
		"Content-Type: multipart/mixed":                           `it begins with "Content-Type: multipart/mixed"`,
		"#cloud-config\nruncmd: 7":                                "cloud-config: runcmd:",
		"#cloud-config\n\tx":                                      "reading the cloud-config",
		"\x1f\x8bnot gzip":                                        "decompressing",
		"#cloud-config\nwrite_files: [{path: /a, content: {}, }]": "write_files",
	} {
		_, err := readUserData(text)
		assert.ErrorContains(t, err, want)
	}
	for _, f := range []writtenFile{{Path: "relative"}, {Path: "/a", Permissions: "rw-"}, {Path: "/a", Encoding: "rot13"},
		{Path: "/a", Encoding: "b64", Content: "%"}} {
		assert.Error(t, f.write(t.TempDir()), "%+v", f)
	}
}
