package check

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// settingsCases are about the settings file of the guide.
func settingsCases() []Case {
	return []Case{
		{
			ID: "STTP-2.1-SETTINGS-001", Title: "The server listens on the port of its settings file, and sends nothing by itself",
			Statements: []string{"2.1-9"}, Story: "settings", Strict: Must, Guide: Must, Needs: Exec, Limit: execLimit, Run: portIsUsed,
			Accepts: "a connection on one port and then, with other settings, on another, where the first one is closed", Netcat: "nc -v HOST PORT # with the port of the settings file",
			Hints: []Hint{
				{DoesNotStart, "read the port from the settings file, on each start, and listen on it: port is a key at the top of the file"},
				{ExtraBytes, "the client speaks first: send nothing before a request has come"},
			},
		},
		{
			ID: "STTP-10.1-SETTINGS-001", Title: "The server listens on the loopback address only, if its settings name no address",
			Statements: []string{"10.1-1"}, Story: "settings", Strict: Should, Needs: Exec, Limit: execLimit, Run: loopbackByDefault,
			Accepts: "no connection at any other address of this machine; also a server that does not start without an address", Netcat: "ss -ltn # after the server was started without listen_address",
			Hints: []Hint{{Unexpected, "use 127.0.0.1 where the settings have no listen_address: an empty address means every interface, so anybody on the network could change what is stored"}},
		},
		{
			ID: "STTP-9.2-DOCROOT-001", Title: "CREATE makes a file at its path below the docroot of the settings",
			Statements: []string{"9.2-1"}, Story: "create", Strict: Must, Guide: Must, Needs: Files, Run: docrootIsUsed,
			Accepts: "a file that holds exactly the contents; in profile guide one that holds them, whatever else", Netcat: `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT; cat DOCROOT/try/a.txt`,
			Hints: []Hint{{Unexpected, "the file of /notes/a.txt is notes/a.txt below the docroot that the settings name; an absolute path joined to it by hand may have lost the docroot"}, {ExtraNewline, "write the contents without a newline at the end"}},
		},
		{
			ID: "STTP-9.2-DOCROOT-002", Title: "A server that is started with another docroot keeps its files there",
			Statements: []string{"9.2-1"}, Story: "create", Strict: Must, Guide: Must, Needs: Files, Limit: execLimit, After: []string{"STTP-9.2-DOCROOT-001"}, Run: otherDocroot,
			Accepts: "a file in the new docroot, and none in the old one", Netcat: `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT; cat DOCROOT/try/a.txt`,
			Hints: []Hint{{Unexpected, "read docroot from the settings file instead of a name in the program"}},
		},
		{
			ID: "STTP-5.8-UNCACHED-001", Title: "With the cache disabled everything works",
			Statements: []string{"5.8-3", "5.2-1", "5.3-1", "5.5-1", "5.6-1"}, Story: "cache", Strict: Must, Guide: Must, Needs: Exec | Config, Limit: execLimit, Run: worksUncached,
			Accepts: "the usual replies", Netcat: `printf 'CREATE /try/a.txt Buy milk\n\n' | nc HOST PORT; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT # with cache.enabled: false`,
			Hints: []Hint{{ClosedEarly, "is there a cache at all, when the settings say enabled: false? Look at each place that uses it"}, {DoesNotStart, "cache.enabled is true or false, and the other keys below cache may be left as they are"}},
		},
		{
			ID: "STTP-5.3-UNCACHED-001", Title: "With the cache disabled SHOW and LIST answer at once what was changed by hand",
			Statements: []string{"5.3-1", "5.4-1"}, Story: "cache", Strict: Must, Needs: Files, Limit: execLimit, Run: editsUncached,
			Accepts: "what is on disk", Netcat: `echo new > DOCROOT/try/a.txt; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT # with cache.enabled: false`,
			Hints: []Hint{{WrongContents, "with enabled: false nothing may come from memory: does the server read the setting?"}},
		},
		{
			ID: "STTP-5.3-EXPIRY-001", Title: "What was changed by hand is served when the cache's entry has expired",
			Statements: []string{"5.3-1", "5.4-1"}, Story: "cache", Strict: Robust, Needs: Files, Limit: execLimit, Run: entriesExpire,
			Accepts: "the new contents within 6 seconds with cache.expiration: 1", Netcat: `echo new > DOCROOT/try/a.txt; sleep 2; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT # with cache.expiration: 1`,
			Hints: []Hint{{WrongContents, "an entry goes when it is older than cache.expiration seconds: remember when it was made, and look at it on each access or from time to time"}},
		},
		{
			ID: "STTP-5.3-EVICTION-001", Title: "The cache holds no more than its settings allow",
			Statements: []string{"5.3-1"}, Story: "cache", Strict: Robust, Needs: Files, Limit: execLimit, Run: entriesAreEvicted,
			Accepts: "with max_files: 1, and with a max_size for one of them, an entry is gone when another one was made", Netcat: `printf 'SHOW /try/b.txt\n\n' | nc HOST PORT; echo new > DOCROOT/try/a.txt; printf 'SHOW /try/a.txt\n\n' | nc HOST PORT # with cache.max_files: 1`,
			Hints: []Hint{{WrongContents, "the least recently used entries go when there are more than max_files, or when they have more than max_size bytes together"}},
		},
	}
}

func portIsUsed(t *T) {
	p := t.Process()
	first := p.Address()
	t.silent()
	port, err := freePort()
	t.must(err)
	t.Note("the server is started with port %d in its settings", port)
	t.launch(p, launch{settings: fmt.Sprintf("port: %d", port)})
	t.silent()
	if c, err := net.DialTimeout("tcp", first, t.timeout); err == nil {
		c.Close()
		t.Fail(Unexpected, "something still listens at %s, which was the port of the settings before", first)
	}
}

