//go:build unix

package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sttp"
	"sttp/client"
	"sttp/internal/mirror"
)

// many returns so many files.
func many(n int) map[string]string {
	all := make(map[string]string)
	for i := range n {
		all[fmt.Sprintf("d%d/%d.txt", i%3, i)] = fmt.Sprint("snippet ", i)
	}
	return all
}

func TestATreeThatIsPushedAndPulledIsTheSame(t *testing.T) {
	for _, connections := range []int{1, 8} {
		want := many(300)
		address := serve(t, 100, nil)
		o := options(address)
		o.Connections = connections
		result, err := mirror.Push(within(t), dir(t, want), path(t, "/to/here"), o.Options)
		if err != nil || result != (mirror.Result{mirror.Created: 300}) {
			t.Fatalf("%v, error %v", result, err)
		}
		to := t.TempDir()
		if result, err = mirror.Pull(within(t), path(t, "/to/here"), to, o.Options); err != nil || result != (mirror.Result{mirror.Created: 300}) {
			t.Fatalf("%v, error %v", result, err)
		}
		if diff := cmp.Diff(want, read(t, to)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAServerWithRoomForFewConnectionsGetsEverything(t *testing.T) {
	o := options(serve(t, 2, nil))
	o.Connections = 8
	result, err := mirror.Push(within(t), dir(t, many(600)), sttp.Root, o.Options)
	if err != nil || result != (mirror.Result{mirror.Created: 600}) {
		t.Errorf("%v, error %v", result, err)
	}
}

func request(t *testing.T, action sttp.Action, file, contents string) sttp.Request {
	t.Helper()
	req, err := sttp.NewRequest(action, file, contents, action.TakesContents())
	if err != nil {
		t.Fatal(err)
	}
	return req
}

func TestAPushThatOthersComeInBetweenOf(t *testing.T) {
	// What others do just before the request of the push.
	between := map[string]sttp.Request{
		"CREATE /same.txt":  request(t, sttp.Create, "/same.txt", "new"),
		"CREATE /other.txt": request(t, sttp.Create, "/other.txt", "theirs"),
		"SHOW /gone.txt":    request(t, sttp.Delete, "/gone.txt", ""),
		"UPDATE /late.txt":  request(t, sttp.Delete, "/late.txt", ""),
		"DELETE /extra.txt": request(t, sttp.Delete, "/extra.txt", ""),
	}
	ctx := within(t)
	address := serve(t, 100, func(next sttp.Handler, req sttp.Request) sttp.Response {
		key := req.Action.String() + " " + req.Path.String()
		if other, ok := between[key]; ok {
			delete(between, key)
			next.Handle(ctx, other)
		}
		return next.Handle(ctx, req)
	})
	c := client.New(address, client.Options{})
	defer c.Close()
	files := make(map[string]string)
	for _, name := range []string{"same.txt", "other.txt", "gone.txt", "late.txt"} {
		files[name] = "new"
	}
	for _, name := range []string{"/gone.txt", "/late.txt", "/extra.txt"} {
		if err := c.Create(ctx, name, "old"); err != nil {
			t.Fatal(err)
		}
	}
	o := options(address)
	o.Delete, o.Connections = true, 1
	_, err := mirror.Push(ctx, dir(t, files), sttp.Root, o.Options)
	if diff := cmp.Diff([]string{`deleted "extra.txt"`, `created "gone.txt"`, `created "late.txt"`, `updated "other.txt"`, `unchanged "same.txt"`}, o.outcomes()); diff != "" || err != nil {
		t.Errorf("%v, error %v", diff, err)
	}
	to := t.TempDir()
	if _, err := mirror.Pull(ctx, sttp.Root, to, options(address).Options); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(files, read(t, to)); diff != "" || len(between) > 0 {
		t.Errorf("%v; left: %v", diff, between)
	}
}

func TestAServerThatTakesTwoNamesForOneKeepsTheFirst(t *testing.T) {
	for _, queries := range []bool{true, false} {
		// As on a file system that knows "a" by the name "A" if it was made so.
		var mu sync.Mutex
		known := make(map[string]sttp.Path)
		folds := func(next sttp.Handler, req sttp.Request) sttp.Response {
			if req.Query != nil && !queries {
				return sttp.ClientError(sttp.Path{}, "no").Response()
			}
			mu.Lock()
			defer mu.Unlock()
			as, key := req, strings.ToLower(req.Path.String())
			if first, ok := known[key]; ok {
				as.Path = first
			} else if req.Action == sttp.Create {
				known[key] = req.Path.Clone()
			}
			resp := next.Handle(context.Background(), as)
			if resp.Path == as.Path {
				resp.Path = req.Path
			}
			return resp
		}
		address := serve(t, 100, folds)
		o := options(address)
		o.Connections = 1
		from := dir(t, map[string]string{"A[*].txt": "upper", "a[*].txt": "lower", "b.txt": "same", "B.txt": "same"})
		for range 2 {
			result, err := mirror.Push(within(t), from, path(t, "/n/"), o.Options)
			if err != nil || result[mirror.Failed] != 1 || o.events["a[*].txt"].Outcome != mirror.Failed {
				t.Errorf("%v, error %v: %v", result, err, o.outcomes())
			}
			to := t.TempDir()
			if _, err := mirror.Pull(within(t), path(t, "/n/"), to, options(address).Options); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]string{"A[*].txt": "upper", "B.txt": "same"}, read(t, to)); diff != "" {
				t.Error(diff)
			}
		}
	}
}

func TestAServerThatContradictsItselfEndsAPush(t *testing.T) {
	const exists, missing = "300 /a.txt CLIENT ERROR \"it exists\"\n", "400 /a.txt NOT FOUND\n"
	for name, test := range map[string]struct {
		replies map[string]string
		says    string
	}{
		"listed and exists, but is not there": {map[string]string{"CREATE": exists, "SHOW": missing}, "it exists"},
		"is there, but not for an update":     {map[string]string{"SHOW": "200 /a.txt OK\nx\n", "UPDATE": missing, "CREATE": exists}, "again and again"},
		"does not show it":                    {map[string]string{"SHOW": exists}, "it exists"},
		"makes no directory":                  {map[string]string{"SHOW": missing, "CREATE": "510 / CANNOT CREATE PATH\n"}, "510"},
		"does not take it":                    {map[string]string{"SHOW": "500 /a.txt SERVER ERROR \"full\"\n", "UPDATE": "500 /a.txt SERVER ERROR \"full\"\n"}, "full"},
	} {
		o := options(respond(t, func(line string) string {
			if strings.HasPrefix(line, "LIST") {
				return ok(line, "a.txt")
			}
			return test.replies[strings.Fields(line)[0]]
		}))
		result, err := mirror.Push(within(t), dir(t, map[string]string{"a.txt": "mine"}), sttp.Root, o.Options)
		if why := o.events["a.txt"].Err; err != nil || result != (mirror.Result{mirror.Failed: 1}) || !strings.Contains(fmt.Sprint(why), test.says) {
			t.Errorf("%s: %v because of %v, error %v", name, result, why, err)
		}
	}
}

func TestAnInterruptWaitsForWhatWasSentAndForNothingElse(t *testing.T) {
	for name, test := range map[string]struct {
		answers bool
		grace   time.Duration
		want    mirror.Result
	}{
		"replies come":   {true, time.Minute, mirror.Result{mirror.Created: 128}},
		"replies do not": {false, time.Millisecond, mirror.Result{mirror.Unknown: 128}},
	} {
		ctx, interrupt := context.WithCancel(within(t))
		release := make(chan struct{})
		var once atomic.Bool
		address := serve(t, 100, func(next sttp.Handler, req sttp.Request) sttp.Response {
			if req.Action == sttp.Create {
				if once.CompareAndSwap(false, true) {
					interrupt()
				}
				if !test.answers {
					<-release
				}
			}
			return next.Handle(context.Background(), req)
		})
		o := options(address)
		o.Connections, o.Grace = 1, test.grace
		result, err := mirror.Push(ctx, dir(t, many(300)), sttp.Root, o.Options)
		close(release)
		if !errors.Is(err, context.Canceled) || result != test.want {
			t.Errorf("%s: %v, error %v, want %v", name, result, err, test.want)
		}
	}
}

func TestChangesWithoutAReplyAreUnknown(t *testing.T) {
	for name, test := range map[string]struct {
		last string // reply to the third CREATE
		want error
	}{
		"the connection is lost": {"", client.ErrOutcomeUnknown},
		"the server is silent":   {silence, client.ErrTimeout},
		"it is no STTP":          {"HTTP/1.1 200 OK\n", client.ErrProtocol},
	} {
		var creates atomic.Int64
		o := options(respond(t, func(line string) string {
			fields := strings.Fields(line)
			switch {
			case fields[0] == "LIST":
				return ok(line, "")
			case fields[0] == "SHOW":
				return "400 " + fields[1] + " NOT FOUND\n"
			case creates.Add(1) == 3:
				return test.last
			}
			return "100 " + fields[1] + " CREATED\n"
		}))
		o.Connections, o.Client.ReplyTimeout = 1, 300*time.Millisecond
		result, err := mirror.Push(within(t), dir(t, many(200)), sttp.Root, o.Options)
		if !errors.Is(err, test.want) || result != (mirror.Result{mirror.Created: 2, mirror.Unknown: 126}) {
			t.Errorf("%s: %v, error %v, want %v", name, result, err, test.want)
		}
	}
}

func TestAnInterruptBeforeTheStartChangesNothing(t *testing.T) {
	address := serve(t, 100, nil)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := options(address)
	if result, err := mirror.Push(ctx, dir(t, many(3)), sttp.Root, o.Options); !errors.Is(err, context.Canceled) || result != (mirror.Result{}) {
		t.Errorf("%v, error %v", result, err)
	}
	if result, err := mirror.Pull(ctx, sttp.Root, t.TempDir(), o.Options); !errors.Is(err, context.Canceled) || result != (mirror.Result{}) {
		t.Errorf("%v, error %v", result, err)
	}
}
