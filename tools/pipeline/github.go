package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// author is the user that a workflow's own token writes as.
const author = "github-actions[bot]"

// artifactLimit is the size of the largest artifact that is fetched, in bytes.
const artifactLimit = 1 << 20

// github is the part of GitHub's REST API that the pipeline needs, for one repository.
type github struct {
	api, repository, token, server string
	client                         *http.Client
}

type post struct {
	ID     int64  `json:"id"`
	Number int    `json:"number"`
	Body   string `json:"body"`
	URL    string `json:"html_url"`
	User   struct {
		Login string `json:"login"`
	} `json:"user"`
	PullRequest *struct{} `json:"pull_request"`
}

// fromEnvironment is the repository that the workflow runs in.
func fromEnvironment() (*github, error) {
	g := &github{
		api: os.Getenv("GITHUB_API_URL"), repository: os.Getenv("GITHUB_REPOSITORY"),
		token: os.Getenv("GITHUB_TOKEN"), server: os.Getenv("GITHUB_SERVER_URL"),
		client: &http.Client{Timeout: time.Minute},
	}
	if g.api == "" || g.repository == "" || g.token == "" || g.server == "" {
		return nil, errors.New("GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY and GITHUB_TOKEN are needed: this runs in a workflow")
	}
	return g, nil
}

// call sends a request about the repository and, unless into is nil, decodes the answer.
func (g *github) call(ctx context.Context, method, path string, body, answer any) error {
	var content io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(b)
	}
	b, err := g.fetch(ctx, method, g.api+"/repos/"+g.repository+path, content, 16<<20)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(b, answer); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// refusal is an answer that is not a success.
type refusal struct {
	status int
	said   string
}

func (r *refusal) Error() string { return r.said }

// fetch reads at most limit bytes of an answer; a longer one is an error. GitHub redirects to where an artifact is
// stored, and net/http sends the token to no other host.
func (g *github) fetch(ctx context.Context, method, address string, body io.Reader, limit int64) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+g.token)
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	res, err := g.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return nil, err
	case res.StatusCode >= 300:
		return nil, &refusal{res.StatusCode, fmt.Sprintf("%s %s: %s: %.300s", method, req.URL.Path, res.Status, b)}
	case int64(len(b)) > limit:
		return nil, fmt.Errorf("%s %s: the answer has more than %d bytes", method, req.URL.Path, limit)
	}
	return b, nil
}

// artifact is the one file in a run's artifact, read in memory and never unpacked; nil if there is no such artifact.
func (g *github) artifact(ctx context.Context, run int64, name, file string) ([]byte, error) {
	var list struct {
		Artifacts []struct {
			Name    string `json:"name"`
			Size    int64  `json:"size_in_bytes"`
			URL     string `json:"archive_download_url"`
			Expired bool   `json:"expired"`
		} `json:"artifacts"`
	}
	if err := g.call(ctx, http.MethodGet, fmt.Sprintf("/actions/runs/%d/artifacts?name=%s", run, url.QueryEscape(name)), nil,
		&list); err != nil {
		return nil, err
	}
	for _, a := range list.Artifacts {
		if a.Name != name || a.Expired {
			continue
		}
		if a.Size > artifactLimit {
			return nil, fmt.Errorf("the artifact %s has %d bytes, and at most %d are fetched", name, a.Size, artifactLimit)
		}
		b, err := g.fetch(ctx, http.MethodGet, a.URL, nil, artifactLimit)
		if err != nil {
			return nil, err
		}
		return unzip(b, file)
	}
	return nil, nil
}

// unzip reads one file of an archive, at most fileLimit bytes whatever its header says.
func unzip(b []byte, name string) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return nil, fmt.Errorf("opening the artifact: %w", err)
	}
	for _, f := range z.File {
		if f.Name != name {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("opening the artifact: %w", err)
		}
		defer r.Close()
		content, err := io.ReadAll(io.LimitReader(r, fileLimit+1))
		if err == nil && len(content) > fileLimit {
			err = fmt.Errorf("it has more than %d bytes", fileLimit)
		}
		if err != nil {
			return nil, fmt.Errorf("reading %s in the artifact: %w", name, err)
		}
		return content, nil
	}
	return nil, fmt.Errorf("the artifact has no %s", name)
}

// own finds, over all pages of a list, this workflow's post that begins with the marker.
func (g *github) own(ctx context.Context, path, marker string) (*post, error) {
	const size = 100
	for page := 1; ; page++ {
		var posts []post
		if err := g.call(ctx, http.MethodGet, fmt.Sprintf("%sper_page=%d&page=%d", path, size, page), nil, &posts); err != nil {
			return nil, err
		}
		for _, p := range posts {
			if p.User.Login == author && p.PullRequest == nil && strings.HasPrefix(p.Body, marker) {
				return &p, nil
			}
		}
		if len(posts) < size {
			return nil, nil
		}
	}
}
