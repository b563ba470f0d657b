package redis

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode"

	"github.com/redis/rueidis"
)

const adviceAlone = "set cache.redis.address to a Redis that stands alone"

// replies is what an error of Redis that has one of these words in it asks of
// somebody. The word may stand behind others: a script's error has it in its midst.
var replies = []struct{ word, why, advice string }{
	{"WRONGPASS", "it refuses the user and the password", "set cache.redis.username and cache.redis.password to those of a user in Redis"},
	{"NOAUTH", "it wants a password", "set cache.redis.password"},
	{"invalid password", "it refuses the password", "set cache.redis.password to that of Redis"},
	{"without any password configured", "it has no password, and one was given", "leave cache.redis.password empty"},
	{"NOPERM", "the user may not do what a cache does", "give the user of cache.redis.username ~<prefix>* +client|tracking +ping +select +get +set +del +eval +evalsha"},
	{"READONLY", "it is a replica, which takes no changes", "set cache.redis.address to the primary"},
	{"OOM", "its memory is full", "set its maxmemory-policy to allkeys-lru, or raise its maxmemory"},
	{"MISCONF", "it takes no changes as it cannot save them", "look into the log of Redis, or give the cache a Redis that saves nothing"},
	{"NOREPLICAS", "it takes no changes as it has no replicas", "look at its min-replicas-to-write"},
	{"MOVED", "it is a part of a cluster", adviceAlone},
	{"CLUSTERDOWN", "it is a part of a cluster", adviceAlone},
	{"DB index is out of range", "it does not have that database", "set cache.redis.db to one that it has"},
	{"LOADING", "it is loading its data", ""},
	{"BUSY", "it is busy with a script", ""},
	{"MASTERDOWN", "it is a replica without its primary", ""},
}

// explain says in words why there is no link, and what somebody can do, "" where
// that is unknown or nothing. What Redis said may be in it, and the password is
// not.
func (c *Cache) explain(err error) (why, advice string) {
	said := clip(c.conceal(err.Error()))
	if _, isReply := rueidis.IsRedisErr(err); isReply || errors.Is(err, rueidis.ErrNoCache) {
		for _, r := range replies {
			if strings.Contains(said, r.word) {
				return r.why + ": " + said, r.advice
			}
		}
	}
	var timeout net.Error
	var untrusted *tls.CertificateVerificationError
	switch {
	case errors.As(err, &untrusted):
		return said, "give Redis a certificate that this machine trusts, for the host in cache.redis.address"
	case errors.Is(err, errHandshake):
		return said, "set cache.redis.tls to false, or cache.redis.address to the port for TLS"
	case errors.Is(err, errNotAlone):
		return said, adviceAlone
	case errors.Is(err, rueidis.ErrNoCache):
		return "it does not tell what was changed: " + said, "use Redis 6 or a later one"
	case errors.Is(err, errLate), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "there was no answer in time", ""
	case errors.Is(err, io.EOF), errors.Is(err, errOver), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "it closed the connection", ""
	case errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.ENOENT):
		return said, adviceStart
	case errors.Is(err, errSyntax):
		return said, "set cache.redis.address to a Redis"
	}
	return said, ""
}

// adviceStart is what to do while nobody listens.
const adviceStart = "start Redis, or set cache.redis.address to where it is"

// conceal takes the password out of a text. Some Redis repeat what they do not
// understand.
func (c *Cache) conceal(s string) string {
	if p := c.options.Password; p != "" {
		return strings.ReplaceAll(s, p, "***")
	}
	return s
}

// clip makes a text from elsewhere fit for a log.
func clip(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "…"
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '?'
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
