package brain

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/causeway-iac/causeway/twin/value"
)

// process is one running provider.
type process struct {
	pulumirpc.ResourceProviderClient

	command    *exec.Cmd
	stderr     *tail
	connection *grpc.ClientConn
	engine     *grpc.Server
	ended      chan struct{}
	stopOnce   sync.Once
}

// startTimeout is how long a provider may take to listen and be configured. A cold one reads
// 600 MB from the disk first.
const startTimeout = 3 * time.Minute

// lastWords is how long a provider that ended may take to exit.
const lastWords = 2 * time.Second

// messageLimit is the engine's own: 400 MB.
const messageLimit = 400 << 20

// start runs the provider and configures it.
func start(ctx context.Context, of *served, path, home string, s Settings) (_ *process, err error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	p := &process{stderr: &tail{}, ended: make(chan struct{})}
	defer func() {
		if err != nil {
			p.stop()
			err = p.explain(err)
		}
	}()
	address, err := p.serveEngine()
	if err != nil {
		return nil, err
	}
	port, err := p.run(ctx, of, path, home, address)
	if err != nil {
		return nil, err
	}
	p.connection, err = grpc.NewClient("127.0.0.1:"+strconv.Itoa(port), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithNoProxy(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(messageLimit), grpc.MaxCallSendMsgSize(messageLimit)))
	if err != nil {
		return nil, fmt.Errorf("connecting: %w", err)
	}
	p.ResourceProviderClient = pulumirpc.NewResourceProviderClient(p.connection)
	return p, p.configure(ctx, of, s)
}

// run starts the command and returns the port that it prints first.
func (p *process) run(ctx context.Context, of *served, path, home, engine string) (int, error) {
	cmd := exec.Command(path, engine)
	cmd.Dir = home
	cmd.Env = pluginEnvironment(home, of.endpoint)
	cmd.SysProcAttr = apart()
	cmd.Stderr = p.stderr
	cmd.WaitDelay = lastWords // its children may hold its pipes open
	out, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	cmd.Stdout = w
	err = cmd.Start()
	w.Close()
	if err != nil {
		out.Close()
		close(p.ended)
		return 0, err
	}
	p.command = cmd
	go func() {
		_ = cmd.Wait() // its output tells how it ended
		close(p.ended)
	}()
	line := make(chan string, 1)
	go func() {
		defer out.Close()
		r := bufio.NewReader(out)
		first, _ := r.ReadString('\n')
		line <- strings.TrimSpace(first)
		_, _ = io.Copy(io.Discard, r)
	}()
	select {
	case first := <-line:
		port, err := strconv.Atoi(first)
		if err != nil {
			return 0, fmt.Errorf("it printed %q where a provider prints its port", first)
		}
		return port, nil
	case <-ctx.Done():
		return 0, fmt.Errorf("it printed no port, as a provider does when it is ready: %w", ctx.Err())
	}
}

// pluginEnvironment holds no credential and no way out: nothing of this process's environment is passed on, the SDK's
// files are empty, and connections out of the machine meet a closed port.
func pluginEnvironment(home, endpoint string) []string {
	const nowhere = "http://127.0.0.1:1"
	return []string{
		"HOME=" + home, "TMPDIR=" + home, "PULUMI_HOME=" + home,
		"AWS_CONFIG_FILE=" + os.DevNull, "AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true", "AWS_ENDPOINT_URL=" + cmp.Or(endpoint, nowhere), "AWS_MAX_ATTEMPTS=1",
		"HTTP_PROXY=" + nowhere, "HTTPS_PROXY=" + nowhere, "NO_PROXY=127.0.0.1,localhost,::1",
	}
}

