package cli

import (
	"net"
	"net/url"
	"strconv"
	"strings"
)

// defaultPort is [2.1-1] of docs/protocol.md.
const defaultPort = "8080"

// ServerAddress returns the host:port that an argument of program names:
// sttp://host[:port], or the same without the scheme. The error is a Failure
// with a hint.
func ServerAddress(program, arg string) (string, error) {
	example := "as in: " + program + " sttp://localhost:8080"
	if !strings.Contains(arg, "://") {
		arg = "sttp://" + arg
	}
	u, err := url.Parse(arg)
	switch {
	case err != nil:
		return "", Usagef(example, "%q is no URL of a server", arg)
	case u.Scheme != "sttp":
		return "", Usagef(example, "%q is a URL of %s, not of STTP", arg, u.Scheme)
	case u.Hostname() == "" || u.User != nil:
		return "", Usagef(example, "%q names no host", arg)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return "", Usagef(example, "%q names more than a server; what is made lies below a directory of its own", arg)
	}
	port := u.Port()
	if port == "" {
		port = defaultPort
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return "", Usagef("a port is a number from 1 to 65535", "%q has a wrong port", arg)
	}
	return net.JoinHostPort(u.Hostname(), port), nil
}
