package machine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// Plays says whether Shim plays the program of that name.
func Plays(name string) bool {
	return name == sandboxName || name == standIn || slices.Contains(played, name)
}

// Shim plays a program of the image, by its name and arguments; it returns the exit code.
func Shim(name string, args []string) int {
	var err error
	switch name {
	case sandboxName:
		err = enter()
	case "systemctl":
		return systemctl(args)
	case "docker":
		var code int
		if code, err = dockerCommand(args); err == nil {
			return code
		}
	case "aws":
		err = awsCommand(context.Background(), args)
	case "rpm":
		return queryPackages(args)
	case standIn:
		err = terminate(args)
	case "dnf":
		err = installPackages(args)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}

func systemctl(args []string) int {
	r, err := give(order{Args: args})
	if err != nil {
		fmt.Fprintln(os.Stderr, "systemctl:", err)
		return 1
	}
	if r.Text != "" {
		fmt.Println(r.Text)
	}
	return r.Code
}

// give gives the machine's manager an order.
func give(o order) (r reply, err error) {
	c, err := net.Dial("unix", managerSocket)
	if err != nil {
		return r, fmt.Errorf("the machine's manager does not answer: %w", err)
	}
	defer c.Close()
	if err := errors.Join(json.NewEncoder(c).Encode(o), json.NewDecoder(c).Decode(&r)); err != nil {
		return r, fmt.Errorf("asking the machine's manager: %w", err)
	}
	return r, nil
}

// awsCommand is the part of the AWS CLI that boots need, over the SDK: credentials come from the instance's role.
func awsCommand(ctx context.Context, args []string) error {
	var words []string
	region := ""
	for i := 0; i < len(args); i++ {
		switch {
		case args[i] == "--region" && i+1 < len(args):
			i++
			region = args[i]
		case !strings.HasPrefix(args[i], "--"):
			words = append(words, args[i])
		}
	}
	ecr := slices.Equal(words, []string{"ecr", "get-login-password"})
	if !ecr && (len(words) != 4 || words[0] != "s3" || words[1] != "cp" || !strings.HasPrefix(words[2], "s3://")) {
		return fmt.Errorf("the living world plays `aws s3 cp s3://BUCKET/KEY FILE` and `aws ecr get-login-password` of the AWS CLI, "+
			"and not `aws %s`", strings.Join(words, " "))
	}
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return err
	}
	if ecr {
		return loginPassword(ctx, settings)
	}
	bucket, key, _ := strings.Cut(strings.TrimPrefix(words[2], "s3://"), "/")
	object, err := s3.NewFromConfig(settings).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)})
	if err != nil {
		return fmt.Errorf("download failed: %s to %s: %w", words[2], words[3], err)
	}
	defer object.Body.Close()
	file := os.Stdout
	if words[3] != "-" {
		if file, err = os.Create(words[3]); err != nil {
			return err
		}
	}
	_, err = io.Copy(file, object.Body)
	return errors.Join(err, file.Close())
}
