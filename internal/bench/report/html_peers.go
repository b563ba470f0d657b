package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"sttp/internal/bench"
)

func (p *page) showPeers(peers *bench.Peers) {
	p.Command += " peers"
	p.Target = "Servers side by side"
	p.Asked = fmt.Sprintf("%s of %s for each, one after the other on this machine", number(int64(peers.Rounds), "round", "rounds"), timeText(peers.Length))
	p.judgePeers(peers)
	for i, table := range peers.Tables {
		p.add(peerSection(fmt.Sprintf("table-%d", i+1), table, peers))
	}
	p.add(systemSection(peers))
	p.add(countSection(0, peers.Wrong, nil, peers.Errors, peers.Examples))
	p.Settings = []fact{{"Rounds", grouped(int64(peers.Rounds))}, {"One measurement", timeText(peers.Length)}}
}

func (p *page) judgePeers(peers *bench.Peers) {
	const interrupted = "The comparison was interrupted; it holds the rounds that were complete then."
	var missing []string
	for _, s := range peers.Systems {
		if s.Missing != "" {
			missing = append(missing, shown(s.Name))
		}
	}
	measured := len(peers.Systems) - len(missing)
	p.Class, p.Verdict = "good", number(int64(measured), "server was measured", "servers were measured")+", and every reply was right."
	switch {
	case peers.Wrong.Total() > 0:
		p.Class, p.Verdict = "bad", number(peers.Wrong.Total(), "reply was wrong", "replies were wrong")+": "+listed(peers.Wrong)+"."
	case measured == 0:
		p.Class, p.Verdict = "bad", "No server was measured."
	case peers.Failed != "":
		p.Class, p.Verdict = "bad", "The comparison ended before its time; it holds the rounds that were complete then."
	case peers.Interrupted:
		p.Class, p.Verdict = "open", interrupted
	case peers.Errors.Total() > 0:
		p.Class, p.Verdict = "open", "Every reply was right, but "+number(peers.Errors.Total(), "request", "requests")+" had no success."
	case len(missing) > 0:
		p.Class = "open"
	}
	if peers.Wrong.Total() > 0 {
		p.Says = append(p.Says, "A server that answers wrongly has no figures that are worth anything.")
		if peers.Interrupted {
			p.Says = append(p.Says, interrupted)
		}
	}
	if peers.Failed != "" {
		p.Says = append(p.Says, shown(peers.Failed))
	}
	if len(missing) > 0 {
		p.Says = append(p.Says, "Not measured: "+strings.Join(missing, ", ")+".")
	}
	for _, note := range peers.Notes[:min(len(peers.Notes), mostExamples)] {
		p.Says = append(p.Says, shown(note))
	}
}

// peerSection shows one workload: a chart for each quantity, and the figures.
func peerSection(id string, table bench.Table, peers *bench.Peers) *pageSection {
	first := ""
	if len(peers.Systems) > 0 {
		first = peers.Systems[0].Name
	}
	s := &pageSection{ID: id, Title: shown(table.Name), Intro: "A bar is the median of all rounds, the line across its end their range."}
	t := newTable("Figures of "+shown(table.Name), " Quantity", " Server", "Median", "Lowest", "Highest", " Unit", shown(first)+" over it")
	for n, figures := range byQuantity(table.Figures) {
		s.Bars = append(s.Bars, peerBars(fmt.Sprintf("%s-%d", id, n+1), figures, first))
		for _, f := range figures {
			lo, hi := f.Median, f.Median
			if len(f.Rounds) > 0 {
				lo, hi = slices.Min(f.Rounds), slices.Max(f.Rounds)
			}
			t.row("", capital(shown(f.What)), shown(f.System), significant(f.Median), significant(lo), significant(hi), shown(f.Unit), ratioText(f.Ratio))
		}
	}
	if len(t.Rows) > 0 {
		s.Table = t
	}
	return s
}

// byQuantity groups figures by what they measure, in the order they come in.
func byQuantity(all []bench.Figure) [][]bench.Figure {
	var groups [][]bench.Figure
	for _, f := range all {
		i := slices.IndexFunc(groups, func(g []bench.Figure) bool { return g[0].What == f.What && g[0].Unit == f.Unit })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], f)
	}
	return groups
}

func peerBars(id string, figures []bench.Figure, first string) *bars {
	b := &bars{ID: id, Title: capital(shown(figures[0].What)), Unit: shown(figures[0].Unit), Better: shown(figures[0].Better) + " is better"}
	if figures[0].Better == "" {
		b.Better = ""
	}
	hi := 0.0
	for _, f := range figures {
		for _, v := range append(slices.Clone(f.Rounds), f.Median) {
			if finite(v) {
				hi = max(hi, v)
			}
		}
	}
	var words []string
	for _, f := range figures {
		rounds := slices.DeleteFunc(slices.Clone(f.Rounds), func(v float64) bool { return !finite(v) })
		class := "other"
		if f.System == first {
			class = "main"
		}
		value := significant(f.Median)
		say := shown(f.System) + " " + value + " " + b.Unit
		if len(rounds) > 1 {
			say += ", rounds from " + significant(slices.Min(rounds)) + " to " + significant(slices.Max(rounds))
		}
		words = append(words, say)
		b.add(shown(f.System), class, value, say, f.Median, rounds, cmp.Or(hi, 1))
	}
	b.Desc = b.Title + ": " + strings.Join(words, "; ") + "."
	return b
}

func ratioText(r *bench.Range) string {
	if r == nil {
		return "–"
	}
	return significant(r.Median) + " (" + significant(r.Lowest) + " to " + significant(r.Highest) + ")"
}

// systemSection tells what was measured, and what was not.
func systemSection(peers *bench.Peers) *pageSection {
	t := newTable("Servers", " Server", " Version", " Command")
	for _, system := range peers.Systems {
		r := t.row("", shown(system.Name), shown(system.Version), shown(system.Command))
		if system.Missing != "" {
			r.Cells[1] = pageCell{Text: "not measured", Class: "tag open", Aside: shown(system.Missing)}
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return &pageSection{ID: "servers", Title: "Servers", Table: t}
}
