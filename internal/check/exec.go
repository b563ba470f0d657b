package check

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

// startTime is how long a server may take until it answers.
const startTime = 10 * time.Second

// endTime is how long a server that is only to be started anew has for its end
// before it is killed.
const endTime = time.Second

// Process is a server that the checker has started with the command of
// Options.Exec. The command is run by /bin/sh in a process group of its own,
// with {config}, {docroot}, {port} and {address} replaced, and with the
// environment variables STTP_CHECK_CONFIG, STTP_CHECK_DOCROOT and
// STTP_CHECK_PORT. Address and Output may be called by many goroutines, the
// other methods by one.
type Process struct {
	command string
	dir     string        // of the checker, with all that is made for the server
	usual   yaml.MapSlice // the settings that the server has if a case asks for no others

	mu      sync.Mutex // for address and group
	address string
	group   *group

	docroot string        // that of the settings in force
	ended   bool          // a case has stopped it
	unusual bool          // its settings are not the usual ones
	took    time.Duration // to start
}

// launch is how a server is started where that is not as usual.
type launch struct {
	settings string                      // lines that change the usual ones
	without  string                      // a setting to leave out
	wrap     func(command string) string // returns the command to start it with
}

// startProcess starts the server that opts describe.
func startProcess(ctx context.Context, opts Options) (*Process, error) {
	if err := execPossible(); err != nil {
		return nil, err
	}
	if !mentions(opts.Exec, "{config}", "{port}", "{address}", "STTP_CHECK_CONFIG", "STTP_CHECK_PORT") {
		return nil, ErrCommand
	}
	dir, err := os.MkdirTemp("", "sttp-check-")
	if err != nil {
		return nil, err
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real // as the system names it in the trace of a process
	}
	p := &Process{command: opts.Exec, dir: dir}
	if p.usual, err = merge(usualSettings(filepath.Join(dir, "docroot")), opts.Settings); err == nil {
		err = p.start(ctx, launch{})
	}
	if err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

func mentions(command string, any ...string) bool {
	for _, s := range any {
		if strings.Contains(command, s) {
			return true
		}
	}
	return false
}

// usualSettings are those of the guide's sample, but for where the server
// listens and keeps its files. Port 0 stands for one that is free.
func usualSettings(docroot string) yaml.MapSlice {
	return yaml.MapSlice{
		{Key: "listen_address", Value: "127.0.0.1"},
		{Key: "port", Value: 0},
		{Key: "docroot", Value: docroot},
		{Key: "cache", Value: yaml.MapSlice{
			{Key: "enabled", Value: true},
			{Key: "max_files", Value: 100},
			{Key: "max_size", Value: 10485760},
			{Key: "expiration", Value: 300},
		}},
	}
}

// merge returns the settings with those of the lines in place of theirs.
func merge(settings yaml.MapSlice, lines string) (yaml.MapSlice, error) {
	var over yaml.MapSlice
	if err := yaml.UnmarshalWithOptions([]byte(lines), &over, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("the settings to add are no YAML: %w", err)
	}
	return mergeMaps(settings, over), nil
}

func mergeMaps(under, over yaml.MapSlice) yaml.MapSlice {
	merged := append(yaml.MapSlice{}, under...)
	for _, item := range over {
		i := indexOf(merged, item.Key)
		if i < 0 {
			merged = append(merged, item)
			continue
		}
		a, isMap := merged[i].Value.(yaml.MapSlice)
		b, both := item.Value.(yaml.MapSlice)
		if isMap && both {
			item.Value = mergeMaps(a, b)
		}
		merged[i].Value = item.Value
	}
	return merged
}

func indexOf(settings yaml.MapSlice, key any) int {
	for i, item := range settings {
		if item.Key == key {
			return i
		}
	}
	return -1
}

// settingsText returns the settings as a file has them.
func settingsText(settings yaml.MapSlice) (string, error) {
	text, err := yaml.Marshal(settings)
	return string(text), err
}

// setting returns a setting as text, or "" if it is not there.
func setting(settings yaml.MapSlice, key string) string {
	if i := indexOf(settings, key); i >= 0 && settings[i].Value != nil {
		return fmt.Sprint(settings[i].Value)
	}
	return ""
}

// start starts the server, after it has ended the one that runs. If the port
// that was free has been taken meanwhile it tries another one.
func (p *Process) start(ctx context.Context, l launch) error {
	p.end()
	settings, err := merge(p.usual, l.settings)
	if err != nil {
		return err
	}
	if i := indexOf(settings, l.without); i >= 0 {
		settings = append(settings[:i:i], settings[i+1:]...)
	}
	p.unusual = l.settings != "" || l.without != "" || l.wrap != nil
	p.ended = false
	began := time.Now()
	for range 3 {
		if err = p.tryStart(ctx, l, settings); err == nil || !errors.As(err, new(*endedError)) || !p.portTaken() {
			break
		}
	}
	p.took = time.Since(began)
	return err
}

// tryStart starts the server once and waits until it answers.
func (p *Process) tryStart(ctx context.Context, l launch, settings yaml.MapSlice) error {
	port := setting(settings, "port")
	if port == "0" {
		free, err := freePort()
		if err != nil {
			return err
		}
		port = strconv.Itoa(free)
		settings = mergeMaps(settings, yaml.MapSlice{{Key: "port", Value: free}})
	}
	host := cmp.Or(setting(settings, "listen_address"), "127.0.0.1")
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	docroot, err := filepath.Abs(setting(settings, "docroot"))
	if err != nil {
		return err
	}
	config := filepath.Join(p.dir, "settings.yaml")
	text, err := settingsText(settings)
	if err == nil {
		err = errors.Join(os.MkdirAll(docroot, 0o755), os.WriteFile(config, []byte(text), 0o644))
	}
	if err != nil {
		return err
	}
	p.docroot = docroot
	address := net.JoinHostPort(host, port)
	command := strings.NewReplacer("{config}", shellWord(config), "{docroot}", shellWord(docroot), "{port}", port, "{address}", address).Replace(p.command)
	command = execed(command)
	if l.wrap != nil {
		command = l.wrap(command)
	}
	env := []string{"STTP_CHECK_CONFIG=" + config, "STTP_CHECK_DOCROOT=" + docroot, "STTP_CHECK_PORT=" + port}
	g, err := startGroup(command, env)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.group, p.address = g, address
	p.mu.Unlock()
	return await(ctx, g, address)
}

// freePort returns a port that nobody listens on. It is none of those that the
// system itself gives away, to a client for one: who dials such a port until
// somebody listens can end up connected to itself.
func freePort() (port int, err error) {
	for range 100 {
		port = 20000 + rand.IntN(12000)
		var l net.Listener
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
			return port, l.Close()
		}
	}
	return 0, err
}

