package controls

import (
	"fmt"
	"strings"

	"github.com/causeway-iac/causeway/graph"
)

// imageTag is the tag in which a template of this project's says which pinned image is meant.
const imageTag = "causeway:image"

const (
	publicImages = "resolve:ssm:/aws/service/"
	amazonLinux  = publicImages + "ami-amazon-linux-latest/"
	marketplace  = publicImages + "marketplace/" // of whoever sells there
)

// trustedImage demands an image of AWS's, of the stack's own, or one that is pinned. Whose a pinned image is, its id does not tell: a
// stack of this project's has to say twice that it is meant.
func trustedImage(v *view, r *graph.Resource) outcome {
	path := "imageId"
	if r.Type == instanceType {
		path = "ami"
	}
	value, known := read(r, path)
	image := text(value)
	switch own := v.g.Ref(r, path); {
	case len(own) > 0:
		return v.madeHere(own[0])
	case known == hidden:
		return undecided("%s is not known before the deployment", path) // which the program could tell
	case known == absent:
		return broken("%s is not set", path)
	case strings.HasPrefix(image, amazonLinux), r.Tag(imageTag) == image:
		return holds()
	case v.ours:
		return broken("%s is %s, and nothing says whose that is", path, image).
			write("leave the image out of the settings, or name it there: the tag " + imageTag + " then says so too")
	case strings.HasPrefix(image, publicImages) && !strings.HasPrefix(image, marketplace), strings.HasPrefix(image, "ami-"):
		return holds()
	}
	return broken("%s is %s, which is not AWS's", path, image)
}

// madeHere demands that an image of the stack's own is made of nothing that is somebody else's.
func (v *view) madeHere(image *graph.Resource) outcome {
	made := []string{"sourceAmiId", "sourceInstanceId", "kernelId", "ramdiskId"}
	disks, _ := blocks(image, "ebsBlockDevices")
	for i := range disks {
		made = append(made, fmt.Sprintf("ebsBlockDevices[%d].snapshotId", i))
	}
	for _, path := range made {
		if outside := v.g.Resolve(image, path).Outside; len(outside) > 0 {
			return broken("its image %s is made of %s, which is not in the stack", image.Name, outside[0]).because(image.URN)
		}
	}
	return holds()
}

// ownDisks demands that a machine's disks are of its image: no snapshot, kernel or RAM disk of somebody else.
func ownDisks(v *view, r *graph.Resource) outcome {
	for _, path := range []string{"blockDeviceMappings", "rootBlockDevice", "ebsBlockDevices"} {
		devices, _ := blocks(r, path)
		for i := range devices {
			for _, at := range []string{".ebs.snapshotId", ".snapshotId"} {
				at = fmt.Sprintf("%s[%d]%s", path, i, at)
				if _, asked := asked(r, at); asked != absent && len(v.g.Ref(r, at)) == 0 {
					return broken("%s is %s, which is not in the stack", at, r.String(at)).write("leave out snapshotId")
				}
			}
		}
	}
	return all(isUnset("kernelId"), isUnset("ramDiskId"))(v, r)
}
