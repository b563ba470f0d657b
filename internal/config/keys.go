package config

import (
	"slices"
	"strings"
	"time"
)

// key is one setting. A new one is a line in the table and a field in Settings.
type key struct {
	path    string // as in the file, with a dot for each level: "cache.max_files"
	initial string // the default, as set reads it
	doc     string // one line, for --help and the README: no back quotes, no |
	value   func(*Settings) value
}

// keys is the table of all settings, in the order in which they are printed.
// The keys of one section stand together.
var keys = []key{
	{"listen_address", "127.0.0.1", "where to listen; with 0.0.0.0 or :: everyone who reaches this machine can read and write the store",
		func(s *Settings) value { return address(&s.ListenAddress) }},
	{"port", "8080", "TCP port to listen on; 0 takes any free one",
		func(s *Settings) value { return number[int]{&s.Port, 0, 65535, ""} }},
	{"docroot", "./sttp-files", "where the files are kept, relative to the working directory; made if it is missing",
		func(s *Settings) value { return directory(&s.Docroot) }},

	{"cache.enabled", "true", "keep what SHOW and LIST answer in memory",
		func(s *Settings) value { return boolean{&s.Cache.Enabled} }},
	{"cache.max_files", "100", "most entries in the cache; the least recently used go first",
		func(s *Settings) value { return number[int]{&s.Cache.MaxFiles, 1, 10_000_000, ""} }},
	{"cache.max_size", "10485760", "most memory for the entries in the cache",
		func(s *Settings) value { return number[int64]{&s.Cache.MaxSize, 1, 1 << 40, "bytes"} }},
	{"cache.expiration", "300", "age at which an entry leaves the cache, so that a file edited by hand is noticed; 0 means never",
		func(s *Settings) value { return seconds{&s.Cache.Expiration, 0, 365 * 24 * 60 * 60} }},

	{"log.level", "info", "least level that is logged: debug logs every request, info every connection",
		func(s *Settings) value { return level{&s.Log.Level} }},
	{"log.format", LogText, "form of a line in the log",
		func(s *Settings) value { return choice{&s.Log.Format, []string{LogText, LogJSON}} }},

	{"limits.connections", "10000", "most open connections; one more is answered 500 and closed",
		func(s *Settings) value { return number[int]{&s.Limits.Connections, 1, 1_000_000, ""} }},
	{"limits.connections_per_address", "0", "most open connections from one IPv4 address or one IPv6 network (/64); 0 means no limit",
		func(s *Settings) value { return number[int]{&s.Limits.ConnectionsPerAddress, 0, 1_000_000, ""} }},
	{"limits.concurrency", "0", "connections served at once while the others wait; 1 serves one after the other, 0 means no limit",
		func(s *Settings) value { return number[int]{&s.Limits.Concurrency, 0, 1_000_000, ""} }},
	{"limits.idle_timeout", "5m", "how long a connection may be silent between requests",
		func(s *Settings) value { return duration{&s.Limits.IdleTimeout, shortest, 24 * time.Hour} }},
	{"limits.request_timeout", "10s", "how long a request may take to arrive, from its first byte to its end",
		func(s *Settings) value { return duration{&s.Limits.RequestTimeout, shortest, time.Hour} }},
	{"limits.write_timeout", "10s", "how long a client may take to read a reply",
		func(s *Settings) value { return duration{&s.Limits.WriteTimeout, shortest, time.Hour} }},
	{"limits.drain_timeout", "10s", "how long a server that was told to stop waits for requests that are running",
		func(s *Settings) value { return duration{&s.Limits.DrainTimeout, shortest, time.Hour} }},

	{"storage.engine", EngineFiles, "what keeps the snippets: files keeps each one in a file below docroot",
		func(s *Settings) value { return choice{&s.Storage.Engine, []string{EngineFiles}} }},
	{"storage.durability", DurabilitySync, "what a success promises: with sync the change survives a power cut, with async a crash of the server",
		func(s *Settings) value {
			return choice{&s.Storage.Durability, []string{DurabilitySync, DurabilityAsync}}
		}},
}

// shortest is the least a timeout can be: a shorter one would cut off every
// client.
const shortest = 10 * time.Millisecond

// flag returns the flag's name without its dashes: "cache-max-files".
func (k key) flag() string { return strings.NewReplacer(".", "-", "_", "-").Replace(k.path) }

// variable returns the environment variable's name: "STTP_CACHE_MAX_FILES".
func (k key) variable() string {
	return variablePrefix + strings.ToUpper(strings.ReplaceAll(k.path, ".", "_"))
}

const variablePrefix = "STTP_"

// name returns the last part of the path: "max_files".
func (k key) name() string { return k.path[strings.LastIndexByte(k.path, '.')+1:] }

// section returns the path without its last part, "" at the top: "cache".
func (k key) section() string { return k.path[:max(0, strings.LastIndexByte(k.path, '.'))] }

// findKey returns the key with that path.
func findKey(path string) (key, bool) {
	if i := slices.IndexFunc(keys, func(k key) bool { return k.path == path }); i >= 0 {
		return keys[i], true
	}
	return key{}, false
}

// names returns what may stand in a section ("" is the top): keys and the
// sections below it, in the order of the table. It returns nil for what is no
// section.
func names(section string) []string {
	var all []string
	for _, k := range keys {
		rest := k.path
		if section != "" {
			var below bool
			if rest, below = strings.CutPrefix(k.path, section+"."); !below {
				continue
			}
		}
		name, _, _ := strings.Cut(rest, ".")
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// join returns the path of what is called name in section.
func join(section, name string) string {
	if section == "" {
		return name
	}
	return section + "." + name
}
