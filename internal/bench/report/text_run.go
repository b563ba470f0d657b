package report

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"sttp"
	"sttp/internal/bench"
)

// run writes the summary of one measurement.
func (p *printer) run(r *bench.Result, target string) {
	p.sentence(asked(r.Workload, r.Load, true), "")
	p.times(r)
	p.actions(r)
	p.requests(r)
	p.counted("Wrong replies", red, r.Wrong)
	p.examples(r.Examples)
	p.counted("Errors", yellow, r.Errors)
	p.counted("Connections that could not be opened", yellow, r.Dials)
	p.generator(r)
	notes := runNotes(r, target)
	if len(notes) > 0 {
		p.blank()
	}
	for _, n := range notes {
		p.note(n.label, n.sgr, n.text)
	}
	p.blank()
	sgr, text := verdict(r)
	p.sentence(text, sgr)
}

// times writes response and service time side by side.
func (p *printer) times(r *bench.Result) {
	switch {
	case !has(r.Response) && !has(r.Service):
		p.heading("Latency", "there was no right reply")
	case r.Response == nil:
		p.heading("Service time", "since a request was sent")
		p.latencies([]string{"service time"}, []*bench.Latency{r.Service})
	default:
		p.heading("Latency", "response time: since a request was due; service time: since it was sent")
		p.latencies([]string{"response time", "service time"}, []*bench.Latency{r.Response, r.Service})
	}
}

// actions writes a line for each action.
func (p *printer) actions(r *bench.Result) {
	var all []*bench.Latency
	for _, a := range r.Actions {
		if a != nil {
			all = append(all, a.Response, a.Service)
		}
	}
	u := tableUnit(all...)
	quantiles := []float64{0.5, 0.99, 1}
	g := &grid{head: [][]string{{"", "right"}, {"", "replies"}}}
	kinds := []string{"response", "service"}
	if r.Load.Closed {
		kinds = kinds[1:]
	}
	for _, kind := range kinds {
		for _, q := range quantiles {
			g.head[0] = append(g.head[0], kind)
			g.head[1] = append(g.head[1], quantileName(q)+" "+u.name)
		}
	}
	for _, action := range sttp.Actions() {
		a := r.Actions[action.String()]
		if a == nil || a.Done == 0 {
			continue
		}
		row := []string{action.String(), grouped(a.Done)}
		for _, kind := range kinds {
			l := a.Service
			if kind == "response" {
				l = a.Response
			}
			for _, q := range quantiles {
				row = append(row, supported(l, q, u))
			}
		}
		g.rows = append(g.rows, row)
	}
	if len(g.rows) == 0 {
		return
	}
	g.alignPoints(2, len(g.head[0]))
	p.heading("Actions", "")
	p.grid(g)
}

// requests says how many there were and what became of them.
func (p *printer) requests(r *bench.Result) {
	over := "sent within "
	if !r.Load.Closed {
		over = "due within "
	}
	p.heading("Requests", over+whole(r.Elapsed))
	g := &grid{last: "left"}
	of := requests(r)
	if !r.Load.Closed {
		g.rows = append(g.rows, []string{"due", grouped(r.Due), perSecond(r.Load.Rate) + " asked for"})
	}
	g.rows = append(g.rows,
		[]string{"sent", grouped(r.Sent), ""},
		[]string{"right", grouped(r.Done), perSecond(r.Rate) + untilLast(r)},
		[]string{"wrong", grouped(r.Wrong.Total()), share100(r.Wrong.Total(), of)},
		[]string{"errors", grouped(r.Errors.Total()), share100(r.Errors.Total(), of)},
	)
	for i := range g.rows {
		g.rows[i][0] = fmt.Sprintf("%-*s", labelWidth-2, g.rows[i][0])
	}
	_, rows := g.lines()
	for i, row := range rows {
		sgr := ""
		switch {
		case i == len(rows)-2 && r.Wrong.Total() > 0:
			sgr = red
		case i == len(rows)-1 && r.Errors.Total() > 0:
			sgr = yellow
		}
		p.line(p.paint(sgr, row))
	}
}

