package check

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// history reads one request a line: the time of its call and of its reply, the
// action, the contents sent, and "->" with the status and what was shown. A
// reply that never came has "-" for its time and "?" for its status. Each
// request has a client of its own.
func history(t *testing.T, text string) []op {
	t.Helper()
	var ops []op
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		asked, answered, _ := strings.Cut(strings.TrimSpace(line), " -> ")
		words, reply := strings.Fields(asked), strings.Fields(answered)
		o := op{client: len(ops) + 1, action: words[2], path: "/d/a.txt", ret: never}
		fmt.Sscan(words[0], &o.call)
		fmt.Sscan(reply[0], &o.status)
		if words[1] != "-" {
			fmt.Sscan(words[1], &o.ret)
		}
		if len(words) > 3 {
			o.contents = words[3]
		}
		if len(reply) > 1 {
			o.shown = reply[1]
		}
		ops = append(ops, o)
	}
	return ops
}

func TestAHistoryIsRightIfSomeOrderGivesItsReplies(t *testing.T) {
	for name, text := range map[string]string{
		"one after the other": `
			0 1 SHOW -> 400
			2 3 CREATE x -> 100
			4 5 SHOW -> 200 x
			6 7 UPDATE y -> 200
			8 9 SHOW -> 200 y
			10 11 CREATE z -> 300
			12 13 DELETE -> 600
			14 15 SHOW -> 410
			16 17 UPDATE w -> 400
			18 19 DELETE -> 410`,
		"a SHOW beside an UPDATE answers the old or the new contents": `
			0 1 CREATE x -> 100
			2 9 UPDATE y -> 200
			3 4 SHOW -> 200 x
			5 6 SHOW -> 200 y`,
		"of two CREATEs at once one wins": `
			0 9 CREATE x -> 300
			1 8 CREATE y -> 100
			10 11 SHOW -> 200 y`,
		"an UPDATE without a reply has taken effect": `
			0 1 CREATE x -> 100
			2 - UPDATE y -> ?
			3 4 SHOW -> 200 x
			5 6 SHOW -> 200 y`,
		"an UPDATE without a reply has not taken effect": `
			0 1 CREATE x -> 100
			2 - UPDATE y -> ?
			3 4 SHOW -> 200 x`,
		"a CREATE without a reply takes effect late": `
			0 - CREATE x -> ?
			1 2 SHOW -> 400
			3 4 SHOW -> 400
			5 6 SHOW -> 200 x`,
		"a DELETE without a reply": `
			0 1 CREATE x -> 100
			2 - DELETE -> ?
			3 4 SHOW -> 200 x
			5 6 CREATE y -> 100`,
		"400 and 410 mean the same": `
			0 1 SHOW -> 410
			2 3 SHOW -> 400
			4 5 DELETE -> 410`,
	} {
		if story, _, decided := checkHistory(history(t, text)); story != nil || !decided {
			t.Errorf("%s: wrong because of %v, decided: %v", name, story, decided)
		}
	}
}

