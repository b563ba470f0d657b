package files

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"

	"sttp/internal/service"
	"sttp/server"
)

// lone is a listener with one connection.
type lone struct {
	conns  chan net.Conn
	closed chan struct{}
}

func (l *lone) Accept() (net.Conn, error) {
	select {
	case nc := <-l.conns:
		return nc, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *lone) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *lone) Addr() net.Addr { return &net.TCPAddr{} }

// One client with many changes in flight has them made side by side, so that
// one sync of their directory does for many: the reason for [2.1-7] of
// docs/protocol.md. A sync ends here when nobody can join the next one any more.
func TestPipelinedChangesShareTheirSyncs(t *testing.T) {
	const changes = 100
	synctest.Test(t, func(t *testing.T) {
		disk := newSimDisk()
		s, err := Open("simulated", Options{disk: disk, Parallel: changes})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := (call{"CREATE", "/n/first", "x"}).do(s); err != nil {
			t.Fatal(err)
		}
		begun := s.Stats()
		disk.gate = func(op string) error {
			if op == "sync n" {
				synctest.Wait()
			}
			return nil
		}
		mine, theirs := net.Pipe()
		defer mine.Close()
		l := &lone{make(chan net.Conn, 1), make(chan struct{})}
		l.conns <- theirs
		srv := server.New(service.New(s, slog.New(slog.DiscardHandler)), server.Options{})
		go srv.Serve(l)
		defer srv.Shutdown(context.Background())

		var requests strings.Builder
		for i := range changes {
			fmt.Fprintf(&requests, "CREATE /n/%d x\n", i)
		}
		if _, err := mine.Write([]byte(requests.String())); err != nil {
			t.Fatal(err)
		}
		replies := bufio.NewReader(mine)
		for i := range changes {
			want := fmt.Sprintf("100 /n/%d CREATED\n", i)
			if got, err := replies.ReadString('\n'); got != want {
				t.Fatalf("got %q and %v, want %q", got, err, want)
			}
		}
		ended := s.Stats()
		if made, syncs := ended.Changes-begun.Changes, ended.Syncs-begun.Syncs; made != changes || syncs != 2 {
			t.Errorf("%d changes took %d syncs, want %d and 2", made, syncs, changes)
		}
	})
}
