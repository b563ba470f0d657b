//go:build unix

package check_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// The test program is a server as well, if this variable is set: one on files
// that is right as far as the cases go that need --exec, but for the faults that
// the variable names.
const fakeVariable = "STTP_CHECK_TEST_FAULTS"

func init() {
	faults, fake := os.LookupEnv(fakeVariable)
	if !fake {
		return
	}
	if err := newFileServer(faults).run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "cannot serve:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// arrived reads from a connection, and only what has arrived once the server
// stops.
type arrived struct {
	*net.TCPConn
	stopping chan struct{}
}

func (a arrived) Read(p []byte) (int, error) {
	n, err := a.TCPConn.Read(p)
	select {
	case <-a.stopping:
		if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
			a.SetReadDeadline(time.Now().Add(2 * time.Millisecond))
			return a.TCPConn.Read(p)
		}
	default:
	}
	return n, err
}

type fileServer struct {
	faults   []string
	settings struct {
		Address string `yaml:"listen_address"`
		Port    int    `yaml:"port"`
		Docroot string `yaml:"docroot"`
		Cache   struct {
			Enabled    bool `yaml:"enabled"`
			MaxFiles   int  `yaml:"max_files"`
			MaxSize    int  `yaml:"max_size"`
			Expiration int  `yaml:"expiration"`
		} `yaml:"cache"`
	}
	mu       sync.Mutex
	cache    map[string]cached
	temps    int
	stopping chan struct{}
	conns    sync.WaitGroup
}

type cached struct {
	reply string
	since time.Time
}

func newFileServer(faults string) *fileServer {
	return &fileServer{faults: strings.Split(faults, ","), cache: map[string]cached{}, stopping: make(chan struct{})}
}

func (f *fileServer) has(fault string) bool { return slices.Contains(f.faults, fault) }

func (f *fileServer) run(config string) error {
	text, err := os.ReadFile(config)
	if err == nil {
		err = yaml.Unmarshal(text, &f.settings)
	}
	if err != nil {
		return err
	}
	if f.has("other docroot") {
		f.settings.Docroot = filepath.Join(filepath.Dir(config), "other")
		os.Mkdir(f.settings.Docroot, 0o755)
	}
	if err := f.lock(); err != nil {
		return err
	}
	if f.settings.Address == "" && !f.has("any address") {
		f.settings.Address = "127.0.0.1"
	}
	l, err := net.Listen("tcp", fmt.Sprintf("%s:%d", f.settings.Address, f.settings.Port))
	if err != nil {
		return err
	}
	go f.awaitSignal(l)
	for {
		c, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		select {
		case <-f.stopping:
			c.Close()
		default:
			f.conns.Go(func() { f.serve(c.(*net.TCPConn)) })
		}
	}
	return nil
}

