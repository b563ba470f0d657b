// Package config turns flags, environment variables and a YAML file into typed
// settings. One table (keys.go) says what the settings are; flags, variables,
// the file's keys, what --print-config prints and the README's table all follow
// from it.
//
// A flag comes before a variable, a variable before the file, the file before
// the default. Every source is checked whole, also what a stronger one
// overrides. An empty variable counts as one that is not set.
package config

import (
	"log/slog"
	"strconv"
	"time"
)

// Settings is what sttp-server can be told. Every value that Default and Load
// let through is in the range that the table of keys gives for it.
type Settings struct {
	ListenAddress string // an IP address or a host name, without a port
	Port          int    // 0 takes any free port
	Docroot       string // relative to the working directory
	Cache         Cache
	Log           Log
	Limits        Limits
	Storage       Storage
}

// Cache is what may be kept in memory and in Redis.
type Cache struct {
	Enabled    bool
	Backend    string        // CacheMemory, CacheRedis or CacheTiered
	MaxFiles   int           // entries in memory
	MaxSize    int64         // bytes in memory
	Expiration time.Duration // whole seconds; 0: entries never expire
	Redis      Redis
}

// Redis is where Redis is, and who we are to it.
type Redis struct {
	Address  string // host:port, or a Unix socket's path, which holds a slash
	Username string // "" for the default user
	Password Secret // "" for none
	DB       int
	TLS      bool
	Prefix   string // of all keys
	Timeout  time.Duration
}

// Secret is a text that does not show when it is printed with what it is in.
type Secret string

// String returns as much as may be shown.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(not shown)"
}

// GoString returns as much as may be shown.
func (s Secret) GoString() string { return strconv.Quote(s.String()) }

// MarshalText returns as much as may be shown.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue returns as much as may be shown.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Log is what is logged, and how.
type Log struct {
	Level  slog.Level // one of the four that slog names
	Format string     // LogText or LogJSON
}

// Limits is how much a server takes on, and how long it waits.
type Limits struct {
	Connections           int // open at once
	ConnectionsPerAddress int // open at once from one IPv4 address or IPv6 /64; 0: no limit
	Concurrency           int // served at once; 0: no limit
	IdleTimeout           time.Duration
	RequestTimeout        time.Duration
	WriteTimeout          time.Duration
	DrainTimeout          time.Duration
}

// Storage is where snippets are kept, and how safely.
type Storage struct {
	Engine     string // EngineFiles or EngineSQLite
	Durability string // DurabilitySync or DurabilityAsync
	SQLite     SQLite
}

// SQLite is the database of EngineSQLite.
type SQLite struct {
	Path        string // relative to the working directory
	SearchIndex bool
}

// The values of settings that are one of a few words.
const (
	LogText         = "text"
	LogJSON         = "json"
	EngineFiles     = "files"
	EngineSQLite    = "sqlite"
	DurabilitySync  = "sync"
	DurabilityAsync = "async"
	CacheMemory     = "memory"
	CacheRedis      = "redis"
	CacheTiered     = "tiered"
)

// Default returns the settings that hold where nothing else is said.
func Default() Settings {
	var s Settings
	for _, k := range keys {
		if err := k.value(&s).set(k.initial); err != nil {
			panic("config: the default of " + k.path + " " + err.Error()) // a mistake in the table
		}
	}
	return s
}
