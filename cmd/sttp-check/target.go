package main

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"sttp/internal/cli"
)

const exampleTarget = "as in: " + name + " sttp://localhost:8080"

// defaultPort is [2.1-1] of docs/protocol.md.
const defaultPort = "8080"

// parseTarget returns the host:port that an argument names: sttp://host[:port]
// or the same without the scheme.
func parseTarget(arg string) (string, error) {
	if !strings.Contains(arg, "://") {
		arg = "sttp://" + arg
	}
	u, err := url.Parse(arg)
	switch {
	case err != nil:
		return "", cli.Usagef(exampleTarget, "%q is no URL of a server", arg)
	case u.Scheme != "sttp":
		return "", cli.Usagef(exampleTarget, "%q is a URL of %s, not of STTP", arg, u.Scheme)
	case u.Hostname() == "" || u.User != nil:
		return "", cli.Usagef(exampleTarget, "%q names no host", arg)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", cli.Usagef(exampleTarget, "%q names more than a server; what is made lies below a directory of its own", arg)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", cli.Usagef("a port is a number from 1 to 65535", "%q has a wrong port", arg)
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}
