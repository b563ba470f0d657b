package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sttp"
	"sttp/client"
)

// Shows [4.4-2] [4.5-1] [4.5-2] of docs/protocol.md.
func TestEveryActionAndItsRefusalsAreToldApart(t *testing.T) {
	m := newMemory()
	c := connect(t, respond(t, m.serve), client.Options{})
	ctx := within(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fails := func(err, want error) {
		t.Helper()
		var refused *sttp.Error
		if !errors.Is(err, want) || !errors.As(err, &refused) {
			t.Errorf("error %v, want an *sttp.Error that is %v", err, want)
		}
	}
	shows := func(path, want string) {
		t.Helper()
		got, err := c.Show(ctx, path)
		if err != nil || got != want {
			t.Errorf("Show(%s) = %q, %v; want %q", path, got, err, want)
		}
	}
	must(c.Create(ctx, "/notes/a.txt", "Buy milk"))
	must(c.Create(ctx, "/notes/b.txt", ""))
	fails(c.Create(ctx, "/notes/a.txt", "again"), sttp.ErrClient)
	shows("/notes/a.txt", "Buy milk")
	shows("/notes/b.txt", "")
	must(c.Update(ctx, "/notes/a.txt", ` "spaced" \ `))
	shows("/notes/a.txt", ` "spaced" \ `)
	names, err := c.List(ctx, "/notes")
	must(err)
	if diff := cmp.Diff([]string{"a.txt", "b.txt"}, names); diff != "" {
		t.Error(diff)
	}
	must(c.Delete(ctx, "/notes/a.txt"))
	fails(c.Delete(ctx, "/notes/a.txt"), sttp.ErrNotFound)
	fails(c.Update(ctx, "/else/a.txt", "x"), sttp.ErrPathNotFound)
	_, err = c.Show(ctx, "/notes/a.txt")
	fails(err, sttp.ErrNotFound)
	names, err = c.List(ctx, "/empty/")
	if must(err); names != nil {
		t.Errorf("the names in an empty directory are %q", names)
	}
	want := []string{
		"CREATE /notes/a.txt Buy milk", `CREATE /notes/b.txt ""`, "CREATE /notes/a.txt again",
		"SHOW /notes/a.txt", "SHOW /notes/b.txt", `UPDATE /notes/a.txt " \"spaced\" \\ "`, "SHOW /notes/a.txt",
		"LIST /notes", "DELETE /notes/a.txt", "DELETE /notes/a.txt", "UPDATE /else/a.txt x", "SHOW /notes/a.txt", "LIST /empty/",
	}
	if diff := cmp.Diff(want, m.requests); diff != "" {
		t.Errorf("what the server read:\n%s", diff)
	}
}

func TestARequestThatIsNotValidIsNeverSent(t *testing.T) {
	c := client.New("unused", client.Options{DialContext: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a connection was opened")
		return nil, errors.New("unwanted")
	}})
	defer c.Close()
	ctx := within(t)
	_, show := c.Show(ctx, "notes")
	_, list := c.List(ctx, "/a//b")
	_, zero := c.Do(ctx, sttp.Request{})
	_, batch := c.Pipeline(ctx, []sttp.Request{{Action: sttp.Show}})
	for _, err := range []error{
		show, list, zero, batch,
		c.Create(ctx, "/a.txt", "two\nlines"),
		c.Update(ctx, "/a.txt", strings.Repeat("x", sttp.MaxContents+1)),
		c.Delete(ctx, "/notes/"),
	} {
		if !errors.Is(err, sttp.ErrClient) {
			t.Errorf("error %v, want a 300", err)
		}
	}
	if err := c.Create(ctx, "/"+strings.Repeat("x", sttp.MaxFilename+1), "x"); !errors.Is(err, sttp.ErrFilenameTooLong) {
		t.Errorf("error %v, want a 310", err)
	}
}

func TestManyGoroutinesShareAFewConnections(t *testing.T) {
	m := newMemory()
	r := respond(t, m.serve)
	c := connect(t, r, client.Options{MaxConnections: 3})
	ctx := within(t)
	var all sync.WaitGroup
	for g := range 20 {
		all.Go(func() {
			for i := range 30 {
				path, text := fmt.Sprintf("/d%d/%d.txt", g, i), fmt.Sprintf("%d of %d", i, g)
				if err := c.Create(ctx, path, text); err != nil {
					t.Error(err)
				}
				if got, err := c.Show(ctx, path); err != nil || got != text {
					t.Errorf("Show(%s) = %q, %v", path, got, err)
				}
			}
		})
	}
	all.Wait()
	if n := r.accepted.Load(); n > 3 {
		t.Errorf("%d connections were opened, want at most 3", n)
	}
}

func TestAServerThatCannotBeReachedIsNoConnection(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close() // nobody listens there now
	c := client.New(ln.Addr().String(), client.Options{})
	defer c.Close()
	err = c.Create(within(t), "/a.txt", "x")
	var op *net.OpError
	if !errors.Is(err, client.ErrNoConnection) || !errors.As(err, &op) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("error %v, want ErrNoConnection with the dialer's error in it", err)
	}
}

func TestTheTraceSeesEveryLineWithoutItsEnd(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) { answer(nc, "200 /a.txt OK\r\nBuy milk\r\n") })
	var lines []string
	c := connect(t, r, client.Options{Trace: client.Trace{
		Sent:     func(line []byte) { lines = append(lines, "> "+string(line)) },
		Received: func(line []byte) { lines = append(lines, "< "+string(line)) },
	}})
	if _, err := c.Show(within(t), "/a.txt"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"> SHOW /a.txt", "< 200 /a.txt OK", "< Buy milk"}, lines); diff != "" {
		t.Error(diff)
	}
}
