package redis

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/redis/rueidis"

	"sttp"
	"sttp/cache"
	"sttp/internal/fault"
)

// epoch is a set of keys that nobody has used before, on one link.
type epoch struct {
	cache  *Cache
	link   *link
	number uint64 // for leases; each epoch of a Cache has another one
	prefix string // of all its keys

	mu     sync.Mutex
	echoes map[string]int // invalidations that are to come of our own fills, by key
}

func (c *Cache) newEpoch(l *link, random string) *epoch {
	prefix := storePrefix(c.options)
	if !fault.Is(fault.RedisMixesUpStores) {
		prefix += random + ":"
	}
	return &epoch{cache: c, link: l, number: c.epochs.Add(1), prefix: prefix, echoes: make(map[string]int)}
}

// storePrefix is what all keys of a store begin with.
func storePrefix(o Options) string {
	if fault.Is(fault.RedisMixesUpStores) {
		return o.Prefix
	}
	return o.Prefix + o.StoreID + ":"
}

func randomID() string {
	var id [16]byte
	rand.Read(id[:]) // it does not fail
	return hex.EncodeToString(id[:])
}

// A value is one of these and a text, or a token.
const (
	isText  = "V"
	isLease = "L"
)

// fillScript puts ARGV[2] in the place of ARGV[1], for ARGV[3] milliseconds.
var fillScript = newScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1`)

// get looks keys up, and takes leases on those that are not there.
func (e *epoch) get(deadline time.Time, keys []string, entries []cache.Entry) error {
	commands := make(rueidis.Commands, len(keys))
	for i, key := range keys {
		commands[i] = e.link.client.B().Get().Key(e.prefix + key).Build()
	}
	replies, err := e.link.do(deadline, commands)
	if err != nil {
		return err
	}
	var missing, foreign []int
	for i, reply := range replies {
		value, err := reply.ToString()
		text, isText := strings.CutPrefix(value, isText)
		switch {
		case rueidis.IsRedisNil(err):
			missing = append(missing, i)
		case err != nil && !isWrongType(err):
			return err
		case err == nil && strings.HasPrefix(value, isLease):
		default:
			if what := check(keys[i], text, isText); what != "" {
				e.cache.complain(keys[i], what)
				foreign = append(foreign, i)
				continue
			}
			entries[i] = cache.Entry{Text: text, Found: true}
		}
	}
	return e.lease(deadline, keys, entries, missing, foreign)
}

// isWrongType tells whether a key holds something that is no string.
func isWrongType(err error) bool { return strings.HasPrefix(err.Error(), "WRONGTYPE") }

// check returns what is wrong with a value, "" for nothing. It was written by
// this server, or by anyone who can reach Redis.
func check(key, text string, isText bool) string {
	switch {
	case !isText:
		return "it is neither a text nor a lease"
	case !strings.HasSuffix(key, "/"):
		if _, err := sttp.ParseContents(text); err != nil {
			return err.Error()
		}
	case len(text) > sttp.MaxList:
		return "a list has at most 1 MiB"
	case !utf8.ValidString(text):
		return "a list is valid UTF-8"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "a list holds no control characters"
	}
	return ""
}

// lease takes leases on missing keys, and on foreign ones, which are removed
// first. What has been found stays found if there is no time left.
func (e *epoch) lease(deadline time.Time, keys []string, entries []cache.Entry, missing, foreign []int) error {
	if len(missing)+len(foreign) == 0 || time.Until(deadline) <= 0 {
		return nil
	}
	commands := make(rueidis.Commands, 0, len(missing)+2*len(foreign))
	for _, i := range foreign {
		commands = append(commands, e.link.client.B().Del().Key(e.prefix+keys[i]).Build())
	}
	wanted := append(missing, foreign...)
	tokens := make([]string, len(wanted))
	for n, i := range wanted {
		tokens[n] = strconv.FormatUint(e.cache.tokens.Add(1), 36)
		commands = append(commands, e.take(keys[i], tokens[n]))
	}
	replies, err := e.link.do(deadline, commands)
	if err != nil {
		return err
	}
	for _, reply := range replies[:len(foreign)] {
		if err := reply.Error(); err != nil {
			return err
		}
	}
	for n, reply := range replies[len(foreign):] {
		switch err := reply.Error(); {
		case rueidis.IsRedisNil(err): // another reader was first
		case err != nil:
			return err
		default:
			entries[wanted[n]].Lease = cache.Lease{Epoch: e.number, Token: tokens[n]}
		}
	}
	return nil
}

// take is the command that takes a lease.
func (e *epoch) take(key, token string) rueidis.Completed {
	return e.link.client.B().Set().Key(e.prefix + key).Value(isLease + token).Nx().Px(leaseTime).Build()
}

// fill puts texts in the place of leases that are still there. It returns how
// many there were.
func (e *epoch) fill(deadline time.Time, fills []cache.Fill) (kept int, err error) {
	left := make([]int, len(fills))
	for i := range fills {
		left[i] = i
	}
	for _, byName := range []bool{true, false} { // a script that Redis does not know is sent
		commands := make(rueidis.Commands, len(left))
		for n, i := range left {
			e.expect(fills[i].Key)
			commands[n] = e.put(fills[i], byName)
		}
		replies, err := e.link.do(deadline, commands)
		if err != nil {
			return kept, err
		}
		var unknown []int
		for n, reply := range replies {
			count, err := reply.AsInt64()
			if err != nil || count == 0 {
				e.expectNot(fills[left[n]].Key)
			}
			redisErr, isReply := rueidis.IsRedisErr(err)
			switch {
			case isReply && byName && redisErr.IsNoScript():
				unknown = append(unknown, left[n])
			case err != nil:
				return kept, err
			default:
				kept += int(count)
			}
		}
		if left = unknown; len(left) == 0 || time.Until(deadline) <= 0 {
			break
		}
	}
	return kept, nil
}

// put is the command that puts a text in the place of a lease.
func (e *epoch) put(f cache.Fill, byName bool) rueidis.Completed {
	b := e.link.client.B()
	args := []string{isLease + f.Lease.Token, isText + f.Text, strconv.FormatInt(e.cache.options.Expiration.Milliseconds(), 10)}
	key := e.prefix + f.Key
	switch {
	case fault.Is(fault.RedisFillsBlindly):
		return b.Eval().Script("redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1").Numkeys(1).Key(key).Arg(args...).Build()
	case byName:
		return b.Evalsha().Sha1(fillScript.sha1).Numkeys(1).Key(key).Arg(args...).Build()
	}
	return b.Eval().Script(fillScript.text).Numkeys(1).Key(key).Arg(args...).Build()
}

// remove removes keys.
func (e *epoch) remove(deadline time.Time, keys []string) error {
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = e.prefix + key
	}
	replies, err := e.link.do(deadline, rueidis.Commands{e.link.client.B().Del().Key(full...).Build()})
	if err != nil {
		return err
	}
	return replies[0].Error()
}

// Redis tells of what we change ourselves only where a script did it. One
// invalidation comes for each fill that was kept, behind its reply. Nobody is to
// forget on account of it what was just filled.

// expect says that a fill is about to be sent.
func (e *epoch) expect(key string) {
	if !e.link.echoes.Load() {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.echoes[strings.Clone(key)]++
}

// expectNot says that a fill was not kept.
func (e *epoch) expectNot(key string) { e.heard(key) }

// heard tells whether an invalidation is the one of a fill.
func (e *epoch) heard(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	n := e.echoes[key]
	switch {
	case n > 1:
		e.echoes[key]--
	case n == 1:
		delete(e.echoes, key)
	}
	return n > 0
}

// probeKey is no path, so that it is nobody's entry.
const probeKey = "probe"

var (
	errProbe    = errors.New("it did not keep what was put there")
	errNotAlone = errors.New("it is a part of a cluster, or a sentinel")
)

// probe does once all that a cache does, each within the time that a request
// has. It fails where Redis cannot be used now.
func (e *epoch) probe() error {
	soon := func() time.Time { return time.Now().Add(e.cache.options.Timeout) }
	if err := e.standsAlone(soon()); err != nil {
		return err
	}
	keys, entries := []string{probeKey}, make([]cache.Entry, 1)
	if err := e.remove(soon(), keys); err != nil {
		return err
	}
	if err := e.get(soon(), keys, entries); err != nil {
		return err
	}
	kept, err := e.fill(soon(), []cache.Fill{{Key: probeKey, Text: "probe", Lease: entries[0].Lease}})
	if err != nil {
		return err
	}
	if err := e.get(soon(), keys, entries); err != nil { // behind its reply, the echo is known
		return err
	}
	if kept != 1 || entries[0].Text != "probe" {
		return errProbe
	}
	return e.remove(soon(), keys)
}

// standsAlone returns an error if Redis is a part of something.
func (e *epoch) standsAlone(deadline time.Time) error {
	replies, err := e.link.do(deadline, rueidis.Commands{e.link.client.B().Arbitrary("HELLO", "3").Build()})
	if err != nil {
		return err
	}
	hello, err := replies[0].AsMap()
	if err != nil {
		return err
	}
	mode := hello["mode"]
	if mode, err := mode.ToString(); err == nil && mode != "standalone" {
		return errNotAlone
	}
	return nil
}
