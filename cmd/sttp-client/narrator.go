package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"time"

	"sttp/internal/cli"
)

// narrator tells on w what happens, step by step, for --verbose. Whatever it
// writes is escaped.
type narrator struct {
	mu    sync.Mutex // the dialer tries addresses side by side
	w     io.Writer
	start time.Time

	answered bool // the first line of a reply has arrived
}

// step tells what happened, and how long after the start.
func (n *narrator) step(format string, args ...any) {
	n.mu.Lock()
	defer n.mu.Unlock()
	ms := float64(time.Since(n.start)) / float64(time.Millisecond)
	fmt.Fprintf(n.w, "* %.1f ms: %s\n", ms, cli.Escape(fmt.Sprintf(format, args...)))
}

// sent shows the request.
func (n *narrator) sent(line []byte) {
	n.step("sending")
	n.line("> ", line)
}

// received shows a line of the reply.
func (n *narrator) received(line []byte) {
	n.mu.Lock()
	first := !n.answered
	n.answered = true
	n.mu.Unlock()
	if first {
		n.step("answered")
	}
	n.line("< ", line)
}

// line shows a line that went over the wire, or its beginning.
func (n *narrator) line(mark string, line []byte) {
	const most = 1 << 10
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(line) <= most {
		fmt.Fprintln(n.w, mark+cli.Escape(string(line)))
		return
	}
	fmt.Fprintf(n.w, "%s%s… and %d bytes more\n", mark, cli.Escape(string(line[:most])), len(line)-most)
}

// dial connects as a net.Dialer does: to the first of the host's addresses that
// answers, IPv6 and IPv4 side by side. The dialer does not tell what it finds
// out, so the name is looked up once more, before it does.
func (n *narrator) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if err := n.lookUp(ctx, host); err != nil {
		return nil, err
	}
	d := net.Dialer{ControlContext: func(_ context.Context, _, to string, _ syscall.RawConn) error {
		n.step("trying %s", to)
		return nil
	}}
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		n.step("not connected: %v", err)
		return nil, err
	}
	n.step("connected to %s from %s", nc.RemoteAddr(), nc.LocalAddr())
	return nc, nil
}

func (n *narrator) lookUp(ctx context.Context, host string) error {
	if _, err := netip.ParseAddr(host); err == nil {
		n.step("%s is an address, nothing to look up", host)
		return nil
	}
	n.step("looking up %s", host)
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil {
		n.step("not found: %v", err)
		return err
	}
	n.addresses(host, found)
	return nil
}

// addresses tells all that a name stands for.
func (n *narrator) addresses(host string, found []netip.Addr) {
	var all []string
	for _, a := range found {
		all = append(all, a.Unmap().String())
	}
	n.step("%s has the addresses %s", host, strings.Join(all, ", "))
}
