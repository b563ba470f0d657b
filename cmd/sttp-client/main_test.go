//go:build unix

package main

import (
	"context"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"sttp"
	"sttp/internal/cli/clitest"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

// TestMain lets scripts run this program by its name, and fails if goroutines
// are left behind.
func TestMain(m *testing.M) {
	clitest.Main(m, map[string]func(){name: main})
}

// TestScripts runs the scripts in testdata/script. Beside the commands of
// testscript they have these:
//
//	serve VAR                     a real server; VAR becomes its URL
//	plain [-once] VAR OTHER       the server of OTHER, without queries
//	respond [-MODE] VAR FILE      a peer that answers each connection with FILE
//	exits CODE COMMAND [ARGS...]  exec, with exactly that exit code
//	received VAR                  waits until the peer of VAR has read a line
//
// With -once a plain server closes each connection behind its first reply. The
// modes of respond: -keep leaves the connection open after the reply,
// -unasked replies before anything is sent. VAR_PORT becomes the port.
//
// The script output.txtar shows [4.5-3] of docs/protocol.md.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			// Under the race detector a program waits for a second before it
			// ends unless it is told not to.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serveCmd, "plain": plainCmd, "respond": respondCmd, "exits": clitest.Exits, "received": receivedCmd,
		},
	})
}

// listenFor opens a port and tells the script of it.
func listenFor(ts *testscript.TestScript, name string) net.Listener {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(name, "sttp://"+ln.Addr().String())
	ts.Setenv(name+"_PORT", strconv.Itoa(ln.Addr().(*net.TCPAddr).Port))
	return ln
}

func serveCmd(ts *testscript.TestScript, _ bool, args []string) {
	ln := listenFor(ts, args[0])
	store, err := files.Open(ts.MkAbs("docroot-"+args[0]), files.Options{Durability: files.Async})
	ts.Check(err)
	handler := service.New(store, slog.New(slog.DiscardHandler))
	handlers.Store(ts.Getenv(args[0]), handler)
	srv := server.New(handler, server.Options{
		Connections: 100, Concurrency: 100, IdleTimeout: time.Minute, RequestTimeout: time.Minute, WriteTimeout: time.Minute,
	})
	done := make(chan error, 1)
	go func() { done <- srv.Serve(ln) }()
	ts.Defer(func() {
		handlers.Delete(ts.Getenv(args[0]))
		srv.Shutdown(context.Background())
		<-done
		store.Close()
	})
}

// handlers are those of running servers by their URL.
var handlers sync.Map

func plainCmd(ts *testscript.TestScript, _ bool, args []string) {
	once := args[0] == "-once"
	if once {
		args = args[1:]
	}
	handler, ok := handlers.Load(ts.Getenv(args[1]))
	if !ok {
		ts.Fatalf("%s is no server", args[1])
	}
	s := newPlain(listenFor(ts, args[0]), handler.(sttp.Handler), once)
	ts.Defer(s.close)
}

// peers are those of running scripts by their URL.
var peers sync.Map

func respondCmd(ts *testscript.TestScript, _ bool, args []string) {
	keep, unasked := args[0] == "-keep", args[0] == "-unasked"
	if keep || unasked {
		args = args[1:]
	}
	reply := []byte(ts.ReadFile(args[1]))
	p := newPeer(listenFor(ts, args[0]), reply, keep, unasked)
	url := ts.Getenv(args[0])
	peers.Store(url, p)
	ts.Defer(func() {
		peers.Delete(url)
		p.close()
	})
}

func receivedCmd(ts *testscript.TestScript, _ bool, args []string) {
	p, ok := peers.Load(ts.Getenv(args[0]))
	if !ok {
		ts.Fatalf("%s is no peer", args[0])
	}
	select {
	case <-p.(*peer).heard:
	case <-time.After(20 * time.Second):
		ts.Fatalf("nothing was received")
	}
}
