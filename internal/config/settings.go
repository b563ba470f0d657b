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

// Cache is what may be kept in memory.
type Cache struct {
	Enabled    bool
	MaxFiles   int           // entries
	MaxSize    int64         // bytes
	Expiration time.Duration // whole seconds; 0: entries never expire
}

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
	Engine     string // EngineFiles
	Durability string // DurabilitySync or DurabilityAsync
}

// The values of settings that are one of a few words.
const (
	LogText         = "text"
	LogJSON         = "json"
	EngineFiles     = "files"
	DurabilitySync  = "sync"
	DurabilityAsync = "async"
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
