package config_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/pflag"

	"sttp/internal/config"
)

// load is what a program does with its arguments and its environment.
func load(t *testing.T, args, environ []string) (*config.Loaded, error) {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags := config.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatalf("the command line %q does not parse: %v", args, err)
	}
	return flags.Load(environ)
}

func mustLoad(t *testing.T, args, environ []string) *config.Loaded {
	t.Helper()
	l, err := load(t, args, environ)
	if err != nil {
		t.Fatalf("Load(%q, %q):\n%v", args, environ, err)
	}
	return l
}

// write makes a settings file and returns its name.
func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "sttp.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

var defaults = config.Settings{
	ListenAddress: "127.0.0.1",
	Port:          8080,
	Docroot:       "./sttp-files",
	Cache: config.Cache{
		Enabled: true, Backend: "memory", MaxFiles: 100, MaxSize: 10485760, Expiration: 300 * time.Second,
		Redis: config.Redis{Address: "127.0.0.1:6379", Prefix: "sttp:", Timeout: 100 * time.Millisecond},
	},
	Log: config.Log{Level: slog.LevelInfo, Format: "text"},
	Limits: config.Limits{
		Connections:    10000,
		IdleTimeout:    5 * time.Minute,
		RequestTimeout: 10 * time.Second,
		WriteTimeout:   10 * time.Second,
		DrainTimeout:   10 * time.Second,
	},
	Storage: config.Storage{
		Engine: "files", Durability: "sync",
		SQLite: config.SQLite{Path: "./sttp.db", SearchIndex: true},
	},
}

// Shows [10.1-1] of docs/protocol.md.
func TestWithoutAnythingTheDefaultsHold(t *testing.T) {
	if got := mustLoad(t, nil, nil).Settings; got != defaults {
		t.Errorf("Load = %+v, want %+v", got, defaults)
	}
	if got := config.Default(); got != defaults {
		t.Errorf("Default = %+v, want %+v", got, defaults)
	}
}

func TestEveryKeyOfAFileSetsItsOwnField(t *testing.T) {
	file := write(t, `
listen_address: "::1"
port: 1
docroot: /srv
cache:
  enabled: false
  backend: tiered
  max_files: 2
  max_size: 3
  expiration: 4
  redis: {address: "[::1]:5", username: u, password: p, db: 6, tls: true, prefix: "x:", timeout: 7ms}
log: {level: error, format: json}
limits:
  connections: 5
  connections_per_address: 6
  concurrency: 7
  idle_timeout: 8s
  request_timeout: 9m
  write_timeout: 10ms
  drain_timeout: 1h
storage:
  engine: sqlite
  durability: async
  sqlite: {path: /srv/s.db, search_index: false}
`)
	want := config.Settings{
		ListenAddress: "::1", Port: 1, Docroot: "/srv",
		Cache: config.Cache{
			Backend: config.CacheTiered, MaxFiles: 2, MaxSize: 3, Expiration: 4 * time.Second,
			Redis: config.Redis{"[::1]:5", "u", "p", 6, true, "x:", 7 * time.Millisecond},
		},
		Log:     config.Log{Level: slog.LevelError, Format: config.LogJSON},
		Limits:  config.Limits{5, 6, 7, 8 * time.Second, 9 * time.Minute, 10 * time.Millisecond, time.Hour},
		Storage: config.Storage{config.EngineSQLite, config.DurabilityAsync, config.SQLite{Path: "/srv/s.db"}},
	}
	if got := mustLoad(t, []string{"--config", file}, nil).Settings; got != want {
		t.Errorf("Load = %+v, want %+v", got, want)
	}
}

// inForce holds for each key a value for the file, one for the variable and
// one for the flag.
var inForce = map[string][3]string{
	"listen_address":                 {"localhost", "10.0.0.1", "::1"},
	"port":                           {"1", "2", "3"},
	"docroot":                        {"a", "b", "c"},
	"cache.enabled":                  {"false", "true", "false"},
	"cache.backend":                  {"redis", "tiered", "memory"},
	"cache.max_files":                {"1", "2", "3"},
	"cache.max_size":                 {"1", "2", "3"},
	"cache.expiration":               {"1", "2", "0"},
	"cache.redis.address":            {"a:1", "./b", "c:3"},
	"cache.redis.username":           {"a", "b", "c"},
	"cache.redis.password":           {"a", "b", "c"},
	"cache.redis.db":                 {"1", "2", "3"},
	"cache.redis.tls":                {"true", "false", "true"},
	"cache.redis.prefix":             {"a", "b", "c"},
	"cache.redis.timeout":            {"1s", "2s", "3s"},
	"log.level":                      {"debug", "warn", "error"},
	"log.format":                     {"json", "text", "json"},
	"limits.connections":             {"1", "2", "3"},
	"limits.connections_per_address": {"1", "2", "3"},
	"limits.concurrency":             {"1", "2", "3"},
	"limits.idle_timeout":            {"1s", "2s", "24h"},
	"limits.request_timeout":         {"1s", "2s", "3s"},
	"limits.write_timeout":           {"1s", "2s", "3s"},
	"limits.drain_timeout":           {"1s", "2s", "3s"},
	"storage.engine":                 {"sqlite", "files", "sqlite"},
	"storage.durability":             {"async", "sync", "async"},
	"storage.sqlite.path":            {"a", "b", "c"},
	"storage.sqlite.search_index":    {"false", "true", "false"},
}