func TestAHistoryThatIsWrongIsToldAsAShortStory(t *testing.T) {
	for name, test := range map[string]struct {
		text, says string
		symptom    Symptom
	}{
		"stale": {`
			0 1 CREATE x -> 100
			2 3 SHOW -> 200 x
			4 5 UPDATE y -> 200
			6 7 SHOW -> 200 y
			8 9 SHOW -> 200 x
			10 11 SHOW -> 200 y`,
			`client 4's SHOW of a.txt is answered 200 with "y"; after that client 5's SHOW of a.txt is answered 200 with "x"; no order of the requests gives these replies (client 1's CREATE had sent "x")`,
			Stale},
		"stale after an acknowledged change": {`
			0 1 CREATE x -> 100
			2 3 SHOW -> 200 x
			4 5 UPDATE y -> 200
			8 9 SHOW -> 200 x`,
			`client 3's UPDATE of a.txt with "y" is answered 200; after that client 4's SHOW of a.txt is answered 200 with "x"; no order of the requests gives these replies (client 1's CREATE had sent "x")`,
			Stale},
		"nobody sent it": {`
			0 1 CREATE xx -> 100
			2 9 UPDATE yy -> 200
			3 4 SHOW -> 200 xy`,
			`client 3's SHOW of a.txt is answered 200 with "xy", which nobody has sent`, Torn},
		"what was refused is shown": {`
			0 1 CREATE x -> 100
			2 3 CREATE y -> 300
			4 5 SHOW -> 200 y`,
			`client 3's SHOW of a.txt is answered 200 with "y", though client 2's CREATE of a.txt with "y" is answered 300`, Stale},
		"two CREATEs win": {`
			0 5 CREATE x -> 100
			1 6 CREATE y -> 100
			7 8 SHOW -> 200 y`,
			`client 1's CREATE of a.txt with "x" is answered 100; at the same time client 2's CREATE of a.txt with "y" is answered 100; no order of the requests gives these replies`,
			GotStatus(100)},
		"a file comes back": {`
			0 1 CREATE x -> 100
			2 6 UPDATE y -> 200
			3 5 DELETE -> 600
			7 8 SHOW -> 200 y`,
			`client 3's DELETE of a.txt is answered 600; after that client 4's SHOW of a.txt is answered 200 with "y"; no order of the requests gives these replies (client 2's UPDATE beside them sent "y")`,
			GotStatus(200)},
		"a file is gone": {`
			0 1 CREATE x -> 100
			2 3 UPDATE y -> 200
			4 5 SHOW -> 400
			6 7 SHOW -> 200 y`,
			`client 2's UPDATE of a.txt with "y" is answered 200; after that client 3's SHOW of a.txt is answered 400; no order of the requests gives these replies`,
			GotStatus(400)},
		"two DELETEs win": {`
			0 1 CREATE x -> 100
			2 5 DELETE -> 600
			3 6 DELETE -> 600`,
			`client 2's DELETE of a.txt is answered 600; at the same time client 3's DELETE of a.txt is answered 600; no order of the requests gives these replies`,
			GotStatus(600)},
		"new and then old beside an UPDATE": {`
			0 1 CREATE x -> 100
			2 9 UPDATE y -> 200
			3 4 SHOW -> 200 y
			5 6 SHOW -> 200 x`,
			`client 3's SHOW of a.txt is answered 200 with "y"; after that client 4's SHOW of a.txt is answered 200 with "x"; no order of the requests gives these replies (client 1's CREATE had sent "x")`,
			Stale},
		"a CREATE without a reply cannot be seen and vanish": {`
			0 - CREATE x -> ?
			1 2 SHOW -> 200 x
			3 4 SHOW -> 400`,
			`client 2's SHOW of a.txt is answered 200 with "x"; after that client 3's SHOW of a.txt is answered 400; no order of the requests gives these replies`,
			GotStatus(400)},
	} {
		story, path, decided := checkHistory(history(t, test.text))
		if story == nil || !decided {
			t.Errorf("%s: it is found right, decided: %v", name, decided)
			continue
		}
		if p := storyProblem(story, path); test.says != "" && (p.Says != test.says || p.Symptom != test.symptom) {
			t.Errorf("%s: %s: %s\nwant %s: %s", name, p.Symptom, p.Says, test.symptom, test.says)
		} else {
			t.Log(p.Says)
		}
	}
}

// simulated returns a history that a right server could have given: each
// request takes effect at a moment between its call and its reply.
func simulated(r *rand.Rand, clients, requests int) []op {
	var ops []op
	free := make([]time.Duration, clients)
	state := missingFile
	for moment := time.Duration(1); len(ops) < clients*requests; moment += 10 {
		c := r.IntN(clients)
		if free[c] >= moment {
			continue
		}
		o := op{client: c, path: "/d/a.txt", call: moment - min(moment-free[c]-1, time.Duration(r.IntN(30))), ret: moment + time.Duration(r.IntN(30))}
		o.action = []string{"CREATE", "SHOW", "UPDATE", "DELETE", "SHOW", "UPDATE"}[r.IntN(6)]
		if o.action == "CREATE" || o.action == "UPDATE" {
			o.contents = fmt.Sprint(len(ops))
		}
		for _, o.status = range []int{100, 200, 600, 300, 400} {
			o.shown = ""
			if o.action == "SHOW" && o.status == 200 {
				o.shown = state.contents
			}
			if ok, next := o.step(state); o.expected() && ok {
				state = next
				break
			}
		}
		free[c] = o.ret
		if r.IntN(100) == 0 && o.action != "SHOW" {
			o = unknownOutcome(o)
		}
		ops = append(ops, o)
	}
	return ops
}