func (f *fileServer) lock() error {
	d, err := os.Open(f.settings.Docroot)
	if err != nil || f.has("no lock") {
		return err
	}
	if f.has("stale lock") {
		lock, err := os.OpenFile(filepath.Join(f.settings.Docroot, ".lock"), os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			lock.Close()
		}
		return err
	}
	if !f.has("leftovers") {
		temps, _ := filepath.Glob(filepath.Join(f.settings.Docroot, ".tmp-*"))
		for _, t := range temps {
			os.Remove(t)
		}
	}
	return syscall.Flock(int(d.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

func (f *fileServer) awaitSignal(l net.Listener) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM)
	<-signals
	switch {
	case f.has("deaf"):
		select {}
	case f.has("exits at once"):
		os.Exit(0)
	}
	close(f.stopping)
	f.conns.Wait() // so that nobody who is refused can still send something
	l.Close()
}

func (f *fileServer) serve(c *net.TCPConn) {
	defer c.Close()
	if f.has("greets") {
		io.WriteString(c, "welcome\n")
	}
	done := make(chan struct{})
	var waiting sync.WaitGroup
	defer waiting.Wait()
	defer close(done)
	waiting.Go(func() {
		select {
		case <-f.stopping:
			c.SetReadDeadline(time.Now()) // wakes it
		case <-done:
		}
	})
	r := bufio.NewReader(arrived{c, f.stopping})
	for {
		line, err := r.ReadString('\n')
		if err != nil && f.has("half lines") && strings.Contains(line, " ") {
			f.reply(line)
		}
		if err != nil || line == "\n" {
			c.CloseWrite()
			c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
			io.Copy(io.Discard, r)
			return
		}
		line = strings.TrimRight(strings.TrimSuffix(line, "\n"), " ")
		if f.has("raw log") {
			fmt.Println("request:", line)
		}
		io.WriteString(c, f.reply(line))
	}
}

func (f *fileServer) reply(line string) string {
	words := strings.SplitN(line, " ", 3)
	for len(words) < 3 {
		words = append(words, "")
	}
	action, name, contents := words[0], words[1], words[2]
	if len(contents) > 1 && contents[0] == '"' && contents[len(contents)-1] == '"' {
		contents = strings.NewReplacer(`\"`, `"`, `\\`, `\`).Replace(contents[1 : len(contents)-1])
	}
	if strings.IndexFunc(line, func(r rune) bool { return r < ' ' && r != '\t' }) >= 0 || !strings.HasPrefix(name, "/") || strings.Contains(name, "/.") {
		return "300 - CLIENT ERROR \"no\"\n"
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	ok, err := "", error(nil)
	switch action {
	case "CREATE":
		ok, err = "100 "+name+" CREATED\n", f.create(name, contents)
	case "UPDATE":
		ok, err = "200 "+name+" OK\n"+contents+"\n", f.update(name, contents)
	case "DELETE":
		ok, err = "600 "+name+" DELETED\n", f.delete(name)
	case "SHOW", "LIST":
		return f.cached(action, name)
	default:
		return "300 - CLIENT ERROR \"no\"\n"
	}
	if !f.has("stale cache") || err == nil {
		clear(f.cache)
	}
	if err != nil {
		return f.failure(name, err)
	}
	return ok
}

func (f *fileServer) failure(name string, err error) string {
	var blocked blockedError
	switch {
	case errors.As(err, &blocked):
		return "510 " + path.Dir(name) + "/ CANNOT CREATE PATH\n"
	case errors.Is(err, os.ErrExist):
		return "300 " + name + " CLIENT ERROR \"it exists\"\n"
	case errors.Is(err, os.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		if !f.isDir(path.Dir(name)) {
			return "410 " + strings.TrimSuffix(path.Dir(name), "/") + "/ PATH NOT FOUND\n"
		}
		return "400 " + name + " NOT FOUND\n"
	case f.has("tells"):
		return "500 " + name + " SERVER ERROR \"" + err.Error() + "\"\n"
	}
	return "500 " + name + " SERVER ERROR \"the outcome is unknown\"\n"
}

func (f *fileServer) cached(action, name string) string {
	key := action + name
	if c, ok := f.cache[key]; ok && (f.has("always cached") || f.settings.Cache.Enabled) &&
		(f.has("never expires") || time.Since(c.since) < time.Duration(f.settings.Cache.Expiration)*time.Second) {
		return c.reply
	}
	if f.settings.Cache.MaxSize < 1000 || f.settings.Cache.MaxFiles == 1 && !f.has("unbounded") {
		clear(f.cache)
	}
	reply := f.show(name)
	if action == "LIST" {
		reply = f.list(name)
	}
	if strings.HasPrefix(reply, "200 ") {
		f.cache[key] = cached{reply, time.Now()}
	}
	return reply
}

func (f *fileServer) file(name string) string { return filepath.Join(f.settings.Docroot, name) }

// isDir tells whether there is a directory, with no link on the way.
func (f *fileServer) isDir(name string) bool {
	for ; name != "/"; name = path.Dir(name) {
		if info, err := f.stat(f.file(name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

func (f *fileServer) stat(file string) (os.FileInfo, error) {
	if f.has("follows") {
		return os.Stat(file)
	}
	return os.Lstat(file)
}

// look fails unless there is a regular file.
func (f *fileServer) look(name string) error {
	if !f.isDir(path.Dir(name)) {
		return os.ErrNotExist
	}
	info, err := f.stat(f.file(name))
	if err == nil && !info.Mode().IsRegular() && !f.has("opens anything") {
		err = os.ErrNotExist
	}
	return err
}

func (f *fileServer) show(name string) string {
	if err := f.look(name); err != nil {
		return f.failure(name, err)
	}
	if info, err := os.Stat(f.file(name)); err == nil && info.Size() > 1000 {
		return f.failure(name, errors.New("no snippet"))
	}
	text, err := os.ReadFile(f.file(name))
	if err != nil && !f.has("blind") {
		return f.failure(name, err)
	}
	if !f.has("keeps newline") {
		var newline bool
		if text, newline = bytes.CutSuffix(text, []byte("\n")); newline {
			text, _ = bytes.CutSuffix(text, []byte("\r"))
		}
	}
	if strings.ContainsFunc(string(text), func(r rune) bool { return (r < ' ' || r >= 0x7f && r < 0xa0) && r != '\t' }) || !utf8.Valid(text) || utf8.RuneCount(text) > 160 {
		if !f.has("serves anything") {
			return f.failure(name, errors.New("no snippet"))
		}
	}
	return "200 " + name + " OK\n" + string(text) + "\n"
}

func (f *fileServer) list(name string) string {
	entries, err := os.ReadDir(f.file(name))
	if err != nil || !f.isDir(path.Clean(name)) {
		return "400 " + name + " NOT FOUND\n"
	}
	var names []string
	for _, e := range entries {
		n := e.Name()
		bad := strings.HasPrefix(n, ".") || strings.ContainsAny(n, " \t\n\x1b\\?\u00a0\u00ad") || !utf8.ValidString(n) || !e.IsDir() && utf8.RuneCountInString(n) > 32
		switch {
		case (bad || !e.IsDir() && !e.Type().IsRegular()) && !f.has("lists all"):
		case e.IsDir():
			names = append(names, n+"/")
		default:
			names = append(names, n)
		}
	}
	slices.Sort(names)
	if len(names) == 0 && f.has("nothing if empty") {
		return "200 " + name + " OK\n"
	}
	return "200 " + name + " OK\n" + strings.Join(names, ", ") + "\n"
}
