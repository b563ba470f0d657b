package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"sttp/cache/memory"
	"sttp/cache/redis"
	"sttp/internal/cli"
	"sttp/internal/config"
	"sttp/server"
	"sttp/store/files"
	"sttp/store/sqlite"
)

// Every setting has a value of its own, so that none can be taken for another.
func TestEverySettingReachesWhatItIsFor(t *testing.T) {
	settings := config.Default()
	settings.Cache = config.Cache{Enabled: true, Backend: config.CacheTiered, MaxFiles: 2, MaxSize: 3, Expiration: 4 * time.Second,
		Redis: config.Redis{Address: "a:1", Username: "b", Password: "c", DB: 12, TLS: true, Prefix: "d", Timeout: 13 * time.Second}}
	settings.Limits = config.Limits{
		Connections: 5, ConnectionsPerAddress: 6, Concurrency: 7,
		IdleTimeout: 8 * time.Second, RequestTimeout: 9 * time.Second, WriteTimeout: 10 * time.Second, DrainTimeout: 11 * time.Second,
	}
	settings.Storage.Durability = config.DurabilityAsync
	log := slog.New(slog.DiscardHandler)

	if got, want := memoryOptions(settings.Cache), (memory.Options{MaxEntries: 2, MaxBytes: 3, Expiration: 4 * time.Second}); got != want {
		t.Errorf("the cache gets %+v, want %+v", got, want)
	}
	inRedis := redisOptions(settings.Cache, "id", log)
	if inRedis.TLS == nil || inRedis.TLS.InsecureSkipVerify {
		t.Errorf("TLS with Redis is set up as %+v", inRedis.TLS)
	}
	inRedis.TLS = nil
	if want := (redis.Options{Address: "a:1", Username: "b", Password: "c", DB: 12, Prefix: "d", StoreID: "id",
		Timeout: 13 * time.Second, Expiration: 4 * time.Second, Logger: log}); !reflect.DeepEqual(inRedis, want) {
		t.Errorf("the cache in Redis gets %+v, want %+v", inRedis, want)
	}
	if got := redisOptions(config.Default().Cache, "id", log).TLS; got != nil {
		t.Errorf("by default Redis is spoken to by %+v", got)
	}
	want := server.Options{Connections: 5, ConnectionsPerAddress: 6, Concurrency: 7,
		IdleTimeout: 8 * time.Second, RequestTimeout: 9 * time.Second, WriteTimeout: 10 * time.Second, Logger: log}
	if got := serverOptions(settings, settings.Limits.Connections, log); got != want {
		t.Errorf("the server gets %+v, want %+v", got, want)
	}
	if got, want := filesOptions(settings, 12, log), (files.Options{Durability: files.Async, Logger: log, Parallel: 12}); !reflect.DeepEqual(got, want) {
		t.Errorf("the store gets %+v, want %+v", got, want)
	}
	if got := filesOptions(config.Default(), 1, log).Durability; got != files.Sync {
		t.Errorf("by default the store's durability is %v", got)
	}
	settings.Storage.SQLite.SearchIndex = false
	if got, want := sqliteOptions(settings, log), (sqlite.Options{Durability: sqlite.Async, Logger: log}); !reflect.DeepEqual(got, want) {
		t.Errorf("the database gets %+v, want %+v", got, want)
	}
	if got, want := sqliteOptions(config.Default(), log), (sqlite.Options{Durability: sqlite.Sync, SearchIndex: true, Logger: log}); !reflect.DeepEqual(got, want) {
		t.Errorf("by default the database gets %+v, want %+v", got, want)
	}
}

func TestTheLogHasItsLevelAndFormat(t *testing.T) {
	for _, test := range []struct {
		settings config.Log
		want     string // the beginning of the only line
	}{
		{config.Log{Level: slog.LevelWarn, Format: config.LogText}, "time="},
		{config.Log{Level: slog.LevelWarn, Format: config.LogJSON}, `{"time":`},
	} {
		var b bytes.Buffer
		log := newLogger(&b, test.settings)
		log.Info("not this")
		log.Warn("this")
		if got := b.String(); !strings.HasPrefix(got, test.want) || strings.Count(got, "\n") != 1 || !strings.Contains(got, "this") {
			t.Errorf("with %+v the log has\n%s", test.settings, got)
		}
	}
}

func TestWhyItCannotListenIsSaidWithWhatToDo(t *testing.T) {
	for errno, want := range map[error][2]string{
		syscall.EADDRINUSE:    {"the address is in use by another program", "--port"},
		syscall.EACCES:        {"permission denied", "ports below 1024"},
		syscall.EADDRNOTAVAIL: {"the address is none of this machine's", "--listen-address"},
		syscall.ENOBUFS:       {"no buffer space available", "choose another"},
	} {
		err := listenFailure(netip.IPv6Loopback(), 80, os.NewSyscallError("bind", errno))
		var failure *cli.Failure
		if !errors.As(err, &failure) || failure.Code != cli.ExitFailure ||
			!strings.HasPrefix(err.Error(), "cannot listen on [::1]:80: ") || !strings.Contains(err.Error(), want[0]) || !strings.Contains(failure.Hint, want[1]) {
			t.Errorf("%v is told as %+v", errno, err)
		}
	}
}