func TestAFlagComesBeforeAVariableBeforeTheFileBeforeTheDefault(t *testing.T) {
	for _, k := range config.Keys() {
		t.Run(k.Path, func(t *testing.T) {
			values, ok := inForce[k.Path]
			if !ok {
				t.Fatal("this test has no values for the key")
			}
			var text string
			parts := strings.Split(k.Path, ".")
			for depth, part := range parts {
				text += strings.Repeat("  ", depth) + part + ":\n"
			}
			file := write(t, strings.TrimSuffix(text, "\n")+" "+values[0]+"\n")
			line := fmt.Sprint(":", len(parts))
			args := []string{"--config", file, "--" + k.Flag + "=" + values[2]}
			environ := []string{k.Variable + "=" + values[1], k.Variable + "=the first one counts"}

			check := func(l *config.Loaded, text, origin string) {
				t.Helper()
				if gotText, gotOrigin := l.Get(k.Path); gotText != text || gotOrigin != origin {
					t.Errorf("%q from %q, want %q from %q", gotText, gotOrigin, text, origin)
				}
			}
			check(mustLoad(t, args, environ), values[2], "flag --"+k.Flag)
			check(mustLoad(t, args[:2], environ), values[1], "variable "+k.Variable)
			check(mustLoad(t, args[:2], nil), values[0], "file "+file+line)
			empty := mustLoad(t, args[:2], []string{k.Variable + "="})
			check(empty, values[0], "file "+file+line)
			initial, _ := mustLoad(t, nil, nil).Get(k.Path)
			check(mustLoad(t, nil, []string{k.Variable + "="}), initial, "")
		})
	}
	if len(inForce) != len(config.Keys()) {
		t.Errorf("%d keys, but values for %d", len(config.Keys()), len(inForce))
	}
}

func TestFlagsAndVariablesAreNamedAfterTheirKeys(t *testing.T) {
	want := config.Key{Path: "limits.connections_per_address", Flag: "limits-connections-per-address", Variable: "STTP_LIMITS_CONNECTIONS_PER_ADDRESS"}
	if !slices.Contains(config.Keys(), want) {
		t.Errorf("no key is %+v", want)
	}
}

func TestABooleanFlagNeedsNoValue(t *testing.T) {
	for _, c := range []struct {
		args []string
		want bool
	}{
		{[]string{"--cache-enabled=false"}, false},
		{[]string{"--cache-enabled"}, true},
		{[]string{"--cache-enabled=0", "--cache-enabled=1"}, true},
	} {
		if got := mustLoad(t, c.args, []string{"STTP_CACHE_ENABLED=false"}).Settings.Cache.Enabled; got != c.want {
			t.Errorf("%q gives %t, want %t", c.args, got, c.want)
		}
	}
}

func TestAMisspelledVariableIsAWarningAndAForeignOneIsNot(t *testing.T) {
	l := mustLoad(t, nil, []string{
		"STTP_CACHE_MAXFILES=5", "STTP_LOGLEVEL\x1b=1", // these two
		"STTP_SERVER=sttp://host", "STTP_PROXY=sttp://host", "STTP_SERVICE_HOST=10.0.0.1", "STTP_=1",
		"CACHE_MAXFILES=5", "STTP_PORT=1", "STTP_PORT", "=C:=x", "",
	})
	want := []string{
		"the variable STTP_CACHE_MAXFILES is no setting; did you mean STTP_CACHE_MAX_FILES?",
		`the variable STTP_LOGLEVEL\x1b is no setting; did you mean STTP_LOG_LEVEL?`,
	}
	if !slices.Equal(l.Warnings, want) {
		t.Errorf("Warnings = %q, want %q", l.Warnings, want)
	}
}

