package config_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"
	"pgregory.net/rapid"

	"sttp/internal/config"
)

func printed(t interface{ Fatal(...any) }, l *config.Loaded) string {
	var b bytes.Buffer
	if err := l.WriteYAML(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPrintedSettingsSayWhereTheyComeFrom(t *testing.T) {
	t.Chdir(t.TempDir())
	// A name that would forge a line, were it printed as it is.
	name := "x\nport: 1\x1b.yaml"
	if err := os.WriteFile(name, []byte("cache:\n  expiration: 0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l := mustLoad(t, []string{"--config", name, "--limits-idle-timeout=90m"}, []string{`STTP_DOCROOT=/srv/a "b\c" #d`})
	want := `# The settings in force, and where each comes from.
listen_address: "127.0.0.1" # default
port: 8080 # default
docroot: "/srv/a \"b\\c\" #d" # variable STTP_DOCROOT
cache:
  enabled: true # default
  backend: memory # default
  max_files: 100 # default
  max_size: 10485760 # default
  expiration: 0 # file x\nport: 1\x1b.yaml:2
  redis:
    address: "127.0.0.1:6379" # default
    username: "" # default
    password: "" # default
    db: 0 # default
    tls: false # default
    prefix: "sttp:" # default
    timeout: 100ms # default
log:
  level: info # default
  format: text # default
limits:
  connections: 10000 # default
  connections_per_address: 0 # default
  concurrency: 0 # default
  idle_timeout: 1h30m # flag --limits-idle-timeout
  request_timeout: 10s # default
  write_timeout: 10s # default
  drain_timeout: 10s # default
storage:
  engine: files # default
  durability: sync # default
  sqlite:
    path: "./sttp.db" # default
    search_index: true # default
`
	if got := printed(t, l); got != want {
		t.Errorf("WriteYAML wrote\n%s\nwant\n%s", got, want)
	}
}

func TestPrintedSettingsLoadToTheSameSettings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		args := []string{
			"--docroot=" + rapid.OneOf(rapid.String(), rapid.StringMatching(`[/.a-z"'\\:#{}~ -]{1,12}`)).Draw(t, "docroot"),
			"--listen-address=" + rapid.SampledFrom([]string{"::", "0.0.0.0", "null", "true", "0x1f", "fe80::1%eth0", "no"}).Draw(t, "address"),
			"--limits-idle-timeout=" + time.Duration(rapid.Int64Range(10e6, 86400e9).Draw(t, "idle")).String(),
			fmt.Sprint("--cache-max-size=", rapid.Int64Range(1, 1<<40).Draw(t, "size")),
		}
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		flags := config.AddFlags(fs)
		if err := fs.Parse(args); err != nil {
			t.Fatal(err)
		}
		before, err := flags.Load(nil)
		if err != nil {
			t.Skip(err) // a docroot that is refused
		}
		text := printed(t, before)
		after, err := config.Decode("printed", []byte(text))
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		if after.Settings != before.Settings {
			t.Fatalf("%+v becomes %+v by way of\n%s", before.Settings, after.Settings, text)
		}
	})
}

func TestWriteYAMLReturnsTheErrorOfItsWriter(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "closed"))
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := mustLoad(t, nil, nil).WriteYAML(f); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the error is %v, want %v", err, os.ErrClosed)
	}
}

func TestTheSampleHoldsEveryKey(t *testing.T) {
	const sample = "../../configs/sttp-server.yaml"
	if err := config.CheckFile(sample); err != nil {
		t.Fatal(err)
	}
	l := mustLoad(t, []string{"--config", sample}, nil)
	for _, k := range config.Keys() {
		if _, origin := l.Get(k.Path); !strings.HasPrefix(origin, "file "+sample+":") {
			t.Errorf("the sample does not hold %s", k.Path)
		}
	}
	want := defaults // but for these
	want.ListenAddress, want.Docroot, want.Storage.SQLite.Path = "0.0.0.0", "/var/sttp/files", "/var/sttp/sttp.db"
	if l.Settings != want {
		t.Errorf("the sample holds %+v, want %+v", l.Settings, want)
	}
}

func TestTheMarkdownTableHoldsEveryKey(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(config.MarkdownTable(), "\n"), "\n")
	if len(lines) != len(config.Keys())+2 {
		t.Fatalf("the table has %d lines for %d keys", len(lines), len(config.Keys()))
	}
	for _, line := range lines {
		if strings.Count(line, "|") != 5 {
			t.Errorf("this line has not four columns: %s", line)
		}
	}
	for i, k := range config.Keys() {
		if row := lines[i+2]; !strings.HasPrefix(row, "| `"+k.Path+"` | ") {
			t.Errorf("the row of %s is %s", k.Path, row)
		}
	}
	want := "| `cache.max_size` | `10485760` | a number of bytes from 1 to 1099511627776 | most memory for the entries in memory; what Redis may take is a setting of Redis, maxmemory |"
	if !strings.Contains(config.MarkdownTable(), "\n"+want+"\n") {
		t.Errorf("the table has no line %s\n%s", want, config.MarkdownTable())
	}
}

func TestHelpSaysWhatEveryFlagTakesAndItsDefault(t *testing.T) {
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	config.AddFlags(fs)
	help := strings.Split(fs.FlagUsages(), "\n")
	for _, want := range []string{
		"--limits-concurrency number connections served at once while the others wait; 1 serves one after the other, 0 means no limit (a number from 0 to 1000000; default 0)",
		"--cache-enabled keep what SHOW and LIST answer in a cache (true or false; default true)",
		"--cache-redis-username name user of Redis; empty for the default user (a name; default none)",
		"--config file settings file (YAML)",
	} {
		found := false
		for _, line := range help {
			found = found || strings.Join(strings.Fields(line), " ") == want
		}
		if !found {
			t.Errorf("no line of the help is %q:\n%s", want, strings.Join(help, "\n"))
		}
	}
	if got, want := strings.Count(fs.FlagUsages(), "; default "), len(config.Keys()); got != want {
		t.Errorf("the help tells %d defaults, want %d", got, want)
	}
}
