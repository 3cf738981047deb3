// Package settings reads what each tier is told by its environment.
package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// Server is what both tiers are told.
type Server struct {
	ListenAddress   string // LISTEN_ADDRESS: host:port; ":8443" for web, ":9443" for app
	CertificateFile string // TLS_CERTIFICATE_FILE: PEM; empty means a certificate made at start
	KeyFile         string // TLS_KEY_FILE: PEM, with TLS_CERTIFICATE_FILE
	Release         string // RELEASE: shown by /version and in the page; "development"
}

// Web is the environment of the web tier.
type Web struct {
	Server
	AppURL    *url.URL // APP_URL: where the application tier answers, https
	AppCAFile string   // APP_CA_FILE: PEM authorities trusted for APP_URL besides the system's
}

// App is the environment of the application tier.
type App struct {
	Server
	Database Database
}

// Database says where the database is and who may tell its password.
type Database struct {
	Engine     string // DATABASE_ENGINE: postgres or mysql; "postgres"
	Host       string // DATABASE_HOST: the name that the database's certificate bears
	Port       int    // DATABASE_PORT: 5432 for postgres, 3306 for mysql
	Name       string // DATABASE_NAME
	CAFile     string // DATABASE_CA_FILE: PEM authorities in place of those of Amazon RDS
	SecretARN  string // DATABASE_SECRET_ARN: of a secret {"username": ..., "password": ...}
	SecretFile string // DATABASE_SECRET_FILE: the same JSON in a file, in place of the ARN
	Region     string // AWS_REGION: where the secret is; the ARN's region
}

// ReadWeb reads the web tier's environment. Its error names every variable that is wrong.
func ReadWeb(getenv func(string) string) (Web, error) {
	r := &reader{getenv: getenv}
	web := Web{
		Server:    r.server(":8443"),
		AppURL:    r.httpsURL("APP_URL", "https://app.example.com"),
		AppCAFile: r.file("APP_CA_FILE"),
	}
	return web, r.err()
}

// ReadApp reads the application tier's environment. Its error names every variable that is wrong.
func ReadApp(getenv func(string) string) (App, error) {
	r := &reader{getenv: getenv}
	app := App{Server: r.server(":9443"), Database: r.database()}
	return app, r.err()
}

var secretARN = regexp.MustCompile(`^arn:aws[a-z-]*:secretsmanager:([a-z0-9-]+):\d{12}:secret:[A-Za-z0-9/_+=.@!-]+$`)

type reader struct {
	getenv   func(string) string
	problems []error
}

func (r *reader) err() error { return errors.Join(r.problems...) }

func (r *reader) problem(name, format string, args ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s: %s", name, fmt.Sprintf(format, args...)))
}

func (r *reader) text(name, fallback string) string {
	if value := r.getenv(name); value != "" {
		return value
	}
	return fallback
}

func (r *reader) required(name, example string) string {
	value := r.getenv(name)
	if value == "" {
		r.problem(name, "is not set; set it, for example %s=%s", name, example)
	}
	return value
}

func (r *reader) server(listen string) Server {
	s := Server{
		ListenAddress:   r.text("LISTEN_ADDRESS", listen),
		CertificateFile: r.file("TLS_CERTIFICATE_FILE"),
		KeyFile:         r.file("TLS_KEY_FILE"),
		Release:         r.text("RELEASE", "development"),
	}
	if _, port, err := net.SplitHostPort(s.ListenAddress); err != nil || !isPort(port) {
		r.problem("LISTEN_ADDRESS", "%q is not host:port; write, for example, %s", s.ListenAddress, listen)
	}
	if (r.getenv("TLS_CERTIFICATE_FILE") == "") != (r.getenv("TLS_KEY_FILE") == "") {
		r.problem("TLS_CERTIFICATE_FILE", "goes with TLS_KEY_FILE; set both, or neither for a certificate made at start")
	}
	return s
}

func (r *reader) database() Database {
	d := Database{
		Engine:     r.text("DATABASE_ENGINE", "postgres"),
		Host:       r.required("DATABASE_HOST", "db.example.com"),
		Name:       r.required("DATABASE_NAME", "guestbook"),
		CAFile:     r.file("DATABASE_CA_FILE"),
		SecretARN:  r.getenv("DATABASE_SECRET_ARN"),
		SecretFile: r.file("DATABASE_SECRET_FILE"),
		Region:     r.getenv("AWS_REGION"),
	}
	port := map[string]string{"postgres": "5432", "mysql": "3306"}[d.Engine]
	if port == "" {
		r.problem("DATABASE_ENGINE", "%q is not an engine; write postgres or mysql", d.Engine)
		port = "5432"
	}
	d.Port = r.port("DATABASE_PORT", port)
	if strings.ContainsAny(d.Host, ":/ ") {
		r.problem("DATABASE_HOST", "%q is not a host name; the port goes to DATABASE_PORT", d.Host)
	}
	r.secret(&d)
	return d
}

func (r *reader) secret(d *Database) {
	fromFile := r.getenv("DATABASE_SECRET_FILE") != ""
	switch match := secretARN.FindStringSubmatch(d.SecretARN); {
	case d.SecretARN == "" && !fromFile:
		r.problem("DATABASE_SECRET_ARN", "is not set; set it to the ARN of the database's master secret")
	case d.SecretARN != "" && fromFile:
		r.problem("DATABASE_SECRET_FILE", "cannot be with DATABASE_SECRET_ARN; set one of them")
	case d.SecretARN != "" && match == nil:
		r.problem("DATABASE_SECRET_ARN", "%q is not the ARN of a secret; write arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
			d.SecretARN)
	case d.Region == "" && match != nil:
		d.Region = match[1]
	}
}

func (r *reader) httpsURL(name, example string) *url.URL {
	value := r.required(name, example)
	if value == "" {
		return nil
	}
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		r.problem(name, "%q is not https://host[:port]; write, for example, %s", value, example)
		return nil
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}
}

func (r *reader) port(name, fallback string) int {
	value := r.text(name, fallback)
	if !isPort(value) {
		r.problem(name, "%q is not a port; write a number from 1 to 65535, for example %s", value, fallback)
		return 0
	}
	n, _ := strconv.Atoi(value)
	return n
}

func (r *reader) file(name string) string {
	path := r.getenv(name)
	if path == "" {
		return ""
	}
	if f, err := os.Open(path); err != nil {
		r.problem(name, "cannot be read: %v; name a file that this user can read", err)
	} else {
		f.Close()
	}
	return path
}

func isPort(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n < 65536
}
