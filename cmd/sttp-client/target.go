package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"sttp"
	"sttp/internal/cli"
)

const exampleURL = "sttp://localhost:8080/notes/a.txt"

// target is a server and a path there.
type target struct {
	host string // a name or an address; IPv6 without brackets
	port int
	path string // as it goes over the wire; not checked yet
}

// address returns the server as a dialer takes it.
func (t target) address() string { return net.JoinHostPort(t.host, strconv.Itoa(t.port)) }

// url returns the URL of another path on t's server, in a form that a shell
// takes as one word.
func (t target) url(path string) string {
	var b strings.Builder
	host := strings.ReplaceAll(t.host, "%", "%25")
	b.WriteString("sttp://" + net.JoinHostPort(host, strconv.Itoa(t.port)))
	for _, r := range path {
		switch {
		case r < utf8.RuneSelf && !isLetterOrDigit(r) && !strings.ContainsRune("/-._~:@+,=", r):
			fmt.Fprintf(&b, "%%%02X", r)
		default:
			b.WriteRune(r)
		}
	}
	return cli.ShellQuote(b.String())
}

// findTarget says what the argument arg, a URL or a path, is about. server is
// the value of STTP_SERVER, empty if there is none.
func findTarget(arg string, o options, server string) (target, error) {
	t, err := locate(arg, o, server)
	if err == nil && strings.Contains(t.path, "?") {
		return target{}, cli.Usagef(queryHint, "no path holds a ?, which begins a query")
	}
	return t, err
}

const queryHint = "queries are made of options, as in: " + name + " list sttp://localhost:8080/notes/ --name '*.txt' --recursive, and search"

func locate(arg string, o options, server string) (target, error) {
	if !strings.HasPrefix(arg, "/") {
		if o.addressed {
			return target{}, cli.Usagef("leave --address and --port out, or give the path alone", "the URL names the server already")
		}
		return parseURL(arg)
	}
	if !o.addressed && server != "" {
		t, err := parseServer(server)
		t.path = arg
		return t, err
	}
	if o.port < 1 || o.port > 65535 {
		return target{}, cli.Usagef("as in --port 8080", "%d is no port: it is a number from 1 to 65535", o.port)
	}
	host := o.address
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") && strings.Contains(host, ":") {
		host = host[1 : len(host)-1]
	}
	host, err := parseHost(host)
	if err != nil {
		return target{}, cli.Usagef("--address takes a name or an address; the port is given with --port", "--address: %w", err)
	}
	return target{host: host, port: o.port, path: arg}, nil
}

// parseServer parses the value of STTP_SERVER, a URL without a path.
func parseServer(raw string) (target, error) {
	const hint = "STTP_SERVER is sttp://host or sttp://host:port"
	rest, ok := cutScheme(raw)
	if !ok {
		return target{}, cli.Usagef(hint, "STTP_SERVER does not begin with sttp://")
	}
	server := strings.TrimSuffix(rest, "/")
	if strings.Contains(server, "/") {
		return target{}, cli.Usagef(hint, "STTP_SERVER holds a path")
	}
	t, err := parseAuthority(server)
	if err != nil {
		return target{}, cli.Usagef(hint, "STTP_SERVER: %w", err)
	}
	return t, nil
}

// parseURL parses sttp://host[:port]/path. The path is decoded and begins with
// a slash; whether it is valid is for sttp.NewRequest to say.
func parseURL(raw string) (target, error) {
	rest, ok := cutScheme(raw)
	if !ok {
		return target{}, noURL(raw)
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 && rest[i] == '#' {
		return target{}, cli.Usagef("a # in a name is written %23", "a # begins a fragment, which STTP does not have")
	} else if i >= 0 {
		return target{}, cli.Usagef(queryHint, "a ? begins a query, which no URL of STTP has")
	}
	authority, path, found := strings.Cut(rest, "/")
	t, err := parseAuthority(authority)
	if err != nil {
		return target{}, err
	}
	if !found {
		return target{}, cli.Usagef("add one, as in "+exampleURL+", or / for everything", "the URL has no path")
	}
	if strings.Contains(strings.ToUpper(path), "%2F") {
		return target{}, cli.Usagef("directories are separated by /, as in "+exampleURL, "%%2F stands for a slash within a name, and no name holds one")
	}
	if path, err = url.PathUnescape(path); err != nil {
		return target{}, cli.Usagef("a % is followed by two hexadecimal digits; the character itself is %25", "the URL's path is not well-formed: %w", err)
	}
	t.path = "/" + path
	return t, nil
}

// cutScheme returns what follows sttp://, in whatever case that is written.
func cutScheme(raw string) (rest string, ok bool) {
	const scheme = "sttp://"
	if len(raw) < len(scheme) || !strings.EqualFold(raw[:len(scheme)], scheme) {
		return "", false
	}
	return raw[len(scheme):], true
}

// noURL returns the error of an argument that begins neither with / nor with
// sttp://.
func noURL(raw string) error {
	scheme, rest, found := strings.Cut(raw, "://")
	switch {
	case found && scheme != "":
		return cli.Usagef("write sttp://"+rest, "%s:// is not STTP", scheme)
	case len(raw) >= 5 && strings.EqualFold(raw[:5], "sttp:"):
		return cli.Usagef("write sttp://"+strings.TrimLeft(raw[5:], "/"), "two slashes follow sttp:")
	case raw == "":
		return cli.Usagef("as in "+exampleURL+" or /notes/a.txt", "the URL is empty")
	}
	return cli.Usagef("write sttp://"+raw+" if it begins with a host, or /"+raw+" if it is a path",
		"%q is neither a URL nor a path", raw)
}

// parseAuthority parses host[:port].
func parseAuthority(s string) (target, error) {
	t := target{port: sttp.DefaultPort}
	if strings.Contains(s, "@") {
		return target{}, cli.Usagef("leave out what stands before the @", "the URL names a user, and STTP has none")
	}
	host, port := s, ""
	if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
		host, port = s[:i], s[i+1:]
	}
	bracketed := strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]")
	if bracketed {
		host = strings.Replace(host[1:len(host)-1], "%25", "%", 1) // before a zone
	}
	if strings.Contains(host, ":") != bracketed {
		return target{}, cli.Usagef("as in sttp://[::1]:8080/notes/a.txt", "an IPv6 address, and nothing else, stands in brackets")
	}
	var err error
	if t.host, err = parseHost(host); err != nil {
		return target{}, cli.Usagef("as in "+exampleURL, "%w", err)
	}
	if port != "" {
		if t.port, err = strconv.Atoi(port); err != nil || t.port < 1 || t.port > 65535 || port[0] == '+' {
			return target{}, cli.Usagef("as in "+exampleURL, "%q is no port: it is a number from 1 to 65535", port)
		}
	}
	return t, nil
}

// parseHost checks a name or an address and returns it.
func parseHost(host string) (string, error) {
	name := host
	if strings.Contains(host, ":") {
		addr, err := netip.ParseAddr(host)
		if err != nil {
			return "", fmt.Errorf("%q is no IPv6 address", host)
		}
		name = addr.Zone()
	}
	for _, r := range name {
		if !isLetterOrDigit(r) && !strings.ContainsRune("-._", r) {
			return "", fmt.Errorf("a host's name holds no %q", r)
		}
	}
	switch {
	case host == "":
		return "", errors.New("there is no host")
	case len(host) > 253:
		return "", errors.New("a host's name has at most 253 characters")
	}
	return host, nil
}

func isLetterOrDigit(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
}
