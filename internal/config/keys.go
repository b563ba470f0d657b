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
	{"docroot", "./sttp-files", "where the engine files keeps its files, relative to the working directory; made if it is missing",
		func(s *Settings) value { return directory(&s.Docroot) }},

	{"cache.enabled", "true", "keep what SHOW and LIST answer in a cache",
		func(s *Settings) value { return boolean{&s.Cache.Enabled} }},
	{"cache.backend", CacheMemory, "where the cache is: in memory, in Redis, or tiered, which is memory in front of Redis",
		func(s *Settings) value {
			return choice{&s.Cache.Backend, []string{CacheMemory, CacheRedis, CacheTiered}}
		}},
	{"cache.max_files", "100", "most entries in memory; the least recently used go first",
		func(s *Settings) value { return number[int]{&s.Cache.MaxFiles, 1, 10_000_000, ""} }},
	{"cache.max_size", "10485760", "most memory for the entries in memory; what Redis may take is a setting of Redis, maxmemory",
		func(s *Settings) value { return number[int64]{&s.Cache.MaxSize, 1, 1 << 40, "bytes"} }},
	{"cache.expiration", "300", "age at which an entry leaves memory or Redis, so that a file edited by hand is noticed; 0 means never",
		func(s *Settings) value { return seconds{&s.Cache.Expiration, 0, 365 * 24 * 60 * 60} }},
	{"cache.redis.address", "127.0.0.1:6379", "where Redis is: host:port, or the path of a Unix socket, which has a slash in it",
		func(s *Settings) value { return endpoint(&s.Cache.Redis.Address) }},
	{"cache.redis.username", "", "user of Redis; empty for the default user",
		func(s *Settings) value { return username(&s.Cache.Redis.Username) }},
	{"cache.redis.password", "", "password of that user, empty for none; give it in the variable STTP_CACHE_REDIS_PASSWORD, since everyone on the machine sees flags",
		func(s *Settings) value { return secret{&s.Cache.Redis.Password} }},
	{"cache.redis.db", "0", "number of the database in Redis",
		func(s *Settings) value { return number[int]{&s.Cache.Redis.DB, 0, 9999, ""} }},
	{"cache.redis.tls", "false", "speak TLS with Redis, whose certificate an authority of the system has to vouch for, or one in the file SSL_CERT_FILE",
		func(s *Settings) value { return boolean{&s.Cache.Redis.TLS} }},
	{"cache.redis.prefix", "sttp:", "what all keys in Redis begin with",
		func(s *Settings) value { return prefix(&s.Cache.Redis.Prefix) }},
	{"cache.redis.timeout", "100ms", "how long a request waits for Redis before it goes to the storage, and the others after it at once until Redis is back",
		func(s *Settings) value {
			return duration{&s.Cache.Redis.Timeout, time.Millisecond, 10 * time.Second}
		}},

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

	{"storage.engine", EngineFiles, "what keeps the snippets: files, each in a file below docroot, or sqlite, all in one database",
		func(s *Settings) value { return choice{&s.Storage.Engine, []string{EngineFiles, EngineSQLite}} }},
	{"storage.durability", DurabilitySync, "what a success promises: with sync the change survives a power cut, with async a crash of the server",
		func(s *Settings) value {
			return choice{&s.Storage.Durability, []string{DurabilitySync, DurabilityAsync}}
		}},
	{"storage.sqlite.path", "./sttp.db", "the database of the engine sqlite, relative to the working directory; made if it is missing",
		func(s *Settings) value { return file(&s.Storage.SQLite.Path) }},
	{"storage.sqlite.search_index", "true", "keep an index for the searches of LIST, which makes the database larger and changes slower",
		func(s *Settings) value { return boolean{&s.Storage.SQLite.SearchIndex} }},
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
