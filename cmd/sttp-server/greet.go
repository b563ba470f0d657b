package main

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"sttp/internal/cli"
	"sttp/internal/config"
)

// greet says on one screen where the server listens, where the snippets are, and
// what to try. That it cannot be written is no reason not to serve.
func greet(w io.Writer, settings config.Settings, listeners []net.Listener) {
	fmt.Fprintf(w, "%s is ready\n\n", cli.Version(program))
	for _, l := range listeners {
		fmt.Fprintf(w, "  listening on  %s\n", l.Addr())
	}
	fmt.Fprintf(w, "  %s  %s (%s)\n", map[string]string{config.EngineFiles: "files in    ", config.EngineSQLite: "SQLite in   "}[settings.Storage.Engine],
		cli.Escape(whereabouts(settings)), settings.Storage.Durability)
	fmt.Fprintf(w, "  cache         %s\n", cli.Escape(cacheText(settings.Cache)))
	host, port := reachable(listeners[0].Addr())
	client := clientCommand()
	fmt.Fprintf(w, `
Try it from another terminal:
  printf 'CREATE /notes/a.txt Buy milk\n\n' | nc %s %s
  %s show sttp://%s/notes/a.txt

Ctrl-C stops it.

`, host, port, client, net.JoinHostPort(host, port))
}

// clientCommand returns what starts the client from here: its name where it is
// installed, its path where it lies beside the server, go run in a checkout.
func clientCommand() string {
	const name = "sttp-client"
	if _, err := exec.LookPath(name); err == nil {
		return name
	}
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), name)
		if _, err := os.Stat(beside); err == nil {
			return cli.ShellQuote(beside)
		}
	}
	if _, err := os.Stat(filepath.Join("cmd", name)); err == nil {
		return "go run ./cmd/" + name
	}
	return name
}

// whereabouts returns the docroot or the database, as a whole path if possible.
func whereabouts(settings config.Settings) string {
	path := settings.Docroot
	if settings.Storage.Engine == config.EngineSQLite {
		path = settings.Storage.SQLite.Path
	}
	if whole, err := filepath.Abs(path); err == nil {
		return whole
	}
	return path
}

func cacheText(c config.Cache) string {
	if !c.Enabled {
		return "off"
	}
	expiration := "never expire"
	if c.Expiration > 0 {
		expiration = fmt.Sprintf("expire after %s", c.Expiration)
	}
	size := fmt.Sprintf("%d bytes", c.MaxSize)
	if c.MaxSize%(1<<20) == 0 {
		size = fmt.Sprintf("%d MiB", c.MaxSize>>20)
	}
	memory := fmt.Sprintf("at most %d files and %s", c.MaxFiles, size)
	switch c.Backend {
	case config.CacheRedis:
		return fmt.Sprintf("Redis at %s, where entries %s", c.Redis.Address, expiration)
	case config.CacheTiered:
		return fmt.Sprintf("%s, in front of Redis at %s; entries %s", memory, c.Redis.Address, expiration)
	}
	return fmt.Sprintf("%s, which %s", memory, expiration)
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
