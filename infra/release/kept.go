package release

import (
	"fmt"
	"regexp"
	"strings"
)

// Any is the format of an archive whose kind is unknown: of a release that is in its bucket, only the hash is known
// here.
const Any = "any"

var keptPattern = regexp.MustCompile(`^(?:sha256:|s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([a-z0-9-]+)/releases/)([0-9a-f]{64})$`)

// Kept reads the name of a release that is in a bucket already: sha256: and the hash of its content, or the object's
// whole address. meant reports whether text is meant as such a name.
func Kept(text string) (r Release, meant bool, err error) {
	if !strings.HasPrefix(text, "sha256:") && !strings.HasPrefix(text, "s3://") {
		return Release{}, false, nil
	}
	parts := keptPattern.FindStringSubmatch(text)
	if parts == nil {
		return Release{}, true, fmt.Errorf("%q names no release in a bucket; write sha256: and its 64 hexadecimal digits, "+
			"or s3://BUCKET/TIER/releases/ and them, as causeway releases lists them", text)
	}
	return Release{SHA256: parts[3], Key: "releases/" + parts[3], Bucket: parts[1], Tier: parts[2]}, true, nil
}
