package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// value reads and writes one setting.
type value interface {
	// set takes text as it stands in a flag, a variable or the file. An error,
	// always a *fault, leaves the setting as it was.
	set(text string) error
	// String returns the setting as set reads it.
	String() string
	// right says what set takes, such as "a number from 1 to 100".
	right() string
	// kind names in one word what set takes, for --help.
	kind() string
	// node is what YAML calls a value that set takes.
	node() ast.NodeType
}

// fault says what is wrong with a text, in words that follow it.
type fault struct {
	wrong   string // "is no whole number"
	instead string // what was probably meant, where that is known; harmless to print
}

func (f *fault) Error() string { return f.wrong }

func wrong(format string, args ...any) *fault { return &fault{wrong: fmt.Sprintf(format, args...)} }

// text is a value that is free text within a rule.
type text struct {
	p           *string
	word, means string
	check       func(string) error
}

func (v text) set(s string) error {
	if err := v.check(s); err != nil {
		return err
	}
	*v.p = s
	return nil
}

func (v text) String() string     { return *v.p }
func (v text) right() string      { return v.means }
func (v text) kind() string       { return v.word }
func (v text) node() ast.NodeType { return ast.StringType }

func address(p *string) value {
	return text{p, "address", "an IP address or a host name", checkAddress}
}

func checkAddress(s string) error {
	if _, err := netip.ParseAddr(s); err == nil && printable(s) {
		return nil
	}
	if isHostName(s) {
		return nil
	}
	if s == "" {
		return wrong("is empty")
	}
	if s == "*" {
		return &fault{"is no address", "0.0.0.0"}
	}
	host := strings.TrimSuffix(strings.TrimPrefix(s, "["), "]")
	if a, err := netip.ParseAddr(host); err == nil && a.Zone() == "" {
		return &fault{"has brackets around it", host}
	}
	if ap, err := netip.ParseAddrPort(s); err == nil && ap.Addr().Zone() == "" {
		return &fault{"holds a port, which is a setting of its own", ap.Addr().String()}
	}
	if name, _, found := strings.Cut(s, ":"); found && isHostName(name) {
		return &fault{"holds more than a host name; the port is a setting of its own", name}
	}
	return wrong("is neither an IP address nor a host name")
}

// isHostName tells whether s may be looked up: labels of letters, digits, - and
// _ that are separated by dots. What ends in a number is a broken IPv4 address.
func isHostName(s string) bool {
	if len(s) > 253 {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || strings.Trim(label, hostNameBytes) != "" {
			return false
		}
	}
	return strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

const hostNameBytes = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

func directory(p *string) value {
	return text{p, "directory", "the path of a directory", checkDirectory}
}

func file(p *string) value {
	return text{p, "file", "the path of a file", checkFile}
}

func checkFile(s string) error {
	if err := checkDirectory(s); err != nil {
		return err
	}
	switch {
	case strings.HasSuffix(s, "/"):
		return wrong("ends with a slash, as a directory does")
	case strings.HasPrefix(s, ":"):
		return &fault{"begins with a colon, as names do for SQLite that are no files", "./" + s}
	}
	return nil
}

func checkDirectory(s string) error {
	switch {
	case s == "":
		return wrong("is empty")
	case len(s) > 4095:
		return wrong("has more than 4095 bytes")
	case !utf8.ValidString(s):
		return wrong("is not UTF-8")
	case !printable(s):
		return wrong("holds control or format characters")
	case s == "~", strings.HasPrefix(s, "~/"):
		return wrong("begins with ~, which only a shell expands; write the whole path")
	}
	return nil
}

func endpoint(p *string) value {
	return text{p, "address", "host:port or the path of a Unix socket", checkEndpoint}
}

func checkEndpoint(s string) error {
	if _, rest, found := strings.Cut(s, "://"); found {
		if checkEndpoint(rest) == nil {
			return &fault{"is a URL", rest}
		}
		return wrong("is a URL")
	}
	if strings.Contains(s, "/") {
		return checkSocket(s)
	}
	if s == "" {
		return wrong("is empty")
	}
	const port = ":6379"
	host, number, err := net.SplitHostPort(s)
	switch {
	case err != nil && checkAddress(s) == nil:
		return &fault{"holds no port", net.JoinHostPort(s, port[1:])}
	case err != nil:
		return wrong("is neither host:port nor the path of a Unix socket, which has a slash in it, as in ./redis.sock")
	case host == "":
		return wrong("names no host")
	case checkAddress(host) != nil:
		return wrong("names neither an IP address nor a host")
	}
	if n, err := strconv.ParseUint(number, 10, 16); err != nil || n == 0 {
		return wrong("has a port that is no number from 1 to 65535")
	}
	return nil
}

// maxSocket is the longest name of a Unix socket, in bytes; it is less on some
// systems.
const maxSocket = 107

func checkSocket(s string) error {
	if err := checkFile(s); err != nil {
		return err
	}
	if len(s) > maxSocket {
		return wrong("is too long for a Unix socket, whose path has at most %d bytes", maxSocket)
	}
	return nil
}

func username(p *string) value {
	return text{p, "name", "a name", func(s string) error {
		switch {
		case len(s) > 255:
			return wrong("has more than 255 bytes")
		case !utf8.ValidString(s) || !printable(s) || strings.ContainsFunc(s, unicode.IsSpace):
			return wrong("holds spaces, control or format characters, or is not UTF-8")
		}
		return nil
	}}
}

func prefix(p *string) value {
	return text{p, "text", "1 to 64 letters, digits and :._-/", func(s string) error {
		if s == "" || len(s) > 64 || strings.Trim(s, hostNameBytes+":./") != "" {
			return wrong("is no prefix")
		}
		return nil
	}}
}

// secret is a text that is never shown.
type secret struct{ p *Secret }

func (v secret) set(s string) error {
	switch {
	case len(s) > 512:
		return wrong("has more than 512 bytes")
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return wrong("holds control characters, or is not UTF-8")
	}
	*v.p = Secret(s)
	return nil
}

func (v secret) String() string     { return v.p.String() }
func (v secret) right() string      { return "a text of at most 512 bytes" }
func (v secret) kind() string       { return "text" }
func (v secret) node() ast.NodeType { return ast.StringType }

// printable tells whether s holds no control and no format characters.
func printable(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf) }) < 0
}

