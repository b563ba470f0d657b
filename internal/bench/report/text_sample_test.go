package report_test

import (
	"time"

	"sttp/internal/bench"
)

// latency returns n times that are spread as those of a quick server are: most
// near least, a few up to most.
func latency(n int, least, most time.Duration) *bench.Latency {
	l := bench.NewLatency()
	for i := range n {
		share := float64(i) / float64(max(n-1, 1))
		rare := share * share * share * share
		rare *= rare * rare * rare
		l.Record(least + time.Duration(share*float64(least)) + time.Duration(rare*float64(most-2*least)))
	}
	return l
}

// sampleRun is an open loop without anything to complain about.
func sampleRun() *bench.Result {
	const n = 10_000
	load := bench.DefaultLoad()
	return &bench.Result{
		Load: load, Workload: bench.DefaultWorkload(), Elapsed: 10 * time.Second,
		Due: n, Sent: n, Done: n, Rate: 1000, Wrong: bench.Counts{}, Errors: bench.Counts{}, Dials: bench.Counts{},
		Response: latency(n, 80*time.Microsecond, 3*time.Millisecond),
		Service:  latency(n, 75*time.Microsecond, 2*time.Millisecond),
		Actions: map[string]*bench.Action{
			"SHOW":   {Done: 9000, Response: latency(9000, 80*time.Microsecond, time.Millisecond), Service: latency(9000, 75*time.Microsecond, time.Millisecond)},
			"UPDATE": {Done: 1000, Response: latency(1000, 800*time.Microsecond, 3*time.Millisecond), Service: latency(1000, 750*time.Microsecond, 2*time.Millisecond)},
		},
		Generator: bench.Generator{Lag: latency(n, 4*time.Microsecond, 300*time.Microsecond), CPU: 412 * time.Millisecond, Share: 0.0206},
	}
}

// badRun is an open loop with everything that can be wrong.
func badRun() *bench.Result {
	r := sampleRun()
	r.Workload = bench.Workload{
		Mix:      bench.Mix{"SHOW": 7, "UPDATE": 2, "CREATE": 0.6, "DELETE": 0.4},
		Snippets: 100_000, MinLength: 20, MaxLength: 160, Zipf: 1.1, HitRatio: 0.9,
	}
	r.Load.Poisson, r.Load.Rate, r.Load.InFlight = true, 20_000, 4
	r.Elapsed, r.Due, r.Sent, r.Done, r.Rate = 6200*time.Millisecond, 124_000, 61_000, 60_212, 9711.6
	r.Wrong = bench.Counts{bench.Stale: 12, bench.Torn: 2}
	r.Errors = bench.Counts{bench.Timeout: 40, bench.Unsent: 63_000, "status 500": 3, bench.Reset: 731}
	r.Dials = bench.Counts{bench.Refused: 400, bench.NoDescriptor: 7}
	r.Examples = []string{
		"SHOW /sttp-bench-k3x9/000017 was answered with version 3, and version 4 was there 12 ms before the request",
		"SHOW /sttp-bench-k3x9/\x1b[2J was answered \"abc\\ndef\u202e\", which is a part of what is there",
	}
	r.Response = latency(123_000, 90*time.Microsecond, 4*time.Second)
	r.Service = latency(60_212, 90*time.Microsecond, 700*time.Millisecond)
	r.Generator = bench.Generator{Lag: latency(61_000, 500*time.Microsecond, 9*time.Millisecond), CPU: 11 * time.Second, Share: 0.887}
	r.Gone = &bench.Gone{After: 6200 * time.Millisecond, Lost: 200, Why: bench.Refused}
	return r
}

// closedRun is a short closed loop.
func closedRun() *bench.Result {
	const n = 200
	r := sampleRun()
	r.Load = bench.Load{Closed: true, Connections: 1, InFlight: 1, Count: n, Timeout: time.Second}
	r.Workload.Mix = bench.Mix{"SHOW": 1}
	r.Elapsed, r.Due, r.Sent, r.Done, r.Rate = 21*time.Millisecond, 0, n, n, 9523.8
	r.Response, r.Service = nil, latency(n, 90*time.Microsecond, time.Millisecond)
	r.Actions = map[string]*bench.Action{"SHOW": {Done: n, Service: r.Service}}
	r.Generator = bench.Generator{CPU: 20 * time.Millisecond, Share: 0.47}
	r.Interrupted = true
	return r
}

// step is one step of a search at a rate.
func step(stage string, rate float64, most time.Duration) bench.Step {
	n := int(2 * rate)
	r := sampleRun()
	r.Load.Rate, r.Rate, r.Elapsed = rate, rate, 2*time.Second
	r.Due, r.Sent, r.Done = int64(n), int64(n), int64(n)
	r.Response, r.Service = latency(n, 90*time.Microsecond, most), latency(n, 80*time.Microsecond, most)
	return bench.Step{Stage: stage, Rate: rate, OK: true, Result: r}
}