// settings are what the provider is configured with. The three skips keep AWS's provider from calling AWS at once; the
// token opens nothing but looks like one.
func (p *served) settings(s Settings) value.Map {
	if p.name == "cloudflare" {
		return value.Map{"apiToken": strings.Repeat("0", 40)}
	}
	in := value.Map{
		"region": s.Region, "accessKey": "AKIAIOSFODNN7EXAMPLE", "secretKey": "offline",
		"skipCredentialsValidation": "true", "skipRequestingAccountId": strconv.FormatBool(p.endpoint == ""), "skipMetadataApiCheck": "true",
	}
	if len(s.DefaultTags) > 0 {
		in["defaultTags"] = value.Canonical(map[string]any{"tags": s.DefaultTags})
	}
	if len(s.IgnoreTags)+len(s.IgnoreTagPrefixes) > 0 {
		in["ignoreTags"] = value.Canonical(map[string]any{"keys": s.IgnoreTags, "keyPrefixes": s.IgnoreTagPrefixes})
	}
	return in
}

// configure gives the provider its settings.
func (p *process) configure(ctx context.Context, of *served, s Settings) error {
	in := of.settings(s)
	args, err := value.ToWire(in)
	if err != nil {
		return err
	}
	checked, err := p.CheckConfig(ctx, &pulumirpc.CheckRequest{Urn: typeOnly("pulumi:providers:"+of.name, "twin"), News: args},
		grpc.WaitForReady(true))
	if err != nil {
		return fmt.Errorf("checking its settings: %w", err)
	}
	for _, f := range checked.Failures {
		return fmt.Errorf("checking its settings: %s: %s", f.Property, f.Reason)
	}
	variables := map[string]string{}
	for name, v := range in {
		variables[of.name+":config:"+name] = v.(string)
	}
	_, err = p.Configure(ctx, &pulumirpc.ConfigureRequest{Variables: variables, Args: checked.Inputs, AcceptSecrets: true,
		AcceptResources: true})
	if err != nil {
		return fmt.Errorf("configuring: %w", err)
	}
	return nil
}

func (p *process) version(ctx context.Context) (string, error) {
	info, err := p.GetPluginInfo(ctx, &emptypb.Empty{})
	if err != nil {
		return "", fmt.Errorf("asking its version: %w", err)
	}
	return info.Version, nil
}

// stop ends the process and what serves it.
func (p *process) stop() {
	p.stopOnce.Do(func() {
		if p.connection != nil {
			p.connection.Close()
		}
		if p.engine != nil {
			p.engine.Stop()
		}
		if p.command != nil {
			_ = p.command.Process.Kill() // it keeps nothing, and may have ended already
			<-p.ended
		}
	})
}

// explain adds to an error what the provider printed last.
func (p *process) explain(err error) error {
	if text := p.stderr.String(); text != "" {
		return fmt.Errorf("%w; it printed: %s", err, text)
	}
	return err
}

// ErrEnded says that the provider has exited: it did not answer, which is no refusal.
var ErrEnded = errors.New("the provider has ended")

// gone says in words for an error that the process has ended, waiting at most for the given time.
func (p *process) gone(within time.Duration) error {
	select {
	case <-p.ended:
		return p.explain(ErrEnded)
	case <-time.After(within):
		return nil
	}
}

// engineStub is as much of the engine as a provider needs: somewhere to log to.
type engineStub struct {
	pulumirpc.UnimplementedEngineServer
}

// Log drops a message: what is wrong comes back as an answer too.
func (engineStub) Log(context.Context, *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (p *process) serveEngine() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("serving the provider's log: %w", err)
	}
	p.engine = grpc.NewServer(grpc.MaxRecvMsgSize(messageLimit))
	pulumirpc.RegisterEngineServer(p.engine, engineStub{})
	go func() { _ = p.engine.Serve(l) }()
	return l.Addr().String(), nil
}

// tail keeps the last part of what is written to it.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const tailLength = 4 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b...)
	if extra := len(t.text) - tailLength; extra > 0 {
		t.text = append([]byte(nil), t.text[extra:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.text))
}