// silent ends the case unless a connection is accepted and nothing is sent on
// it.
func (t *T) silent() {
	c := t.Dial()
	if got, _ := c.Rest(settle); got != "" {
		t.FailWith(&Problem{Symptom: ExtraBytes, Says: "the server sends something before it has received anything", Got: got})
	}
	c.Close()
}

func loopbackByDefault(t *T) {
	p := t.Process()
	if mentions(p.command, "{address}") {
		t.Untested("the command itself names the address")
	}
	if err := p.start(t.ctx, launch{without: "listen_address"}); err != nil {
		t.Note("the server does not start without listen_address: %v", err)
		return
	}
	_, port, _ := net.SplitHostPort(p.Address())
	others := otherAddresses()
	if len(others) == 0 {
		t.Untested("this machine has no address but loopback, at which the server could listen as well")
	}
	for _, ip := range others {
		if c, err := net.DialTimeout("tcp", net.JoinHostPort(ip, port), t.timeout); err == nil {
			c.Close()
			t.Fail(Unexpected, "without listen_address in its settings the server listens on %s as well", ip)
		}
	}
}

// otherAddresses returns the addresses of this machine that others can reach.
func otherAddresses() (ips []string) {
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			ips = append(ips, n.IP.String())
		}
	}
	return ips
}

func docrootIsUsed(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/dir/a.txt Buy milk", "100 {d}/dir/a.txt CREATED")
	t.wantStored(p, "dir/a.txt", "Buy milk")
}

// wantStored is wantFile that in profile guide takes a file that holds more.
func (t *T) wantStored(p *Process, name, contents string) {
	if got, err := os.ReadFile(p.File(t.dir + "/" + name)); err == nil && !t.Strict() && strings.Contains(string(got), contents) {
		return
	}
	t.wantFile(p, name, contents)
}

func otherDocroot(t *T) {
	p := t.FilesProcess()
	first := p.File(t.dir + "/a.txt")
	other := filepath.Join(p.dir, "another")
	t.must(os.MkdirAll(other, 0o755))
	t.Note("the server is started with docroot %s in its settings", other)
	t.launch(p, launch{settings: "docroot: " + other})
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	t.wantStored(p, "a.txt", "Buy milk")
	if _, err := os.Lstat(first); err == nil {
		t.Fail(Unexpected, "the file is below the docroot that the settings named before")
	}
}

const uncached = "cache:\n  enabled: false"

func worksUncached(t *T) {
	p := t.Process()
	t.StartWith(p, uncached)
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	for range 2 {
		t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "Buy milk")
		t.Want("LIST {d}", "200 {d} OK", "a.txt")
	}
	t.Want("UPDATE {d}/a.txt Buy oat milk", "200 {d}/a.txt OK", "Buy oat milk")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "Buy oat milk")
	t.Want("CREATE {d}/b.txt Buy bread", "100 {d}/b.txt CREATED")
	t.Want("LIST {d}", "200 {d} OK", "a.txt, b.txt")
	t.Want("DELETE {d}/a.txt", "600 {d}/a.txt DELETED")
	t.Want("SHOW {d}/a.txt", "400 {d}/a.txt NOT FOUND")
	t.Want("LIST {d}", "200 {d} OK", "b.txt")
}

func editsUncached(t *T) {
	p := t.FilesProcess()
	t.StartWith(p, uncached)
	t.Want("CREATE {d}/a.txt old contents", "100 {d}/a.txt CREATED")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents")
	t.Want("LIST {d}", "200 {d} OK", "a.txt")
	t.write(p, "a.txt", "new contents")
	t.write(p, "b.txt", "another file")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "new contents")
	t.Want("LIST {d}", "200 {d} OK", "a.txt, b.txt")
	t.must(os.Remove(t.file(p, "a.txt")))
	t.Want("SHOW {d}/a.txt", "400 {d}/a.txt NOT FOUND")
	t.Want("LIST {d}", "200 {d} OK", "b.txt")
}

func entriesExpire(t *T) {
	p := t.FilesProcess()
	t.StartWith(p, "cache:\n  expiration: 1")
	t.write(p, "a.txt", "old contents")
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "old contents")
	t.Want("LIST {d}", "200 {d} OK", "a.txt")
	t.write(p, "a.txt", "new contents")
	t.write(p, "b.txt", "another file")
	// An entry may live on when it is used, so it is left alone for more than
	// its time.
	for range 4 {
		t.sleep(1150 * time.Millisecond)
		shown, _ := t.Ask("SHOW {d}/a.txt")
		listed, _ := t.Ask("LIST {d}")
		if strings.Contains(shown, "\nnew contents\n") && strings.Contains(listed, "b.txt") {
			break
		}
	}
	t.Want("SHOW {d}/a.txt", "200 {d}/a.txt OK", "new contents")
	t.Want("LIST {d}", "200 {d} OK", "a.txt, b.txt")
}

func entriesAreEvicted(t *T) {
	p := t.FilesProcess()
	for i, settings := range []string{"cache:\n  max_files: 1", "cache:\n  max_size: 300"} {
		t.StartWith(p, settings)
		a, b := fmt.Sprintf("a%d.txt", i), fmt.Sprintf("b%d.txt", i)
		t.write(p, a, strings.Repeat("o", 160))
		t.write(p, b, strings.Repeat("x", 160))
		t.Want("SHOW {d}/"+a, "200 {d}/"+a+" OK", "{o*160}")
		t.Want("SHOW {d}/"+b, "200 {d}/"+b+" OK", "{x*160}")
		t.write(p, a, "new contents")
		t.Want("SHOW {d}/"+a, "200 {d}/"+a+" OK", "new contents")
	}
}