// untilLast says when the last reply came, if that was long after the last request
// was due: the rate counts until then.
func untilLast(r *bench.Result) string {
	if r.Rate <= 0 {
		return ""
	}
	last := time.Duration(float64(r.Done) / r.Rate * float64(time.Second))
	if float64(last) < 1.05*float64(r.Elapsed) {
		return ""
	}
	return ", the last one after " + whole(last)
}

// share100 is percentOf that leaves out none.
func share100(n, of int64) string {
	if n == 0 {
		return ""
	}
	return percentOf(n, of)
}

// generator says what the measuring itself took.
func (p *printer) generator(r *bench.Result) {
	p.heading("Generator", "")
	g := r.Generator
	if has(g.Lag) {
		text := "p50 " + timeText(g.Lag.Quantile(0.5))
		if supports(g.Lag, 0.99) {
			text += ", p99 " + timeText(g.Lag.Quantile(0.99))
		}
		p.field("send lag", text+", max "+timeText(g.Lag.Max())+", since a request was due and a connection free")
	}
	if supports(g.Wake, 0.99) {
		p.field("wake-up", "p99 "+timeText(g.Wake.Quantile(0.99))+", max "+timeText(g.Wake.Max())+", since it could have run: replies were read as late")
	}
	p.field("processor", fmt.Sprintf("%s, %s of all processors", timeText(g.CPU), percents.full(finiteOr(g.Share, 0))))
}

// remark is what the reader has to know about figures.
type remark struct{ label, sgr, text string }

// runNotes says what limits the figures' meaning, the worst last.
func runNotes(r *bench.Result, target string) []remark {
	var notes []remark
	add := func(label, sgr, text string) { notes = append(notes, remark{label, sgr, text}) }
	if r.Load.Closed {
		add("note", cyan, "In a closed loop a request is sent when the reply to the one before has come. So these are service times: they do not show for how long clients would have waited while the server was busy or stalled. --rate shows it.")
	}
	_, trusted := generatorWords(r)
	if text := waited(r); text != "" && (trusted || beyondGenerator(r)) {
		add("note", cyan, text)
	}
	if trusted && sharesMachine(target) && r.Generator.Share >= 0.4 {
		add("note", cyan, "The generator took "+percents.full(r.Generator.Share)+" of the processors, which the server on the same machine could not have. Run it on another one to see what the server bears.")
	}
	if !trusted {
		add("WARNING", yellow, blamed(r))
	}
	if n := r.Dials[bench.NoDescriptor]; n > 0 {
		add("WARNING", yellow, fmt.Sprintf("%s could not be opened because this program may open no more files. Raise the limit with: ulimit -n %d", number(n, "connection", "connections"), 2*r.Load.Connections+100))
	}
	if n := r.Dials[bench.NoPort]; n > 0 {
		add("WARNING", yellow, number(n, "connection", "connections")+" could not be opened because this machine had no free port left. With a connection for each request every one keeps its port for about a minute; lower the rate.")
	}
	if r.Interrupted {
		add("WARNING", yellow, "The run was interrupted after "+whole(r.Elapsed)+"; the figures hold what was measured until then.")
	}
	return notes
}

// waitedFor returns a response time that is far above the service time at the
// same percentile, 0 if there is none: so long, and longer, requests waited until
// they were sent.
func waitedFor(r *bench.Result) time.Duration {
	for _, q := range []float64{0.99, 0.9, 0.5} {
		if !supports(r.Response, q) || !supports(r.Service, q) {
			continue
		}
		if d := r.Response.Quantile(q); d > 2*r.Service.Quantile(q)+time.Millisecond {
			return d
		}
	}
	return 0
}