func sampleBreak() *bench.Break {
	load := bench.DefaultLoad()
	load.Rate, load.Duration = 0, 2*time.Second
	b := &bench.Break{
		Until: "p99<5ms,errors<0.1%", Load: load, Workload: bench.DefaultWorkload(), Rate: 31_000, Confirmed: true,
		Limit: bench.LimitServer, Why: "at 32,000/s p99 was 19.8 ms, not below 5 ms",
		Steps: []bench.Step{
			step("double", 400, time.Millisecond), step("double", 16_000, 2*time.Millisecond), step("double", 32_000, 60*time.Millisecond),
			step("bisect", 31_000, 3*time.Millisecond), step("confirm", 31_000, 4*time.Millisecond),
		},
	}
	b.Steps[2].OK, b.Steps[2].Limit, b.Steps[2].Why = false, "server", "p99 was 19.8 ms, not below 5 ms"
	b.Steps[2].Result.Rate = 30_411
	b.Steps[2].Result.Errors = bench.Counts{bench.Timeout: 5}
	b.Steps[2].Result.Wrong = bench.Counts{bench.Torn: 1}
	b.Steps[2].Result.Examples = []string{"SHOW /sttp-bench-k3x9/000017 was answered with half of its contents"}
	b.Why, b.Confirmed = "a step at 32,000/s failed twice", true
	return b
}

func sampleGuide() *bench.Guide {
	return &bench.Guide{
		Snippets: 1000, Concurrent: 10, Wrong: bench.Counts{}, Errors: bench.Counts{}, Total: 1840 * time.Millisecond,
		Phases: []bench.Phase{
			{Name: "create", Requests: 1000, Done: 1000, Elapsed: 900 * time.Millisecond, Rate: 1111.1, Service: latency(1000, 700*time.Microsecond, 4*time.Millisecond)},
			{Name: "retrieve", Requests: 1100, Done: 1100, Elapsed: 40 * time.Millisecond, Rate: 27_500, Service: latency(1100, 60*time.Microsecond, time.Millisecond)},
			{Name: "delete", Requests: 1000, Done: 1000, Elapsed: 900 * time.Millisecond, Rate: 1111.1, Service: latency(1000, 700*time.Microsecond, 4*time.Millisecond)},
		},
	}
}

func samplePeers() *bench.Peers {
	return &bench.Peers{
		Rounds: 5, Length: 2 * time.Second,
		Systems: []bench.System{{Name: "sttp-server", Version: "v1.2.0"}, {Name: "redis-server", Version: "7.0.15"}, {Name: "nginx", Missing: "it is not installed"}},
		Tables: []bench.Table{{Name: "SHOW, 40 characters, 50 connections", Figures: []bench.Figure{
			{System: "sttp-server", What: "CPU", Unit: "µs per request", Better: "less", Rounds: []float64{4.1, 4.2, 4.3, 4.0, 4.2}, Median: 4.2},
			{System: "redis-server", What: "CPU", Unit: "µs per request", Better: "less", Rounds: []float64{11.2, 12.1, 11.9, 11.8, 12.4}, Median: 11.9, Ratio: &bench.Range{Median: 0.353, Lowest: 0.339, Highest: 0.366}},
			{System: "sttp-server", What: "rate", Unit: "/s", Better: "more", Rounds: []float64{61_000, 62_000, 60_100, 61_200, 61_900}, Median: 61_200},
			{System: "redis-server", What: "rate", Unit: "/s", Better: "more", Rounds: []float64{41_000, 42_000, 40_100, 41_200, 41_900}, Median: 41_200, Ratio: &bench.Range{Median: 1.485, Lowest: 1.47, Highest: 1.51}},
		}}},
	}
}

// badPeers is a comparison with everything that can be wrong.
func badPeers() *bench.Peers {
	p := samplePeers()
	p.Wrong, p.Errors = bench.Counts{bench.Torn: 3}, bench.Counts{bench.Reset: 20}
	p.Examples = []string{"redis-server: SHOW /snippets/0/snippet_1.txt was answered \x1b[2J with half of its contents"}
	p.Notes = []string{"nginx is left out: it is not installed", "SHOW, 40 characters, 50 connections, round 3, redis-server: wrong replies: torn 3"}
	p.Failed = "redis-server failed at \"UPDATE, durable\": went away: refused (exit status 7); it wrote nothing"
	return p
}

// document returns a Document of a machine that is not this one.
func document() *bench.Document {
	return &bench.Document{
		Tool: "sttp-bench", Version: "sttp-bench v1.0.0", Started: time.Date(2026, 7, 1, 12, 30, 0, 0, time.UTC), Target: "sttp://127.0.0.1:8080",
		Machine: bench.Machine{OS: "linux", Arch: "amd64", Kernel: "6.1.0", CPU: "Some Processor 3000", CPUs: 2, Go: "go1.26.5"},
	}
}

// texts are Documents with everything that a summary can hold.
func texts() map[string]*bench.Document {
	run, bad, closed, broken, guide, peers := document(), document(), document(), document(), document(), document()
	run.Run, bad.Run, closed.Run, broken.Break, guide.Guide = sampleRun(), badRun(), closedRun(), sampleBreak(), sampleGuide()
	peers.Peers, peers.Target = samplePeers(), ""
	liars := document()
	liars.Peers, liars.Target = badPeers(), ""
	return map[string]*bench.Document{"run": run, "bad": bad, "closed": closed, "break": broken, "guide": guide, "peers": peers, "bad-peers": liars}
}
