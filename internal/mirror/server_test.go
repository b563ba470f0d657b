//go:build unix

package mirror_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"sttp"
	"sttp/client"
	"sttp/internal/mirror"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handled is a Handler that sees every request before the next one does.
type handled struct {
	next   sttp.Handler
	handle func(next sttp.Handler, req sttp.Request) sttp.Response
}

func (h handled) Handle(_ context.Context, req sttp.Request) sttp.Response {
	return h.handle(h.next, req)
}

// serve starts a real server on a fresh docroot and returns its address. Every
// request goes through handle unless that is nil.
func serve(t *testing.T, connections int, handle func(next sttp.Handler, req sttp.Request) sttp.Response) string {
	t.Helper()
	store, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	var h sttp.Handler = service.New(store, slog.New(slog.DiscardHandler))
	if handle != nil {
		h = handled{h, handle}
	}
	srv := server.New(h, server.Options{
		Connections: connections, Concurrency: 100, IdleTimeout: time.Minute, RequestTimeout: time.Minute, WriteTimeout: time.Minute,
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	t.Cleanup(func() {
		srv.Shutdown(context.Background())
		<-done
		store.Close()
	})
	return ln.Addr().String()
}

// respond starts a server that answers each line by what reply returns, and
// closes the connection where that is empty.
func respond(t *testing.T, reply func(line string) string) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			done.Go(func() {
				defer nc.Close()
				nc.SetDeadline(time.Now().Add(20 * time.Second))
				in := bufio.NewReader(nc)
				for {
					line, err := in.ReadString('\n')
					if err != nil || line == "\n" {
						return
					}
					text := reply(strings.TrimSuffix(line, "\n"))
					if text == silence {
						io.Copy(io.Discard, in)
					}
					if text == "" || text == silence {
						return
					}
					io.WriteString(nc, text)
				}
			})
		}
	})
	t.Cleanup(func() {
		ln.Close()
		done.Wait()
	})
	return ln.Addr().String()
}

// silence is no reply.
const silence = "silence"

// ok returns the reply to a line that asks for contents.
func ok(line, contents string) string {
	path, _, _ := strings.Cut(strings.Fields(line)[1], "?")
	return fmt.Sprintf("200 %s OK\n%s\n", path, contents)
}

// noted are the options for a server at address, and what is told.
type noted struct {
	mirror.Options
	events map[string]mirror.Event
}

func options(address string) *noted {
	n := &noted{events: make(map[string]mirror.Event)}
	n.Options = mirror.Options{
		Address: address, Client: client.Options{ReplyTimeout: 20 * time.Second},
		Tell: func(e mirror.Event) { n.events[e.Name] = e },
	}
	return n
}

// outcomes returns what became of each file, in order.
func (n *noted) outcomes() (all []string) {
	for _, name := range slices.Sorted(maps.Keys(n.events)) {
		all = append(all, fmt.Sprintf("%v %q", n.events[name].Outcome, name))
	}
	return all
}

// dir makes a directory with these files.
func dir(t *testing.T, contents map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range contents {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// read returns the files below a directory.
func read(t *testing.T, root string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(root, func(file string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		name, _ := filepath.Rel(root, file)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func path(t *testing.T, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
