package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"sttp/client"
	"sttp/internal/cli"
	"sttp/internal/mirror"
)

// silent starts a peer that reads requests and never answers.
func silent(t *testing.T) (p *peer, url string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p = newPeer(ln, nil, true, false)
	t.Cleanup(p.close)
	return p, "sttp://" + ln.Addr().String() + "/a.txt"
}

func TestAnInterruptTellsWhetherAChangeWasSent(t *testing.T) {
	for action, want := range map[string]int{"show": cli.ExitNoConnection, "delete": cli.ExitOutcomeUnknown} {
		p, url := silent(t)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			<-p.heard
			cancel()
		}()
		var stderr bytes.Buffer
		code := run(ctx, []string{action, url, "--timeout=1m"}, nil, nil, nil, &stderr)
		if code != want || !strings.Contains(stderr.String(), "interrupted") {
			t.Errorf("%s: exit code %d, want %d; it said %s", action, code, want, &stderr)
		}
		cancel()
	}
}

// endless is an input from which nothing comes until the test is over.
type endless struct{ over <-chan struct{} }

func (e endless) Read([]byte) (int, error) {
	<-e.over
	return 0, errors.New("over")
}

func TestAnInterruptEndsTheWaitForStandardInput(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr bytes.Buffer
	code := run(ctx, []string{"create", "sttp://localhost/a.txt", "-"}, nil, endless{over}, nil, &stderr)
	if code != cli.ExitNoConnection || !strings.Contains(stderr.String(), "before anything was sent") {
		t.Errorf("exit code %d; it said %s", code, &stderr)
	}
}

func TestStandardInputThatFailsIsNotSent(t *testing.T) {
	input := iotest.DataErrReader(iotest.TimeoutReader(strings.NewReader("Buy milk")))
	var stderr bytes.Buffer
	code := run(t.Context(), []string{"create", "sttp://localhost:1/a.txt", "-"}, nil, input, nil, &stderr)
	if code != cli.ExitUsage || !strings.Contains(stderr.String(), "cannot be read: timeout") {
		t.Errorf("exit code %d; it said %s", code, &stderr)
	}
}

func TestALineThatIsLongIsShownInPart(t *testing.T) {
	var b bytes.Buffer
	n := &narrator{w: &b, answered: true}
	n.received(bytes.Repeat([]byte{'x'}, 1024))
	n.received(bytes.Repeat([]byte{'y'}, 1030))
	want := "< " + strings.Repeat("x", 1024) + "\n< " + strings.Repeat("y", 1024) + "… and 6 bytes more\n"
	if b.String() != want {
		t.Errorf("it shows %q", &b)
	}
}

func TestAllAddressesOfANameAreTold(t *testing.T) {
	var b bytes.Buffer
	n := &narrator{w: &b, start: time.Now()}
	n.addresses("example.org", []netip.Addr{netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("::ffff:192.0.2.1"), netip.MustParseAddr("192.0.2.2")})
	if want := "ms: example.org has the addresses 2001:db8::1, 192.0.2.1, 192.0.2.2\n"; !strings.HasSuffix(b.String(), want) {
		t.Errorf("it says %q, want %q", &b, want)
	}
}

func TestAChangeThatAnInterruptLeftOpenIsToldInTheClientsWords(t *testing.T) {
	var stderr bytes.Buffer
	p := &program{stderr: &stderr}
	transfer := &transfer{program: p, progress: cli.NewProgress(&stderr)}
	transfer.tell(mirror.Event{Outcome: mirror.Unknown, Name: "a.txt", Err: fmt.Errorf("%w: %w", client.ErrOutcomeUnknown, context.Canceled)})
	if want := "unknown a.txt: interrupted before its reply came\n"; stderr.String() != want {
		t.Errorf("it says %q, want %q", &stderr, want)
	}
}
