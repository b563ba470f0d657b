package cache_test

import (
	"context"
	"testing"
	"testing/synctest"

	"sttp"
)

// gate stops who comes to it until it is opened.
type gate chan struct{}

func (g gate) wait() { <-g }
func (g gate) open() { close(g) }

// send sends a request beside the test, and returns a function that waits for
// its reply. The request has got as far as it can when send returns.
func send(h sttp.Handler, line string) (reply func() string) {
	done := make(chan string, 1)
	go func() { done <- do(h, line) }()
	synctest.Wait()
	return func() string { return <-done }
}

// A read that is slower than a change must not bring back what was before it,
// whether it had looked before the change or would look after it.
// Shows [5.8-3] of docs/protocol.md.
func TestASlowReadBringsNothingBack(t *testing.T) {
	tests := []struct{ read, old, change, now string }{
		{"SHOW /a/b/f", "200 /a/b/f OK old", "UPDATE /a/b/f new", "200 /a/b/f OK new"},
		{"SHOW /a/b/f", "200 /a/b/f OK old", "DELETE /a/b/f", "400 /a/b/f NOT FOUND"},
		{"LIST /a/b", "200 /a/b OK f, g", "DELETE /a/b/f", "200 /a/b OK g"},
		{"LIST /a/b/", "200 /a/b/ OK f, g", "CREATE /a/b/n new", "200 /a/b/ OK f, g, n"},
		{"LIST /a/", "200 /a/ OK b/", "CREATE /a/n new", "200 /a/ OK b/, n"},
		{"LIST /a", "200 /a OK b/", "CREATE /a/n/n/n new", "200 /a OK b/, n/"},
		{"LIST /", "200 / OK a/", "CREATE /n/n/n new", "200 / OK a/, n/"},
	}
	for _, test := range tests {
		for _, asBatch := range []bool{false, true} {
			t.Run(test.read+" and "+test.change, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					b := newBackend("/a/b/f", "/a/b/g")
					h := newHandler(t, b)
					var g1, g2 = make(gate), make(gate)

					b.after = after(on(test.read, g1.wait))
					slow := send(h, test.read)
					follower := send(h, test.read)
					change(h, test.change, asBatch)
					want(t, do(h, test.read), test.now)
					g1.open()
					want(t, slow(), test.old)
					want(t, follower(), test.old)
					want(t, do(h, test.read), test.now)
					want(t, do(h, test.read), test.now)

					b = newBackend("/a/b/f", "/a/b/g")
					h = newHandler(t, b)
					b.before = on(test.read, g2.wait)
					slow = send(h, test.read)
					change(h, test.change, asBatch)
					want(t, do(h, test.read), test.now)
					g2.open()
					want(t, slow(), test.now)
					want(t, do(h, test.read), test.now)
				})
			})
		}
	}
}

func change(h sttp.Handler, line string, asBatch bool) {
	if asBatch {
		doAll(h, "SHOW /other", line)
		return
	}
	do(h, line)
}

// While a change runs, the cache may fill with what was before it. That must be
// gone when the change returns, also if the change says that it failed.
func TestWhatIsReadDuringAChangeGoesWithIt(t *testing.T) {
	for _, status := range []sttp.Status{sttp.StatusOK, sttp.StatusServerError} {
		synctest.Test(t, func(t *testing.T) {
			b := newBackend("/f")
			h := newHandler(t, b)
			begun, took := make(gate), make(gate)
			b.before = on("UPDATE /f new", begun.wait)
			b.after = func(_ context.Context, req sttp.Request, resp *sttp.Response) {
				if req.Action == sttp.Update {
					took.wait()
					resp.Status = status
				}
			}
			update := send(h, "UPDATE /f new")
			want(t, do(h, "SHOW /f"), "200 /f OK old")
			begun.open()
			synctest.Wait() // the change has taken effect, and has not returned
			want(t, do(h, "SHOW /f"), "200 /f OK old")
			took.open()
			want(t, update()[:3], status.String()[:3])
			want(t, do(h, "SHOW /f"), "200 /f OK new")
		})
	}
}

