package machine

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// pulled exists once the machine was allowed its container's image.
const pulled = toolFolder + "/pulled"

// ofECR is the part of the name of a registry that only Amazon ECR's have. No other registry is played: whoever reaches
// the internet has the image.
const ofECR = ".dkr.ecr."

// ask sends a request and returns the answer. The error is the other side's own words.
func ask(r *http.Request) ([]byte, error) {
	client := http.Client{Timeout: 20 * time.Second}
	response, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		var says struct{ Message string }
		_ = json.Unmarshal(body, &says) // S3's is XML, and is told as it is
		if says.Message == "" {
			says.Message = string(body)
		}
		err = fmt.Errorf("%s: %s: %s", r.URL.Host, response.Status, strings.TrimSpace(says.Message))
	}
	return body, err
}

// loginPassword is `aws ecr get-login-password`: Amazon ECR gives one to the machine's role.
func loginPassword(ctx context.Context, settings aws.Config) error {
	to := "https://api.ecr." + settings.Region + ".amazonaws.com/"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
	keys, err := settings.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	const hash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a" // the SHA-256 of {}
	if err := v4.NewSigner().SignHTTP(ctx, keys, r, hash, "ecr", settings.Region, time.Now()); err != nil {
		return err
	}
	answer, err := ask(r)
	if err != nil {
		return err
	}
	var given struct {
		AuthorizationData []struct{ AuthorizationToken string }
	}
	if err := json.Unmarshal(answer, &given); err != nil || len(given.AuthorizationData) == 0 {
		return errors.Join(errors.New("the registry gave no token"), err)
	}
	token, err := base64.StdEncoding.DecodeString(given.AuthorizationData[0].AuthorizationToken)
	fmt.Println(string(bytes.TrimPrefix(token, []byte("AWS:"))))
	return err
}

// passwordFile is where a login is kept.
func passwordFile() string { return filepath.Join(os.Getenv("DOCKER_CONFIG"), "password") }

// login is `docker login --password-stdin`.
func login(registry string) error {
	password, err := io.ReadAll(os.Stdin)
	if err != nil {
		return err
	}
	if _, err = fromRegistry(registry, "", strings.TrimSpace(string(password))); err != nil {
		return err
	}
	return errors.Join(os.MkdirAll(filepath.Dir(passwordFile()), 0o700), os.WriteFile(passwordFile(), bytes.TrimSpace(password), 0o600))
}

func fromRegistry(registry, path, password string) ([]byte, error) {
	r, err := http.NewRequest(http.MethodGet, "https://"+registry+"/v2/"+path, nil)
	if err != nil {
		return nil, err
	}
	r.SetBasicAuth("AWS", password)
	return ask(r)
}

// pullImage goes the way of `docker pull`: to the registry for the image's manifest, and to S3 for its layers.
func pullImage(reference string) error {
	registry, rest, _ := strings.Cut(reference, "/")
	if !strings.Contains(registry, ofECR) {
		return nil
	}
	password, err := os.ReadFile(passwordFile())
	if err != nil {
		return fmt.Errorf("no basic auth credentials: %w", err)
	}
	repository, digest, _ := strings.Cut(rest, "@")
	answer, err := fromRegistry(registry, repository+"/manifests/"+digest, string(password))
	if err != nil {
		return err
	}
	var manifest struct{ Layers []struct{ URLs []string } }
	if err := json.Unmarshal(answer, &manifest); err != nil || len(manifest.Layers) == 0 {
		return errors.Join(errors.New("the manifest names no layer"), err)
	}
	r, err := http.NewRequest(http.MethodGet, manifest.Layers[0].URLs[0], nil)
	if err != nil {
		return err
	}
	_, err = ask(r)
	return err
}