// waited says that requests had to wait for a connection, and why that may be.
func waited(r *bench.Result) string {
	unsent := r.Errors[bench.Unsent]
	if waitedFor(r) == 0 && unsent == 0 || r.Gone != nil {
		return ""
	}
	slots := int64(r.Load.Connections) * int64(r.Load.InFlight)
	text := "Requests were due faster than replies came, and waited for a free connection"
	if unsent > 0 {
		text += "; " + number(unsent, "was", "were") + " never sent"
	}
	text += ". Their waiting is in the response time alone."
	if has(r.Service) {
		possible := float64(slots) / max(r.Service.Mean().Seconds(), 1e-9)
		if possible < r.Load.Rate {
			return text + fmt.Sprintf(" With a mean service time of %s, %s at once cannot make %s: this server is that slow, or more --connections or --in-flight are needed.",
				timeText(r.Service.Mean()), number(slots, "request", "requests"), perSecond(r.Load.Rate))
		}
		text += " On average the connections would have been enough, so the server stalled now and then"
		if r.Load.Poisson {
			text += ", or many were due at once"
		}
		text += "; the slices in the JSON and the HTML show when."
	}
	return text
}

// beyondGenerator tells whether response times are so long that a generator that
// was late is not the reason.
func beyondGenerator(r *bench.Result) bool {
	g, late := r.Generator, lateness
	for _, l := range []*bench.Latency{g.Lag, g.Wake} {
		if has(l) {
			late = max(late, l.Quantile(0.99))
		}
	}
	return g.Share <= busyShare && waitedFor(r) > 10*late
}

// blamed says that the generator was the limit, and what to do about it.
func blamed(r *bench.Result) string {
	words, _ := generatorWords(r)
	if r.Load.Closed {
		return words + " Run it on a machine of its own, or with fewer --connections."
	}
	words += " Times of that size say nothing about the server."
	return words + " Lower --rate, or run it on a machine that has processors to spare and is not the server's."
}

// sharesMachine tells whether a target is this machine, as far as its name shows.
func sharesMachine(target string) bool {
	host, _, err := net.SplitHostPort(strings.TrimPrefix(target, "sttp://"))
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// verdict says in a sentence what came of a run.
func verdict(r *bench.Result) (sgr, text string) {
	wrong, errs := r.Wrong.Total(), r.Errors.Total()
	if r.Gone != nil {
		text = goneWords(r.Gone) + " "
	}
	switch {
	case wrong > 0:
		return red, text + fmt.Sprintf("%s of %s.", number(wrong, "reply was wrong", "replies were wrong"), grouped(wrong+r.Done))
	case r.Gone != nil:
		return red, text + rightUntil(r)
	case r.Done == 0:
		return red, "There was no right reply."
	}
	text = rightUntil(r)
	sgr = green
	if errs > 0 {
		sgr = yellow
		text = strings.TrimSuffix(text, ".") + fmt.Sprintf(", but %s of %s had no success.", number(errs, "request", "requests"), grouped(requests(r)))
	}
	text += " " + pace(r)
	return sgr, text
}

func rightUntil(r *bench.Result) string {
	switch r.Done {
	case 0:
		return "There was no right reply until then."
	case 1:
		return "The one reply was right."
	}
	return "All " + grouped(r.Done) + " replies were right."
}

// pace says how fast the replies came.
func pace(r *bench.Result) string {
	text := "They came at " + perSecond(r.Rate)
	if !r.Load.Closed && r.Rate < 0.99*r.Load.Rate && !r.Interrupted && float64(r.Done) < 0.99*float64(r.Due) {
		text += ", not at the " + perSecond(r.Load.Rate) + " that were asked for"
	}
	main, name := latencyOf(r.Response, r.Service)
	for _, q := range []float64{0.99, 0.9, 0.5} {
		if supports(main, q) {
			return text + "; p" + bench.PercentileName(q) + " " + name + " " + timeText(main.Quantile(q)) + "."
		}
	}
	return text + "."
}