// portTaken tells whether another process listens where the server, which has
// ended, was to.
func (p *Process) portTaken() bool {
	c, err := net.DialTimeout("tcp", p.Address(), time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

// await waits until the server accepts a connection. If it does not, it is
// ended.
func await(ctx context.Context, g *group, address string) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	var dialer net.Dialer
	for {
		c, err := dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			c.Close()
		}
		select {
		case <-g.done:
			g.kill()
			return &endedError{g.state(), address, g.out.String()}
		default:
		}
		if err == nil {
			return nil
		}
		select {
		case <-g.done:
		case <-tick.C:
		case <-ctx.Done():
			g.kill()
			return fmt.Errorf("nothing listened on %s within %v%s", address, startTime, lastLines(g.out.String()))
		}
	}
}

// endedError says that the command ended instead of listening.
type endedError struct{ state, address, output string }

func (e *endedError) Error() string {
	return fmt.Sprintf("the command ended (%s) before anything listened on %s%s", e.state, e.address, lastLines(e.output))
}

// lastLines returns the last lines of what a server wrote, harmless to a
// terminal, as the end of a message.
func lastLines(output string) string {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	if len(lines) > 8 {
		lines = lines[len(lines)-8:]
	}
	var b strings.Builder
	for _, line := range lines {
		if len(line) > 300 {
			line = line[:300] + "…"
		}
		quoted := strconv.Quote(line)
		b.WriteString("\n    " + strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`))
	}
	if output == "" {
		return "; it wrote nothing"
	}
	return "; the end of what it wrote:" + b.String()
}

// shellWord returns text as one word for a shell.
func shellWord(text string) string {
	if strings.Trim(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%") == "" {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// execed returns the command so that the shell is replaced by it, if it is
// simple enough: then it is the server itself that the checker waits for.
func execed(command string) string {
	first, _, _ := strings.Cut(strings.TrimLeft(command, " \t"), " ")
	switch {
	case strings.ContainsAny(command, ";&|()`\n") || strings.ContainsAny(first, "={!"):
		return command
	case mentions(" cd exec export set ulimit umask trap . eval if while for until case unset command ", " "+first+" "):
		return command
	}
	return "exec " + command
}

// Address returns where the server listens.
func (p *Process) Address() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.address
}

// Output returns the end of what the server has written since it was started.
func (p *Process) Output() string {
	if g := p.running(); g != nil {
		return g.out.String()
	}
	return ""
}

// running returns the group that was started last.
func (p *Process) running() *group {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.group
}

// Docroot returns the directory that the server keeps its files in.
func (p *Process) Docroot() string { return p.docroot }

// File returns where the file of a snippet is, or a directory.
func (p *Process) File(path string) string {
	return filepath.Join(p.docroot, filepath.FromSlash(path))
}

// Kill ends the server at once, as a crash does.
func (p *Process) Kill() {
	p.ended = true
	if g := p.running(); g != nil {
		g.kill()
	}
}

// Terminate tells the server to stop and waits until it has, but not longer
// than limit. It returns how long that took, how it ended, and whether it did.
func (p *Process) Terminate(limit time.Duration) (took time.Duration, state string, ended bool) {
	p.ended = true
	g := p.running()
	began := time.Now()
	ended = g.terminate(limit)
	return time.Since(began), g.state(), ended
}

// end ends the server in order if it can be had quickly.
func (p *Process) end() {
	if g := p.running(); g != nil {
		g.terminate(endTime)
		g.kill()
	}
}

// restart starts the server anew with its usual settings.
func (p *Process) restart(ctx context.Context) error { return p.start(ctx, launch{}) }

// stop ends the server and removes what was made for it.
func (p *Process) stop() {
	p.Kill()
	os.RemoveAll(p.dir)
}

// alive tells whether the command still runs.
func (p *Process) alive() bool {
	select {
	case <-p.running().done:
		return false
	default:
		return true
	}
}

// second returns a server on the same docroot with another port, which has not
// been started yet.
func (p *Process) second() (*Process, error) {
	dir := filepath.Join(p.dir, "second")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	usual := mergeMaps(p.usual, yaml.MapSlice{{Key: "port", Value: 0}, {Key: "docroot", Value: p.docroot}})
	return &Process{command: p.command, dir: dir, usual: usual}, nil
}

// freshDocroot gives the server another docroot, if the one it has is the
// checker's.
func (p *Process) freshDocroot() error {
	if setting(p.usual, "docroot") != filepath.Join(p.dir, "docroot") {
		return errors.New("the docroot is not the checker's")
	}
	docroot, err := os.MkdirTemp(p.dir, "docroot-")
	if err == nil {
		p.usual = mergeMaps(p.usual, yaml.MapSlice{{Key: "docroot", Value: docroot}})
	}
	return err
}
