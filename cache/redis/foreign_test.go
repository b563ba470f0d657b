//go:build unix

package redis_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"

	"sttp/cache/redis"
	"sttp/cache/redis/redistest"
)

// What others have put into Redis is looked at before it is believed.
func TestAValueThatIsNotOursIsRemoved(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{})
	tests := []struct{ key, command, value string }{
		{"/a.txt", "SET", "x"},
		{"/a.txt", "SET", ""},
		{"/a.txt", "SET", "Vtwo\nlines"},
		{"/a.txt", "SET", "V\x1b[2J"},
		{"/a.txt", "SET", "V\xff"},
		{"/a.txt", "SET", "V" + strings.Repeat("x", 161)},
		{"/a.txt", "LPUSH", "Vtext"},
		{"/dir/", "SET", "Va.txt\r\n200 /x OK, b.txt"},
		{"/dir/", "SET", "V\xc3"},
		{"/dir/", "SADD", "Va.txt"},
	}
	for i, test := range tests {
		k.put(test.key, "text")
		k.put("/fine", "fine")
		name := k.key(s, test.key)
		s.Do("DEL", name)
		s.Do(test.command, name, test.value)
		entries := k.get("/fine", test.key)
		if !entries[0].Found || entries[1].Found || entries[1].Lease.Token == "" {
			t.Errorf("%s %q: %+v", test.command, test.value, entries)
		}
		k.fill(test.key, "again", entries[1].Lease)
		k.want(test.key, "again")
		k.remove(test.key, "/fine")
		if n := k.Stats().Invalid; n != uint64(i+1) {
			t.Errorf("%d values were not ours, want %d", n, i+1)
		}
	}
	if n := k.log.count("did not put there"); n != 1 {
		t.Errorf("that is said %d times, want once a minute:\n%s", n, k.log)
	}
	if n := k.Stats().Epochs; n != 1 {
		t.Errorf("%d epochs:\n%s", n, k.log)
	}
}

// What is longer than anything that is kept is not even read.
func TestAValueThatIsFarTooLongEndsTheEpoch(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	k := ready(t, s, redis.Options{MaxText: 1000})
	k.put("/a/", strings.Repeat("x", 1000))
	s.Do("SET", k.key(s, "/a/"), "V"+strings.Repeat("x", 1001))
	k.wantMiss("/a/")
	k.wantAdvice("longer than all that is kept")
	k.log.wait(t, back)
	k.put("/a/", "text")
}

// impostor listens, and answers each connection's first bytes with others.
func impostor(t *testing.T, answer func(conn net.Conn, said *bufio.Reader)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				answer(conn, bufio.NewReader(conn))
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// Whatever listens at the address, the server does not fall over it.
func TestWhatIsNoRedisDoesNoHarm(t *testing.T) {
	hello := "%1\r\n$5\r\nproto\r\n:3\r\n+OK\r\n" // as if it were one, and tracked keys
	tests := map[string]string{
		"HTTP/1.1 400 Bad Request\r\n\r\n":                   "not Redis' protocol",
		"\x15\x03\x01\x00\x02\x02\x16":                       "not Redis' protocol",
		"$999999999999\r\n":                                  "longer than",
		"*999999999\r\n":                                     "longer than",
		"*-5\r\n":                                            "not Redis' protocol",
		"%-1\r\n":                                            "not Redis' protocol",
		strings.Repeat("*1\r\n", 1000):                       "longer than",
		"-" + strings.Repeat("x", 1<<20):                     "longer than",
		"|1\r\n+a\r\n+b\r\n":                                 "not Redis' protocol",
		"$?\r\n;5\r\nhello\r\n":                              "not Redis' protocol",
		hello + "+OK\r\n+OK\r\n+OK\r\n":                      "a reply to nothing",
		hello + ">3\r\n$9\r\nsubscribe\r\n$1\r\nx\r\n:1\r\n": "was not asked for",
		hello + ">2\r\n$10\r\ninvalidatX\r\n_\r\n":           "was not asked for",
		hello + ">2\r\n+invalidate\r\n_\r\n":                 "was not asked for",
		"-NOAUTH HELLO must be called with " + secret + "\r\n-NOAUTH\r\n":               "set cache.redis.password",
		"-ERR unknown command 'HELLO', with " + secret + "\r\n-ERR unknown command\r\n": "Redis 6",
		"": "closed the connection",
	}
	for answer, why := range tests {
		t.Run(fmt.Sprintf("%.20q", answer), func(t *testing.T) {
			t.Parallel()
			address := impostor(t, func(conn net.Conn, said *bufio.Reader) {
				if _, err := said.ReadByte(); err != nil || answer == "" {
					return
				}
				io.WriteString(conn, answer)
				io.Copy(io.Discard, said)
			})
			k := open(t, nil, redis.Options{Address: address, Password: secret})
			k.wantAdvice(why)
			k.wantAway()
			k.wantSecret()
		})
	}
}

// One that takes a connection, and then says nothing, keeps nobody waiting, not
// even Close.
func TestASilentListenerKeepsNobodyWaiting(t *testing.T) {
	address := impostor(t, func(_ net.Conn, said *bufio.Reader) { io.Copy(io.Discard, said) })
	k := open(t, nil, redis.Options{Address: address, Timeout: 1}) // nanosecond
	k.wantAway()
	k.Close()
}
