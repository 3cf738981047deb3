package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tier is one running guestbook process, but for the process: its own environment, socket and log.
type tier struct {
	url  string
	log  *syncBuffer
	stop func() int
}

func startTier(t *testing.T, name string, env map[string]string) *tier {
	t.Helper()
	address := fmt.Sprintf("localhost:%d", freePort(t))
	env["LISTEN_ADDRESS"] = address
	ctx, cancel := context.WithCancel(context.Background())
	s := &tier{url: "https://" + address, log: &syncBuffer{}}
	exited := make(chan int, 1)
	go func() { exited <- run(ctx, []string{name}, func(k string) string { return env[k] }, s.log) }()
	s.stop = sync.OnceValue(func() int { cancel(); return <-exited })
	t.Cleanup(func() {
		s.stop()
		if t.Failed() {
			t.Logf("%s said:\n%s", name, s.log)
		}
	})
	require.Eventually(t, func() bool { return get(s.url+"/healthz") == http.StatusOK }, time.Minute, 10*time.Millisecond, "%s", s.log)
	return s
}

// client does what a load balancer does with its targets: it does not verify their certificates.
var client = &http.Client{
	Transport:     &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	Timeout:       15 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func get(url string) int {
	response, err := client.Get(url)
	if err != nil {
		return 0
	}
	response.Body.Close()
	return response.StatusCode
}

func ready(s *tier) func() bool {
	return func() bool { return get(s.url+"/readyz") == http.StatusOK }
}

func do(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response, string(data)
}

func sign(t *testing.T, s *tier, name, message string, header ...string) (*http.Response, string) {
	t.Helper()
	form := url.Values{"name": {name}, "message": {message}}.Encode()
	return do(t, "POST", s.url+"/", form, append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
}

func appEnv(t *testing.T, ca authority, port int) map[string]string {
	t.Helper()
	dir := t.TempDir()
	certificate, key := ca.issue(t, "localhost")
	write(t, filepath.Join(dir, "app.crt"), certificate)
	write(t, filepath.Join(dir, "app.key"), key)
	return map[string]string{
		"DATABASE_HOST": "localhost", "DATABASE_PORT": fmt.Sprint(port), "DATABASE_NAME": "postgres",
		"DATABASE_CA_FILE": ca.file, "DATABASE_SECRET_ARN": secretARN, "RELEASE": "r1",
		"TLS_CERTIFICATE_FILE": filepath.Join(dir, "app.crt"), "TLS_KEY_FILE": filepath.Join(dir, "app.key"),
	}
}

// migrate makes the table, as Causeway has it done before the first server of a release serves.
func migrate(t *testing.T, env map[string]string) {
	t.Helper()
	var said bytes.Buffer
	require.Zero(t, run(t.Context(), []string{"migrate"}, func(k string) string { return env[k] }, &said), &said)
}

func TestAnEntryGoesFromThePageToTheDatabaseAndBack(t *testing.T) {
	ca := newAuthority(t)
	db := startPostgres(t, ca, 0)
	startAccount(t, db.password)
	migrate(t, appEnv(t, ca, db.port))
	app := startTier(t, "app", appEnv(t, ca, db.port))
	require.Eventually(t, ready(app), time.Minute, 50*time.Millisecond)
	web := startTier(t, "web", map[string]string{"APP_URL": app.url, "APP_CA_FILE": ca.file, "RELEASE": "r1"})

	response, page := do(t, "GET", web.url+"/", "")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Contains(t, page, "No entries yet")
	assert.Contains(t, page, "Release r1")
	assertPolicyAllowsOnlyTheStyleOf(t, response, page)

	response, _ = sign(t, web, "Ada <b>", "first line\r\n<script>alert(1)</script>",
		"Sec-Fetch-Site", "same-origin", "X-Amzn-Trace-Id", "Root=1-abc-def")
	require.Equal(t, http.StatusSeeOther, response.StatusCode)
	assert.Equal(t, "/", response.Header.Get("Location"))
	_, page = do(t, "GET", web.url+"/", "")
	assert.Contains(t, page, "Ada &lt;b&gt;")
	assert.Contains(t, page, "first line\n&lt;script&gt;alert(1)&lt;/script&gt;")

	for _, s := range []*tier{web, app} {
		log := s.log.String()
		assert.Contains(t, log, `"request_id":"Root=1-abc-def"`, "the trace id goes through both tiers")
		assert.NotContains(t, log, "first line")
		assert.NotContains(t, log, "first password")
	}

	t.Run("a form from another site is refused", func(t *testing.T) {
		response, _ := sign(t, web, "Eve", "forged", "Sec-Fetch-Site", "cross-site")
		assert.Equal(t, http.StatusForbidden, response.StatusCode)
		response, _ = sign(t, web, "Eve", "forged", "Origin", "https://evil.example")
		assert.Equal(t, http.StatusForbidden, response.StatusCode)
		_, page := do(t, "GET", web.url+"/", "")
		assert.NotContains(t, page, "forged")
	})
	t.Run("what is written wrong comes back to its writer", func(t *testing.T) {
		response, page := sign(t, web, "Ada", " ")
		assert.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
		assert.Contains(t, page, "Please write a message.")
		assert.Contains(t, page, `value="Ada"`)
		response, _ = sign(t, web, "Ada", strings.Repeat("x", 20<<10))
		assert.Equal(t, http.StatusRequestEntityTooLarge, response.StatusCode)
	})
	t.Run("the API holds its limits by itself", func(t *testing.T) {
		response, _ := do(t, "POST", app.url+"/entries", `{"name":"","message":"m"}`)
		assert.Equal(t, http.StatusUnprocessableEntity, response.StatusCode)
		response, _ = do(t, "POST", app.url+"/entries", `{"name":"`+strings.Repeat("x", 20<<10)+`"}`)
		assert.Equal(t, http.StatusBadRequest, response.StatusCode)
		response, _ = do(t, "DELETE", app.url+"/entries", "")
		assert.Equal(t, http.StatusMethodNotAllowed, response.StatusCode)
		_, version := do(t, "GET", app.url+"/version", "")
		assert.Contains(t, version, `"release":"r1"`)
	})
	t.Run("the newest fifty are shown", func(t *testing.T) {
		for i := range 51 {
			response, body := do(t, "POST", app.url+"/entries", fmt.Sprintf(`{"name":"n","message":"number %02d."}`, i))
			require.Equal(t, http.StatusCreated, response.StatusCode, body)
		}
		_, page := do(t, "GET", web.url+"/", "")
		assert.NotContains(t, page, "number 00.")
		assert.Less(t, strings.Index(page, "number 50."), strings.Index(page, "number 01."))
		assert.Contains(t, page, "number 01.")
	})
	t.Run("without the application tier, an honest page that tells nothing", func(t *testing.T) {
		assert.Zero(t, app.stop())
		response, page := do(t, "GET", web.url+"/", "", "X-Amzn-Trace-Id", "Root=1-seen-by-visitor")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Contains(t, page, "Reference: Root=1-seen-by-visitor")
		for _, internal := range []string{"localhost", "refused", "dial", "application tier"} {
			assert.NotContains(t, page, internal)
		}
		response, _ = sign(t, web, "Ada", "lost")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.Equal(t, http.StatusOK, get(web.url+"/healthz"))
	})
}

func assertPolicyAllowsOnlyTheStyleOf(t *testing.T, response *http.Response, page string) {
	t.Helper()
	_, after, _ := strings.Cut(page, "<style>")
	style, _, found := strings.Cut(after, "</style>")
	require.True(t, found)
	sum := sha256.Sum256([]byte(style))
	policy := response.Header.Get("Content-Security-Policy")
	assert.Contains(t, policy, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
	assert.NotContains(t, policy, "unsafe")
}

// startApp starts an application tier with its database and the account that keeps the password, and waits until it is ready.
func startApp(t *testing.T) (*database, *account, *tier) {
	t.Helper()
	ca := newAuthority(t)
	db := startPostgres(t, ca, 0)
	account := startAccount(t, db.password)
	migrate(t, appEnv(t, ca, db.port))
	app := startTier(t, "app", appEnv(t, ca, db.port))
	require.Eventually(t, ready(app), time.Minute, 50*time.Millisecond)
	return db, account, app
}

func TestARotatedPasswordIsFetchedAgain(t *testing.T) {
	db, account, app := startApp(t)
	require.Equal(t, 2, account.fetched(), "connections share one fetch, beside that of the migration")

	db.rotate("second password")
	assert.Never(t, ready(app), 3*time.Second, 20*time.Millisecond, "the old password cannot work")
	assert.LessOrEqual(t, account.fetched(), 5, "a refused password is no reason to storm Secrets Manager")
	assert.Equal(t, http.StatusOK, get(app.url+"/healthz"))

	account.keep("second password")
	require.Eventually(t, ready(app), time.Minute, 50*time.Millisecond)
	response, body := do(t, "POST", app.url+"/entries", `{"name":"Ada","message":"after the rotation"}`)
	assert.Equal(t, http.StatusCreated, response.StatusCode, body)
	assert.NotContains(t, app.log.String(), "second password")
}

func TestAfterARotationNothingDependsOnTheSecretsService(t *testing.T) {
	db, account, app := startApp(t)
	many := func() {
		var several sync.WaitGroup
		for range 16 { // of which the database refuses some when others have got the fresh password already
			several.Go(func() { assert.Equal(t, http.StatusOK, get(app.url+"/entries")) })
		}
		several.Wait()
	}
	many()

	const pause = 3 * time.Second // after which refused credentials are fetched again
	time.Sleep(pause)
	account.keep("second password")
	db.rotate("second password")
	many()
	account.lose()
	time.Sleep(pause)
	db.endSessions()
	many()
}

func TestTheDatabaseMayComeLater(t *testing.T) {
	ca := newAuthority(t)
	postgresProgram(t, "initdb")
	account := startAccount(t, "first password, with a ' and a $")
	port := freePort(t)
	apps := []*tier{startTier(t, "app", appEnv(t, ca, port)), startTier(t, "app", appEnv(t, ca, port))}
	for _, app := range apps {
		response, body := do(t, "GET", app.url+"/entries", "")
		assert.Equal(t, http.StatusServiceUnavailable, response.StatusCode)
		assert.JSONEq(t, `{"error":"The guestbook is not available."}`, body)
		assert.Equal(t, http.StatusOK, get(app.url+"/healthz"), "health is the process's alone")
	}
	startPostgres(t, ca, port)
	assert.Equal(t, http.StatusServiceUnavailable, get(apps[0].url+"/readyz"), "there is no table")
	migrate(t, appEnv(t, ca, port))
	for _, app := range apps {
		require.Eventually(t, ready(app), time.Minute, 50*time.Millisecond)
	}
	assert.Equal(t, 3, account.fetched())
}

// Of servers that start at once one runs what comes before their release, and the others wait until it has ended. What
// fails is tried again, and the next release has its own.
func TestWhatComesBeforeAReleaseRunsOnce(t *testing.T) {
	t.Run("postgres", func(t *testing.T) {
		ca := newAuthority(t)
		runsOnce(t, ca, startPostgres(t, ca, 0), nil, "0.5")
	})
	t.Run("mysql", func(t *testing.T) {
		ca := newAuthority(t)
		db := startMySQL(t, ca)
		// For longer than a statement may wait.
		runsOnce(t, ca, db, map[string]string{"DATABASE_ENGINE": "mysql", "DATABASE_NAME": "guestbook"}, "6")
	})
}

func runsOnce(t *testing.T, ca authority, db *database, more map[string]string, seconds string) {
	startAccount(t, db.password)
	env, ran := appEnv(t, ca, db.port), filepath.Join(t.TempDir(), "ran")
	maps.Copy(env, more)
	once := func(name, release, script string) (int, string) {
		own := maps.Clone(env)
		own["RELEASE"] = release
		var said syncBuffer
		code := run(t.Context(), []string{"once", name, "/bin/sh", "-c", script}, func(k string) string { return own[k] }, &said)
		return code, said.String()
	}
	lines := func() int {
		text, _ := os.ReadFile(ran)
		return bytes.Count(text, []byte("\n"))
	}
	work := "sleep " + seconds + "; echo x >>" + ran
	var servers sync.WaitGroup
	for range 4 {
		servers.Go(func() {
			code, said := once("app", "r1", work)
			assert.Zero(t, code, said)
			assert.Equal(t, 1, lines(), "a server serves before it is done")
		})
	}
	servers.Wait()
	work = "echo x >>" + ran
	code, said := once("app", "r2", work+"; exit 3")
	assert.Equal(t, 1, code)
	assert.Contains(t, said, "exit status 3")
	code, said = once("app", "r2", work)
	assert.Zero(t, code, said)
	code, said = once("mail", "r2", work)
	assert.Zero(t, code, said)
	assert.Equal(t, 4, lines())
}

func TestADatabaseThatAmazonDidNotCertifyIsNotTrusted(t *testing.T) {
	ca := newAuthority(t)
	db := startPostgres(t, ca, 0)
	startAccount(t, db.password)

	env := appEnv(t, ca, db.port)
	delete(env, "DATABASE_CA_FILE")
	app := startTier(t, "app", env)
	require.Eventually(t, func() bool {
		return !ready(app)() && strings.Contains(app.log.String(), "unknown authority")
	}, time.Minute, 20*time.Millisecond)

	env = appEnv(t, ca, db.port)
	env["DATABASE_HOST"] = "127.0.0.1"
	app = startTier(t, "app", env)
	require.Eventually(t, func() bool {
		return !ready(app)() && strings.Contains(app.log.String(), "127.0.0.1 because")
	}, time.Minute, 20*time.Millisecond,
		"a right authority for another name")
	assert.Equal(t, http.StatusServiceUnavailable, get(app.url+"/readyz"))
}

func TestTheApplicationTiersCertificateIsVerified(t *testing.T) {
	startAccount(t, "unused")
	app := startTier(t, "app", appEnv(t, newAuthority(t), freePort(t)))
	web := startTier(t, "web", map[string]string{"APP_URL": app.url, "APP_CA_FILE": newAuthority(t).file})
	assert.Equal(t, http.StatusServiceUnavailable, get(web.url+"/"))
	assert.Contains(t, web.log.String(), "failed to verify certificate")
}

func TestRequestsInFlightAreFinished(t *testing.T) {
	startAccount(t, "unused")
	app := startTier(t, "app", appEnv(t, newAuthority(t), freePort(t)))
	body, writer := io.Pipe()
	answered := make(chan int, 1)
	go func() {
		response, err := client.Post(app.url+"/entries", "application/json", body)
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	_, err := writer.Write([]byte(`{"name":"",`)) // returns when the request is under way
	require.NoError(t, err)
	time.Sleep(100 * time.Millisecond)
	exited := make(chan int, 1)
	go func() { exited <- app.stop() }()
	require.Eventually(t, func() bool { return strings.Contains(app.log.String(), `"stopping"`) }, time.Minute, 10*time.Millisecond)
	writer.Write([]byte(`"message":""}`))
	writer.Close()
	assert.Equal(t, http.StatusUnprocessableEntity, <-answered)
	assert.Zero(t, <-exited)
	assert.Zero(t, get(app.url+"/healthz"))
}

func TestExitCodes(t *testing.T) {
	for _, c := range []struct {
		args []string
		env  map[string]string
		code int
		says string
	}{
		{nil, nil, 2, "usage: guestbook web | guestbook app | guestbook migrate | guestbook once"},
		{[]string{"web", "app"}, nil, 2, "usage"},
		{[]string{"web"}, nil, 2, "guestbook web: the environment is wrong:\n  APP_URL: is not set"},
		{[]string{"app"}, nil, 2, "\n  DATABASE_NAME: is not set"},
		{[]string{"once", "app", "true"}, nil, 2, "guestbook once: the environment is wrong"},
		{[]string{"web"}, map[string]string{"APP_URL": "https://a", "LISTEN_ADDRESS": "192.0.2.1:8443"}, 1,
			"cannot assign requested address"},
	} {
		var stderr bytes.Buffer
		assert.Equal(t, c.code, run(context.Background(), c.args, func(k string) string { return c.env[k] }, &stderr))
		assert.Contains(t, stderr.String(), c.says)
	}
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
