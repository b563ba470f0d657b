package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"syscall"

	"sttp/internal/cli"
	"sttp/internal/config"
)

// listen opens a listener on each address that the settings' listen_address
// stands for: one for an IP address, all that a name resolves to. With port 0
// they share the port that the first one gets.
func listen(ctx context.Context, settings config.Settings, log *slog.Logger) ([]net.Listener, error) {
	addresses, err := resolve(ctx, settings.ListenAddress)
	if err != nil {
		return nil, err
	}
	port := settings.Port
	var listeners []net.Listener
	for _, address := range addresses {
		l, err := listenOn(ctx, address, port, settings.Limits)
		if len(addresses) > 1 && (errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT)) {
			log.Warn("one of the name's addresses is not this machine's", "name", settings.ListenAddress, "address", address)
			continue
		}
		if err != nil {
			closeAll(listeners)
			return nil, listenFailure(address, port, err)
		}
		listeners = append(listeners, l)
		port = l.Addr().(*net.TCPAddr).Port
	}
	if len(listeners) == 0 {
		return nil, listenFailure(addresses[0], port, syscall.EADDRNOTAVAIL)
	}
	return listeners, nil
}

// resolve returns the addresses that name stands for, in the resolver's order.
func resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{address.Unmap()}, nil
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("cannot listen on %q: %w", name, err),
			Hint: "give an address or a name of this machine with --listen-address, such as 127.0.0.1, ::1 or localhost"}
	}
	var addresses []netip.Addr
	seen := map[netip.Addr]bool{}
	for _, address := range found {
		if address = address.Unmap(); !seen[address] {
			seen[address] = true
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}

// listenOn listens on one address, on IPv4 or IPv6 alone as the address is,
// except that :: takes both.
func listenOn(ctx context.Context, address netip.Addr, port int, limits config.Limits) (net.Listener, error) {
	network := "tcp4"
	switch {
	case address == netip.IPv6Unspecified():
		network = "tcp"
	case address.Is6():
		network = "tcp6"
	}
	var lc net.ListenConfig
	if limits.Concurrency == 0 {
		// A silent connection ends by its idle timeout; probes would only cost
		// system calls. One that waits for its turn has none.
		lc.KeepAlive = -1
	}
	return lc.Listen(ctx, network, net.JoinHostPort(address.String(), strconv.Itoa(port)))
}

// listenFailure says why a listener could not be opened, and what to do.
func listenFailure(address netip.Addr, port int, err error) error {
	where := net.JoinHostPort(address.String(), strconv.Itoa(port))
	why, hint := err, "choose another address with --listen-address or another port with --port"
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		why = errors.New("the address is in use by another program")
		hint = "stop that program, or choose another port with --port (0 takes a free one)"
	case errors.Is(err, syscall.EACCES):
		why = errors.New("permission denied")
		hint = "ports below 1024 are often reserved for root; choose a higher one with --port, such as 8080"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		why = errors.New("the address is none of this machine's")
		hint = "choose one that it has with --listen-address; 127.0.0.1 for this machine alone, 0.0.0.0 for all of its IPv4 addresses"
	}
	return &cli.Failure{Code: cli.ExitFailure, Err: fmt.Errorf("cannot listen on %s: %w", where, why), Hint: hint}
}