// A read that was overtaken by one change may see the next one before that has
// returned. From then on nobody may see less, though the cache was filled
// between the two.
func TestWhatALateReadHasSeenStaysSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f")
		h := newHandler(t, b)
		slow, second := make(gate), make(gate)
		b.before = on("SHOW /f", slow.wait)
		late := send(h, "SHOW /f")
		do(h, "UPDATE /f first")
		want(t, do(h, "SHOW /f"), "200 /f OK first")

		b.after = after(on("UPDATE /f second", second.wait))
		update := send(h, "UPDATE /f second")
		want(t, do(h, "SHOW /f"), "200 /f OK first") // the change has not returned
		slow.open()
		want(t, late(), "200 /f OK second")
		want(t, do(h, "SHOW /f"), "200 /f OK second")
		second.open()
		update()
		want(t, do(h, "SHOW /f"), "200 /f OK second")
	})
}

// The same, with a flight in the place of the entry.
func TestWhatALateReadHasSeenIsNotUndoneByAFlight(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f")
		h := newHandler(t, b)
		slow, middle, second := make(gate), make(gate), make(gate)
		b.before = on("SHOW /f", slow.wait)
		late := send(h, "SHOW /f")
		do(h, "UPDATE /f first")
		b.after = after(on("SHOW /f", middle.wait))
		between := send(h, "SHOW /f") // has read what is first
		b.after = after(on("UPDATE /f second", second.wait))
		update := send(h, "UPDATE /f second")
		slow.open()
		want(t, late(), "200 /f OK second")
		want(t, do(h, "SHOW /f"), "200 /f OK second")
		middle.open()
		want(t, between(), "200 /f OK first") // it was there before
		want(t, do(h, "SHOW /f"), "200 /f OK second")
		second.open()
		update()
	})
}

func TestManyMissesAreOneRead(t *testing.T) {
	for _, line := range []string{"SHOW /a/f", "LIST /a", "SHOW /missing/f"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBackend("/a/f")
			h := newHandler(t, b)
			g := make(gate)
			b.before = on(line, g.wait)
			wanted := do(newBackend("/a/f"), line)
			var replies []func() string
			for range 50 {
				replies = append(replies, send(h, line))
			}
			batch := make(chan []string, 1)
			go func() { batch <- doAll(h, line, "SHOW /other/f", line) }()
			synctest.Wait()
			g.open()
			for _, reply := range replies {
				want(t, reply(), wanted)
			}
			for i, reply := range <-batch {
				if i != 1 {
					want(t, reply, wanted)
				}
			}
			if n := b.called(line); n != 1 {
				t.Errorf("%s: asked %d times, want once", line, n)
			}
		})
	}
}

func TestAFollowerNamesTheDirectoryAsItSentIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/a/f")
		h := newHandler(t, b)
		g, missing := make(gate), make(gate)
		b.before = on("LIST /a", g.wait)
		leader, follower := send(h, "LIST /a"), send(h, "LIST /a/")
		g.open()
		want(t, leader(), "200 /a OK f")
		want(t, follower(), "200 /a/ OK f")
		b.before = on("LIST /no/", missing.wait)
		leader, follower = send(h, "LIST /no/"), send(h, "LIST /no")
		missing.open()
		want(t, leader(), "400 /no/ NOT FOUND")
		want(t, follower(), "400 /no NOT FOUND")
	})
}

func TestAFollowerWaitsNoLongerThanItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f")
		h := newHandler(t, b)
		g := make(gate)
		b.before = on("SHOW /f", g.wait)
		leader := send(h, "SHOW /f")
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan string, 2)
		go func() { got <- text(h.Handle(ctx, request("SHOW /f"))) }()
		go func() {
			resps := make([]sttp.Response, 2)
			h.HandleBatch(ctx, requests("SHOW /f", "SHOW /f"), resps)
			got <- text(resps[1])
		}()
		synctest.Wait()
		cancel()
		for range 2 {
			want(t, (<-got)[:len("500 /f SERVER ERROR")], "500 /f SERVER ERROR")
		}
		g.open()
		want(t, leader(), "200 /f OK old")
		want(t, do(h, "SHOW /f"), "200 /f OK old")
	})
}

// What stops a leader, its own context or a panic, says nothing to those who
// followed it.
func TestAFollowerOutlivesItsLeader(t *testing.T) {
	for _, lines := range [][]string{{"SHOW /f"}, {"LIST /"}, {"UPDATE /g new", "SHOW /f"}, {"SHOW /f", "SHOW /g"}} {
		for _, how := range []string{"context", "panic"} {
			synctest.Test(t, func(t *testing.T) {
				b := newBackend("/f", "/g")
				h := newHandler(t, b)
				read := lines[len(lines)-1]
				if len(lines) == 2 {
					read = "SHOW /f"
				}
				ctx, cancel := context.WithCancel(t.Context())
				b.after = func(c context.Context, req sttp.Request, resp *sttp.Response) {
					if c != ctx || req != request(read) {
						return
					}
					<-ctx.Done()
					if how == "panic" {
						panic("of the backend")
					}
					*resp = sttp.Response{Status: sttp.StatusServerError, Path: req.Path, Message: "given up"}
				}
				stopped := make(chan any)
				go func() {
					defer func() { stopped <- recover() }()
					h.HandleBatch(ctx, requests(lines...), make([]sttp.Response, len(lines)))
				}()
				synctest.Wait()
				follower, another := send(h, read), send(h, read)
				cancel()
				if got := <-stopped; (got != nil) != (how == "panic") {
					t.Errorf("the leader panicked with %v", got)
				}
				wanted := do(b, read)
				want(t, follower(), wanted)
				want(t, another(), wanted)
				want(t, do(h, read), wanted)
				want(t, do(h, "UPDATE /f newer"), "200 /f OK newer")
				want(t, do(h, "SHOW /f"), "200 /f OK newer")
				want(t, do(h, "SHOW /g"), do(b, "SHOW /g"))
			})
		}
	}
}

func TestAnErrorIsSharedAndNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBackend("/f")
		h := newHandler(t, b)
		g := make(gate)
		b.before = on("SHOW /f", g.wait)
		b.after = func(_ context.Context, req sttp.Request, resp *sttp.Response) {
			*resp = sttp.Response{Status: sttp.StatusServerError, Path: req.Path, Message: "the disk is gone"}
		}
		leader, follower := send(h, "SHOW /f"), send(h, "SHOW /f")
		g.open()
		want(t, leader(), "500 /f SERVER ERROR the disk is gone")
		want(t, follower(), "500 /f SERVER ERROR the disk is gone")
		if n := b.called("SHOW /f"); n != 1 {
			t.Errorf("asked %d times, want once", n)
		}
		b.after = nil
		want(t, do(h, "SHOW /f"), "200 /f OK old")
	})
}

// A change that panics may have taken effect.
func TestAChangeThatPanicsEmptiesTheEntry(t *testing.T) {
	for _, asBatch := range []bool{false, true} {
		b := newBackend("/f")
		h := newHandler(t, b)
		do(h, "SHOW /f")
		b.after = after(on("UPDATE /f new", func() { panic("of the backend") }))
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was lost")
				}
			}()
			change(h, "UPDATE /f new", asBatch)
		}()
		b.after = nil
		want(t, do(h, "SHOW /f"), "200 /f OK new")
		want(t, do(h, "SHOW /f"), "200 /f OK new")
		if n := b.called("SHOW /f"); n != 2 {
			t.Errorf("asked %d times, want twice: it is cached again", n)
		}
	}
}