// choice is a value that is one of a few words.
type choice struct {
	p     *string
	words []string
}

func (v choice) set(s string) error {
	if !slices.Contains(v.words, s) {
		return wrong("is not known here")
	}
	*v.p = s
	return nil
}

func (v choice) String() string     { return *v.p }
func (v choice) right() string      { return enumerate(v.words, "or") }
func (v choice) kind() string       { return "word" }
func (v choice) node() ast.NodeType { return ast.StringType }

// level is the least level that is logged.
type level struct{ p *slog.Level }

var levels = []slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}

func levelName(l slog.Level) string { return strings.ToLower(l.String()) }

func (v level) set(s string) error {
	for _, l := range levels {
		if levelName(l) == s {
			*v.p = l
			return nil
		}
	}
	return wrong("is no level")
}

func (v level) right() string {
	var words []string
	for _, l := range levels {
		words = append(words, levelName(l))
	}
	return enumerate(words, "or")
}

func (v level) String() string     { return levelName(*v.p) }
func (v level) kind() string       { return "level" }
func (v level) node() ast.NodeType { return ast.StringType }

// boolean is true or false. Flags and variables may spell it in the ways of
// strconv.ParseBool, the file in those of YAML.
type boolean struct{ p *bool }

func (v boolean) set(s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return wrong("is neither true nor false")
	}
	*v.p = b
	return nil
}

func (v boolean) String() string     { return strconv.FormatBool(*v.p) }
func (v boolean) right() string      { return "true or false" }
func (v boolean) kind() string       { return "bool" }
func (v boolean) node() ast.NodeType { return ast.BoolType }

// number is a whole number, of unit if there is one.
type number[T int | int64] struct {
	p        *T
	min, max T
	unit     string
}

func (v number[T]) set(s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case errors.Is(err, strconv.ErrRange) && s[0] == '-', err == nil && n < int64(v.min):
		return wrong("is too small")
	case errors.Is(err, strconv.ErrRange), err == nil && n > int64(v.max):
		return wrong("is too large")
	case err != nil:
		return wrong("is no whole number")
	case strconv.FormatInt(n, 10) != s: // YAML and people differ on what 010 is
		return &fault{"has more than digits, or begins with a zero", strconv.FormatInt(n, 10)}
	}
	*v.p = T(n)
	return nil
}

func (v number[T]) right() string {
	if v.unit != "" {
		return fmt.Sprintf("a number of %s from %d to %d", v.unit, v.min, v.max)
	}
	return fmt.Sprintf("a number from %d to %d", v.min, v.max)
}

func (v number[T]) String() string     { return strconv.FormatInt(int64(*v.p), 10) }
func (v number[T]) kind() string       { return "number" }
func (v number[T]) node() ast.NodeType { return ast.IntegerType }

// seconds is a time in whole seconds, written as a bare number.
type seconds struct {
	p        *time.Duration
	min, max int64
}

// number returns the setting as a number whose value can be changed apart.
func (v seconds) number() number[int64] {
	n := int64(*v.p / time.Second)
	return number[int64]{&n, v.min, v.max, "seconds"}
}

func (v seconds) set(s string) error {
	n := v.number()
	if err := n.set(s); err != nil {
		return err
	}
	*v.p = time.Duration(*n.p) * time.Second
	return nil
}

func (v seconds) String() string     { return v.number().String() }
func (v seconds) right() string      { return v.number().right() }
func (v seconds) kind() string       { return "seconds" }
func (v seconds) node() ast.NodeType { return ast.IntegerType }

// duration is a time with its unit, as in 30s.
type duration struct {
	p        *time.Duration
	min, max time.Duration
}

func (v duration) set(s string) error {
	d, err := time.ParseDuration(s)
	bare := strings.Trim(s, "+-.0123456789") == ""
	switch {
	case s != "" && bare:
		if d, err := time.ParseDuration(s + "s"); err == nil && v.min <= d && d <= v.max {
			return &fault{"has no unit", s + "s"}
		}
		return wrong("has no unit")
	case err != nil:
		return wrong("is no duration")
	case d < v.min:
		return wrong("is too short")
	case d > v.max:
		return wrong("is too long")
	}
	*v.p = d
	return nil
}

func (v duration) String() string { return formatDuration(*v.p) }
func (v duration) right() string {
	return fmt.Sprintf("a duration from %s to %s", formatDuration(v.min), formatDuration(v.max))
}
func (v duration) kind() string       { return "duration" }
func (v duration) node() ast.NodeType { return ast.StringType }

// formatDuration returns d without the zero units that its String ends with:
// 5m, not 5m0s.
func formatDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// enumerate joins words as a sentence does: "a, b or c".
func enumerate(words []string, conjunction string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " " + conjunction + " " + words[last]
}
