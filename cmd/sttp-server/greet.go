package main

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"sttp/internal/cli"
	"sttp/internal/config"
)

// greet says on one screen where the server listens, where the files are, and
// what to try. That it cannot be written is no reason not to serve.
func greet(w io.Writer, settings config.Settings, listeners []net.Listener) {
	docroot, err := filepath.Abs(settings.Docroot)
	if err != nil {
		docroot = settings.Docroot
	}
	fmt.Fprintf(w, "%s is ready\n\n", cli.Version(program))
	for _, l := range listeners {
		fmt.Fprintf(w, "  listening on  %s\n", l.Addr())
	}
	fmt.Fprintf(w, "  files in      %s (%s)\n", cli.Escape(docroot), settings.Storage.Durability)
	fmt.Fprintf(w, "  cache         %s\n", cacheText(settings.Cache))
	host, port := reachable(listeners[0].Addr())
	client := program[:len("sttp-")] + "client"
	if _, err := exec.LookPath(client); err != nil {
		client = "go run ./cmd/" + client
	}
	fmt.Fprintf(w, `
Try it from another terminal:
  printf 'CREATE /notes/a.txt Buy milk\n\n' | nc %s %s
  %s show sttp://%s/notes/a.txt

Ctrl-C stops it.

`, host, port, client, net.JoinHostPort(host, port))
}

func cacheText(c config.Cache) string {
	if !c.Enabled {
		return "off"
	}
	expiration := "never expire"
	if c.Expiration > 0 {
		expiration = fmt.Sprintf("expire after %s", c.Expiration)
	}
	return fmt.Sprintf("at most %d files and %d bytes, which %s", c.MaxFiles, c.MaxSize, expiration)
}

// reachable returns where a client on this machine finds a listener.
func reachable(a net.Addr) (host, port string) {
	tcp := a.(*net.TCPAddr)
	address := tcp.AddrPort().Addr().Unmap()
	switch {
	case address == netip.IPv4Unspecified():
		address = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	case address == netip.IPv6Unspecified():
		address = netip.IPv6Loopback()
	}
	return address.String(), strconv.Itoa(tcp.Port)
}

// reserved is the number of file descriptors that connections leave to the rest
// of the server, files and directories that are open for a moment; where there
// are few, it is a quarter of them.
const reserved = 200

// connectionLimit returns how many connections the open-file limit allows, at
// most wanted, and warns if that is less.
func connectionLimit(wanted int, log *slog.Logger) int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return wanted
	}
	open := int(min(uint64(limit.Cur), 1<<30))
	allowed := max(open-min(reserved, open/4), 1)
	if allowed >= wanted {
		return wanted
	}
	log.Warn("the limit on open files allows fewer connections than limits.connections; raise it with ulimit -n",
		"limits.connections", wanted, "open_files", open, "connections", allowed)
	return allowed
}
