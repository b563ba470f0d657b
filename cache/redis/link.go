package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// connectTime is how long a connection may take, with all that is said before
// the first command. No request waits for it.
const connectTime = 3 * time.Second

// pingEvery is how long a connection is silent before it is tried, so that one
// that is dead is noticed although nobody asks: no invalidation would come.
const pingEvery = 5 * time.Second

// link is one connection. rueidis would make another one where it is lost, and
// say nothing; a link is over then.
type link struct {
	cache  *Cache
	client rueidis.Client
	echoes atomic.Bool // Redis tells of what a script of ours has changed
	probe  atomic.Pointer[epoch]

	dialed atomic.Bool
	joined atomic.Bool // what rueidis says first is over
	late   func()      // ends the link because of a call that has waited for too long

	mu     sync.Mutex
	conn   net.Conn // what is beneath all else; nil before it is there
	ended  bool
	reason error
	done   chan struct{} // closed when the link is over
}

var (
	errLate   = errors.New("there was no answer in time")
	errOver   = errors.New("the connection is over")
	errClosed = errors.New("the cache was closed")

	errHandshake = errors.New("there is no TLS with it")
)

// connect makes a link and tries whether all that a cache does works there. It
// takes a few seconds at most, and ends with ctx.
func (c *Cache) connect(ctx context.Context) (*link, error) {
	l := &link{cache: c, done: make(chan struct{})}
	l.late = func() { c.lose(l, errLate) }
	defer context.AfterFunc(ctx, func() { l.end(errClosed) })()
	client, err := rueidis.NewClient(l.options(ctx))
	l.client = client
	if err == nil {
		l.joined.Store(true)
		err = l.try()
	}
	if err != nil {
		l.end(err)
		l.close()
		return nil, l.why()
	}
	return l, nil
}

func (l *link) options(ctx context.Context) rueidis.ClientOption {
	o := l.cache.options
	return rueidis.ClientOption{
		InitAddress: []string{o.Address},
		Username:    o.Username, Password: o.Password, SelectDB: o.DB,
		Dialer: net.Dialer{Timeout: connectTime, KeepAlive: pingEvery},
		DialCtxFn: func(dialing context.Context, _ string, d *net.Dialer, _ *tls.Config) (net.Conn, error) {
			dialing, cancel := context.WithCancel(dialing)
			defer cancel()
			defer context.AfterFunc(ctx, cancel)()
			return l.dial(dialing, d)
		},
		ConnWriteTimeout:      connectTime, // for what rueidis does by itself
		OnInvalidations:       l.invalidated,
		ClientTrackingOptions: []string{"BCAST", "PREFIX", storePrefix(o), "NOLOOP"},
		ClientSetInfo:         rueidis.DisableClientSetInfo,
		// One connection, which all calls share, and no second attempt at anything.
		ForceSingleClient: true, PipelineMultiplex: -1, BlockingPipeline: -1,
		AlwaysPipelining: true, DisableRetry: true,
		ReadBufferEachConn: 1 << 16, WriteBufferEachConn: 1 << 16,
	}
}

// dial makes the connection, once.
func (l *link) dial(ctx context.Context, d *net.Dialer) (net.Conn, error) {
	if !l.dialed.CompareAndSwap(false, true) {
		return nil, errOver
	}
	o := l.cache.options
	network := "tcp"
	if strings.Contains(o.Address, "/") {
		network = "unix"
	}
	raw, err := d.DialContext(ctx, network, o.Address)
	if err != nil {
		return nil, err
	}
	if !l.own(raw) {
		raw.Close()
		return nil, errOver
	}
	conn := raw
	if o.TLS != nil {
		config := o.TLS.Clone()
		if host, _, err := net.SplitHostPort(o.Address); err == nil && config.ServerName == "" {
			config.ServerName = host
		}
		secure := tls.Client(raw, config)
		handshake, cancel := context.WithTimeout(ctx, connectTime)
		defer cancel()
		if err := secure.HandshakeContext(handshake); err != nil {
			raw.Close()
			return nil, fmt.Errorf("%w: %w", errHandshake, err)
		}
		conn = secure
	}
	return newGuard(conn, raw, o.MaxText, l.lost), nil
}

// lost is called when the connection breaks. Before it is in use, rueidis says
// more exactly what happened.
func (l *link) lost(err error) {
	if l.joined.Load() {
		l.cache.lose(l, err)
	}
}

// own takes a connection as that of the link, unless the link is over.
func (l *link) own(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.conn = conn
	}
	return !l.ended
}

// try carries out, in an epoch of its own, all that a cache does.
func (l *link) try() error {
	e := l.cache.newEpoch(l, randomID())
	l.probe.Store(e)
	defer l.probe.Store(nil)
	return e.probe()
}

// do sends commands together and returns their replies, which may be errors of
// Redis. Any other error ends the link. It has ended at the deadline.
func (l *link) do(deadline time.Time, commands rueidis.Commands) ([]rueidis.RedisResult, error) {
	left := time.Until(deadline)
	if left <= 0 {
		return nil, errLate
	}
	// The end of the connection ends every call on it. rueidis' own way, by a
	// context for each call, waits where its queue is full.
	timer := time.AfterFunc(left, l.late)
	replies := l.client.DoMulti(context.Background(), commands...)
	timer.Stop()
	for _, reply := range replies {
		if err := reply.NonRedisError(); err != nil {
			l.cache.lose(l, err)
			return nil, l.why()
		}
	}
	return replies, nil
}

// invalidated is told which keys have changed, and nil where it may be any: when
// Redis was emptied, or the connection has gone.
func (l *link) invalidated(keys []rueidis.RedisMessage) {
	if keys == nil {
		l.cache.renew(l)
		return
	}
	probe, e := l.probe.Load(), l.cache.live.Load()
	for i := range keys {
		full, err := keys[i].ToString()
		if err != nil {
			continue
		}
		if probe != nil && full == probe.prefix+probeKey {
			l.echoes.Store(true)
		}
		if e == nil || e.link != l {
			continue
		}
		if key, ours := strings.CutPrefix(full, e.prefix); ours && !e.heard(key) {
			l.cache.forget(key)
		}
	}
}

// end ends the link: it closes the connection, and with it all calls end.
func (l *link) end(reason error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return
	}
	l.ended, l.reason = true, reason
	if l.conn != nil {
		l.conn.Close() // which does not wait
	}
	close(l.done)
}

// over tells whether the link has ended.
func (l *link) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ended
}

// why returns what ended the link.
func (l *link) why() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.reason
}

// close gives up what rueidis holds of a link that has ended.
func (l *link) close() {
	if l.client != nil {
		l.client.Close()
	}
}
