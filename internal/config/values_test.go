package config_test

import (
	"strings"
	"testing"
)

func TestAddressesAreIPAddressesOrHostNames(t *testing.T) {
	label := strings.Repeat("a", 63)
	name := strings.Repeat("a.", 126) + "a" // 253 bytes
	good := []string{"0.0.0.0", "::", "::1", "fe80::1%eth0", "::ffff:10.0.0.1", "localhost", "localhost.", "a-b.example", "my_host", "9host", label, name}
	bad := []string{"10.0.0", "1", "0.0.0.256", "[::]", "localhost:1", ":8080", "a b", "a..b", ".a", ".", "-a", "a/b", "é", "*", "fe80::1%a\x1b", "fe80::1%\u202e", "sttp://host", label + "a", name + "a"}
	checkFlag(t, "listen-address", good, bad)
}

func TestDocrootsAreTextThatPrints(t *testing.T) {
	good := []string{".", "/", "a b", "./~", "~user", "日本", "a\\b", "$HOME", strings.Repeat("x", 4095)}
	bad := []string{"", "~", "~/a", "a\nb", "a\x00", "a\x7f", "\u0085", "\u202e", "\xff", strings.Repeat("x", 4096)}
	checkFlag(t, "docroot", good, bad)
}

func TestRedisIsAtAnAddressWithAPortOrAtASocket(t *testing.T) {
	good := []string{"localhost:6379", "10.0.0.1:1", "[::1]:65535", "/run/redis.sock", "./redis.sock", "redis/redis.sock", "/" + strings.Repeat("x", 106)}
	bad := []string{"", "localhost", "10.0.0.1", "::1", ":6379", "localhost:", "localhost:0", "localhost:65536", "localhost:redis", "a b:1", "redis.sock", "redis://localhost:6379", "/run/", "~/redis.sock", "/a\x1b", "/" + strings.Repeat("x", 107)}
	checkFlag(t, "cache-redis-address", good, bad)
	for address, instead := range map[string]string{"localhost": "localhost:6379", "::1": "[::1]:6379", "redis://h:1": "h:1"} {
		_, err := load(t, []string{"--cache-redis-address=" + address}, nil)
		if want := "as in --cache-redis-address=" + instead; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("the error of %q does not end with %q: %v", address, want, err)
		}
	}
}

func TestWhatRedisIsToldIsPlainText(t *testing.T) {
	checkFlag(t, "cache-redis-prefix", []string{"a", "sttp:", "A-b_c.d/e:"}, []string{"", "a b", "a*", "{a}", "é", "a\n", strings.Repeat("x", 65)})
	checkFlag(t, "cache-redis-username", []string{"", "a", "müller", "a@b"}, []string{"a b", "a\n", "\u202e", "\xff", strings.Repeat("x", 256)})
	checkFlag(t, "cache-redis-password", []string{"", "a b", "é\u202e"}, []string{"a\n", "\xff", strings.Repeat("x", 513)})
	checkFlag(t, "cache-redis-timeout", []string{"1ms", "10s"}, []string{"0s", "999us", "11s", "100"})
	checkFlag(t, "storage-sqlite-path", []string{"a.db", "/a/b", "./:memory:"}, []string{"", "a/", ":memory:", "~/a", "a\n"})
}

func TestNumbersAreDecimalDigits(t *testing.T) {
	checkFlag(t, "port", []string{"0", "65535"}, []string{"", " 1", "+1", "-1", "-0", "01", "0x1", "1_0", "1e3", "1.0", "65536", "١"})
	checkFlag(t, "cache-max-size", []string{"1", "1099511627776"}, []string{"0", "1099511627777", "9223372036854775808", "1k"})
	checkFlag(t, "cache-expiration", []string{"0", "31536000"}, []string{"-1", "31536001", "5m", "1.5"})
}

func TestDurationsHaveAUnit(t *testing.T) {
	good := []string{"10ms", "1.5s", "90s", "1h30m", "24h", "10000µs"}
	bad := []string{"", "0", "30", "1.5", "-", "+-.", "1d", "1 s", "-1s", "9999µs", "0s", "24h1ns", "9999999h"}
	checkFlag(t, "limits-idle-timeout", good, bad)
	checkFlag(t, "limits-drain-timeout", []string{"1h"}, []string{"1h1ns"})
}

func checkFlag(t *testing.T, flag string, good, bad []string) {
	t.Helper()
	for _, text := range good {
		if _, err := load(t, []string{"--" + flag + "=" + text}, nil); err != nil {
			t.Errorf("%q is refused: %v", text, err)
		}
	}
	for _, text := range bad {
		if _, err := load(t, []string{"--" + flag + "=" + text}, nil); err == nil {
			t.Errorf("--%s=%q is accepted", flag, text)
		}
	}
}

func TestSuggestionsAreOnlyMadeWhereTheyAreRight(t *testing.T) {
	for flag, c := range map[string]struct{ text, sample string }{
		"--limits-idle-timeout":  {"90000", "5m"}, // 25 hours are too long
		"--limits-write-timeout": {"3600", "3600s"},
		"--listen-address":       {"[fe80::1%\x1b]", "127.0.0.1"},
	} {
		_, err := load(t, []string{flag + "=" + c.text}, nil)
		if want := "as in " + flag + "=" + c.sample; err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("the error of %s=%q does not end with %q: %v", flag, c.text, want, err)
		}
	}
}