func TestASettingThatHasNoEffectBesideTheOthersIsAWarning(t *testing.T) {
	whole := write(t, "docroot: a\nstorage: {engine: files, sqlite: {path: b}}\ncache: {redis: {db: 1}}\n")
	for _, c := range []struct {
		args, environ, want []string
	}{
		{[]string{"--config", whole}, nil, nil},
		{[]string{"--config", whole, "--storage-engine=sqlite"}, nil,
			[]string{"docroot (file " + whole + ":1) has no effect: with storage.engine sqlite the snippets are in storage.sqlite.path, b"}},
		{[]string{"--docroot=c", "--storage-engine=sqlite"}, nil,
			[]string{"docroot (flag --docroot) has no effect: with storage.engine sqlite the snippets are in storage.sqlite.path, ./sttp.db"}},
		{[]string{"--storage-sqlite-path=a"}, nil,
			[]string{"storage.sqlite.path (flag --storage-sqlite-path) has no effect: with storage.engine files the snippets are in docroot, ./sttp-files"}},
		{nil, []string{"STTP_CACHE_REDIS_PASSWORD=hunter2"},
			[]string{"cache.redis.password (variable STTP_CACHE_REDIS_PASSWORD) has no effect: with cache.backend memory there is no Redis"}},
		{[]string{"--cache-backend=redis", "--cache-enabled=false"}, nil,
			[]string{"cache.backend (flag --cache-backend) has no effect: cache.enabled is false"}},
		{[]string{"--cache-backend=redis", "--cache-max-files=5"}, nil,
			[]string{"cache.max_files (flag --cache-max-files) has no effect: with cache.backend redis nothing is kept in memory"}},
		{[]string{"--cache-backend=tiered", "--cache-max-files=5", "--cache-redis-db=1", "--storage-engine=sqlite", "--storage-sqlite-path=a"}, nil, nil},
	} {
		if got := mustLoad(t, c.args, c.environ).Warnings; !slices.Equal(got, c.want) {
			t.Errorf("%q, %q: %q, want %q", c.args, c.environ, got, c.want)
		}
	}
}

func TestErrorsOfFlagsVariablesAndTheFileAreToldTogether(t *testing.T) {
	file := write(t, "port: http\n")
	_, err := load(t,
		[]string{"--config", file, "--limits-idle-timeout=90", "--listen-address=[::1]:80", "--cache-max-size", "10MB"},
		[]string{"STTP_LOG_LEVEL=\x1b[31mINFO", "STTP_DOCROOT=~/sttp", "STTP_CACHE_ENABLED=yes"})
	want := file + ":1:7: port: \"http\" is no whole number\n" +
		"  1 | port: http\n" +
		"    |       ^\n" +
		"  right would be a number from 0 to 65535, as in `port: 8080`\n" + `
--listen-address: "[::1]:80" holds a port, which is a setting of its own
  right would be an IP address or a host name, as in --listen-address=::1
STTP_DOCROOT: "~/sttp" begins with ~, which only a shell expands; write the whole path
  right would be the path of a directory, as in STTP_DOCROOT=./sttp-files
STTP_CACHE_ENABLED: "yes" is neither true nor false
  right would be true or false, as in STTP_CACHE_ENABLED=true
--cache-max-size: "10MB" is no whole number
  right would be a number of bytes from 1 to 1099511627776, as in --cache-max-size=10485760
STTP_LOG_LEVEL: "\x1b[31mINFO" is no level
  right would be debug, info, warn or error, as in STTP_LOG_LEVEL=info
--limits-idle-timeout: "90" has no unit
  right would be a duration from 10ms to 24h, as in --limits-idle-timeout=90s`[1:]
	equal(t, err, want)
}

func TestWhatASourceOverridesIsCheckedToo(t *testing.T) {
	_, err := load(t, []string{"--port=1"}, []string{"STTP_PORT=tcp://10.0.0.1:8080"})
	equal(t, err, `STTP_PORT: "tcp://10.0.0.1:8080" is no whole number
  right would be a number from 0 to 65535, as in STTP_PORT=8080`)
}

func TestAFileThatCannotBeReadIsAnErrorLikeTheOthers(t *testing.T) {
	dir := t.TempDir()
	hint := "\n  right would be a file that this user may read, as in --config=sttp-server.yaml"
	for name, want := range map[string]string{
		dir:                     dir + ": the settings file cannot be read: is a directory" + hint,
		dir + "/missing\x1b[2J": dir + `/missing\x1b[2J: the settings file cannot be read: no such file or directory` + hint,
		"":                      "the name of the settings file is empty\n  right would be a file, as in --config=sttp-server.yaml",
	} {
		_, err := load(t, []string{"--config", name}, nil)
		equal(t, err, want)
		equal(t, config.CheckFile(name), want)
	}
}

func TestCheckFileTakesWhatLoadTakesAndNothingElse(t *testing.T) {
	if err := config.CheckFile(write(t, "port: 1\n")); err != nil {
		t.Errorf("a good file: %v", err)
	}
	bad := write(t, "port: 1\nprot: 2\n")
	equal(t, config.CheckFile(bad), bad+`:2:1: unknown key prot; did you mean port?
  2 | prot: 2
    | ^`)
}

// equal checks that err is an *Error with exactly that text.
func equal(t *testing.T, err error, want string) {
	t.Helper()
	if _, ok := errors.AsType[*config.Error](err); !ok {
		t.Errorf("the error is a %T, want an *Error\n%v", err, want)
		return
	}
	if got := err.Error(); got != want {
		t.Errorf("the error is\n%s\nwant\n%s", got, want)
	}
}
