package main

import (
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"

	"sttp"
	"sttp/internal/cli"
)

// Shows [2.1-1] of docs/protocol.md.
func TestAURLNamesAServerAndAPath(t *testing.T) {
	for raw, want := range map[string]target{
		"sttp://localhost/a.txt":           {"localhost", 8080, "/a.txt"},
		"STTP://Host.example:9/a/b.txt":    {"Host.example", 9, "/a/b.txt"},
		"sttp://127.0.0.1:65535/":          {"127.0.0.1", 65535, "/"},
		"sttp://localhost:/a":              {"localhost", 8080, "/a"},
		"sttp://[::1]/a":                   {"::1", 8080, "/a"},
		"sttp://[2001:db8::1]:9000/a":      {"2001:db8::1", 9000, "/a"},
		"sttp://[fe80::1%25eth0]:9000/a":   {"fe80::1%eth0", 9000, "/a"},
		"sttp://[fe80::1%eth0]/a":          {"fe80::1%eth0", 8080, "/a"},
		"sttp://h/m%C3%BCll%23+%25.txt":    {"h", 8080, "/müll#+%.txt"},
		"sttp://h/müll":                    {"h", 8080, "/müll"},
		"sttp://h//a":                      {"h", 8080, "//a"}, // refused as a path
		"sttp://under_score.example/a:b@c": {"under_score.example", 8080, "/a:b@c"},
	} {
		if got, err := parseURL(raw); err != nil || got != want {
			t.Errorf("parseURL(%s) = %+v, %v; want %+v", raw, got, err, want)
		}
	}
}

func TestAWrongURLIsAUsageErrorWithAHint(t *testing.T) {
	for _, raw := range []string{
		"", "a.txt", "localhost", "http://h/a", "://h/a", "sttp:h/a", "sttp:", "sttp://", "sttp:///a", "sttp://h", "sttp://:80/a",
		"sttp://h:0/a", "sttp://h:65536/a", "sttp://h:-1/a", "sttp://h:+1/a", "sttp://h:8080x/a", "sttp://h:1:2/a",
		"sttp://::1/a", "sttp://[::1/a", "sttp://::1]/a", "sttp://[h]/a", "sttp://[::1]x/a", "sttp://[]/a", "sttp://[127.0.0.1]/a",
		"sttp://u@h/a", "sttp://u:p@h/a", "sttp://h/a#b", "sttp://h#b", "sttp://h/a?b", "sttp://h?b", "sttp://h/a%2fb",
		"sttp://h/%", "sttp://h/%x0", "sttp://h h/a", "sttp://[::1%25%]/a", "sttp://h%20/a", "sttp://müll/a", "sttp://h\x1b/a", "sttp://h\\a",
		"sttp://" + strings.Repeat("h", 254) + "/a",
	} {
		_, err := parseURL(raw)
		var f *cli.Failure
		if !errors.As(err, &f) || f.Code != cli.ExitUsage || f.Hint == "" {
			t.Errorf("parseURL(%q): error %v, want a usage error with a hint", raw, err)
		}
	}
}

func FuzzURL(f *testing.F) {
	f.Add("sttp://localhost:8080/notes/a.txt")
	f.Add("sttp://[fe80::1%25eth0]:1/m%C3%BCll%23'")
	f.Add("sttp://u@h:/a?b#c")
	f.Add("sttp://[0::%%0]:1/")
	f.Add("http://[::1]/%2F")
	f.Fuzz(func(t *testing.T, raw string) {
		got, err := parseURL(raw)
		if err != nil {
			return
		}
		if got.host == "" || got.port < 1 || got.port > 65535 || !strings.HasPrefix(got.path, "/") {
			t.Errorf("parseURL(%q) = %+v", raw, got)
		}
		if host, _, err := net.SplitHostPort(got.address()); err != nil || host != got.host {
			t.Errorf("the address of %q is %q", raw, got.address())
		}
		// What hints show is a URL of the same file.
		if _, err := sttp.ParsePath(got.path); err != nil {
			return
		}
		shown := strings.Trim(got.url(got.path), "'")
		if again, err := parseURL(shown); err != nil || again != got {
			t.Errorf("parseURL(%q) = %+v, shown as %s, which is %+v, %v", raw, got, shown, again, err)
		}
		if u, err := url.Parse(shown); err == nil && u.Path != got.path {
			t.Errorf("%s has the path %q for net/url, want %q", shown, u.Path, got.path)
		}
	})
}