func TestHistoriesOfARightServerAreFoundRight(t *testing.T) {
	for seed := range uint64(20) {
		ops := simulated(rand.New(rand.NewPCG(seed, 1)), 8, 30)
		if story, _, decided := checkHistory(ops); story != nil || !decided {
			t.Fatalf("seed %d: %v, decided: %v", seed, story, decided)
		}
	}
}

// A story must be wrong by itself: otherwise it would accuse a right server of
// something else than what was seen. So what is forgotten on the way to it must
// never make a right history wrong.
func TestNoStepTowardsAStoryMakesARightHistoryWrong(t *testing.T) {
	for seed := range uint64(40) {
		r := rand.New(rand.NewPCG(seed, 2))
		ops := simulated(r, 6, 12)
		for range 10 {
			moment := ops[r.IntN(len(ops))].ret
			if early := between(ops, -1, moment); wrong(early, missingFile) {
				t.Fatalf("seed %d: %v has become wrong before %v: %v", seed, ops, moment, early)
			}
			late := between(ops, moment, never)
			if wrong(late, file{unknown: true}) {
				t.Fatalf("seed %d: %v has become wrong after %v: %v", seed, ops, moment, late)
			}
			for len(late) > 0 {
				i := r.IntN(len(late))
				if canGo(late, i) {
					late = append(late[:i:i], late[i+1:]...)
				} else if late[i].status != 0 {
					late[i] = unknownOutcome(late[i])
				} else {
					break
				}
				if wrong(late, file{unknown: true}) {
					t.Fatalf("seed %d: %v has become wrong", seed, late)
				}
			}
		}
	}
}

// One reply of a right history is made wrong; the story has to be short, and it
// must not take long to find it.
func TestOneWrongReplyInALongHistoryIsFound(t *testing.T) {
	for name, test := range map[string]struct {
		spoil   func(ops []op) // spoils the last request but a few
		symptom Symptom
	}{
		"contents that nobody sent": {func(ops []op) { spoilLast(ops, "SHOW", func(o *op) { o.shown = "never sent" }) }, Torn},
		"contents of long ago":      {func(ops []op) { spoilLast(ops, "SHOW", func(o *op) { o.shown = ops[0].contents }) }, Stale},
	} {
		for seed := range uint64(20) {
			ops := []op{
				{action: "CREATE", path: "/d/a.txt", contents: "the first", status: 100, call: 1, ret: 2},
				{action: "DELETE", path: "/d/a.txt", status: 600, call: 3, ret: 4},
			}
			for _, o := range simulated(rand.New(rand.NewPCG(seed, 3)), 6, 50) {
				o.call += 10
				if o.ret != never {
					o.ret += 10
				}
				ops = append(ops, o)
			}
			test.spoil(ops)
			began := time.Now()
			story, path, _ := checkHistory(ops)
			p := storyProblem(story, path)
			if n := strings.Count(p.Says, "client "); n == 0 || n > 5 {
				t.Errorf("%s, seed %d: a story of %d requests: %v", name, seed, len(story), p.Says)
			} else if p.Symptom != test.symptom {
				t.Errorf("%s, seed %d: %v", name, seed, p)
			} else if seed == 0 {
				t.Log(p.Says)
			}
			if took := time.Since(began); took > time.Second {
				t.Errorf("%s, seed %d: it took %v", name, seed, took)
			}
		}
	}
}

func spoilLast(ops []op, action string, spoil func(*op)) {
	for i := len(ops) * 3 / 4; i >= 0; i-- {
		if ops[i].action == action && ops[i].status == 200 {
			spoil(&ops[i])
			return
		}
	}
}
