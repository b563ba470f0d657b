package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sttp/internal/check"
	"sttp/internal/cli"
)

// labels are the outcomes in a word.
var labels = map[check.Outcome]string{
	check.Pass: "PASS", check.Fail: "FAIL", check.Warn: "WARN", check.Chose: "CHOSE", check.Depends: "DEPENDS",
	check.Untested: "UNTESTED", check.Undecided: "UNDECIDED", check.CheckerError: "ERROR",
}

// outcomes are all of them, in the order in which they are counted.
var outcomes = []check.Outcome{
	check.Pass, check.Fail, check.Untested, check.Warn, check.Depends, check.Undecided, check.CheckerError, check.Chose,
}

// maxSentence bounds what is shown of a sentence that may quote the server.
const maxSentence = 500

// sentence returns s for people: on one line, and not endless.
func sentence(s string) string {
	if len(s) > maxSentence {
		end := maxSentence
		for insideRune(s, end) {
			end--
		}
		s = s[:end] + "…"
	}
	return cli.Escape(s)
}

// full returns a sentence with its full stop and a capital letter.
func full(s string) string {
	s = sentence(s)
	if s == "" {
		return ""
	}
	if s[0] >= 'a' && s[0] <= 'z' {
		s = string(s[0]-'a'+'A') + s[1:]
	}
	if strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

// number returns n with a comma between groups of three digits.
func number(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return number(n) + " " + many
}

func seconds(d time.Duration) string {
	switch {
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < time.Minute:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return d.Round(time.Second).String()
}

// either joins words as a sentence has them: a, b or c.
func either(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// about says in sentences what was found out about the server.
func about(r *check.Report) []string {
	if r.Options.Client != "" {
		return nil
	}
	f := r.Facts
	if f.Waits == check.WaitsForever {
		return []string{"It answered nothing at all."}
	}
	var all []string
	switch f.Waits {
	case check.WaitsForEmpty:
		all = append(all, "It answers only when an empty line has come.")
	case check.WaitsForEnd:
		all = append(all, "It answers only when the client has ended its sending side.")
	}
	keeps := "It answers one request on a connection"
	if f.KeepsOpen {
		keeps = "It keeps connections open for more requests"
	}
	if f.Closes == check.ClosesNever {
		all = append(all, keeps+" and does not close.")
	} else if f.Closes != "" {
		all = append(all, keeps+" and closes "+sentence(string(f.Closes))+".")
	}
	update := "A 200 to UPDATE has no contents line."
	if f.UpdateContents {
		update = "A 200 to UPDATE has a contents line."
	}
	all = append(all, update)
	if f.Queries {
		all = append(all, "LIST takes queries.")
	}
	return all
}

// asked says what part of the catalogue the run was about.
func asked(r *check.Report) string {
	parts := []string{"profile " + r.Profile.String()}
	if r.Options.Until != "" {
		parts = append(parts, "up to story "+sentence(r.Options.Until))
	}
	if len(r.Options.Only) > 0 {
		parts = append(parts, "only "+sentence(strings.Join(r.Options.Only, " ")))
	}
	if r.Options.Repeat > 1 {
		parts = append(parts, fmt.Sprintf("each case %d times", r.Options.Repeat))
	}
	return strings.Join(parts, ", ")
}

// tally counts the results by outcome.
func tally(r *check.Report) map[check.Outcome]int {
	n := map[check.Outcome]int{}
	for i := range r.Results {
		n[r.Results[i].Outcome]++
	}
	return n
}

// verdict says in a sentence what the run amounts to.
func verdict(r *check.Report) string {
	if r.Baseline != nil {
		return verdictSince(r)
	}
	var must, held, open, warned int
	for i := range r.Results {
		result := &r.Results[i]
		switch {
		case result.Level != check.Must:
			warned += btoi(result.Outcome == check.Warn)
			continue
		case result.Outcome == check.Pass || result.Outcome == check.Chose:
			held++
		case result.Outcome != check.Fail && result.Outcome != check.Untested:
			open++
		}
		must++
	}
	what := subject(r)
	switch r.Verdict() {
	case check.SomeFail:
		rest := ""
		if open > 0 {
			rest = fmt.Sprintf(", and of %d nothing is known", open)
		}
		return fmt.Sprintf("%s is not right yet: of %s %s not hold%s.", what, plural(must, "MUST", "MUSTs"), does(must-held-open), rest)
	case check.Unknown:
		return fmt.Sprintf("Undecided: nothing failed, but of %d of %s nothing is known.", open, plural(must, "MUST", "MUSTs"))
	}
	but := ""
	if warned > 0 {
		but = ", with " + plural(warned, "warning", "warnings")
	}
	switch must {
	case 0:
		return fmt.Sprintf("%s broke no MUST%s, but none was checked.", what, but)
	case 1:
		return fmt.Sprintf("%s is right: the one MUST that was checked holds%s.", what, but)
	}
	return fmt.Sprintf("%s is right: all %s of profile %s that were checked hold%s.", what, plural(must, "MUST", "MUSTs"), r.Profile, but)
}

// verdictSince is verdict for a run with a baseline.
func verdictSince(r *check.Report) string {
	b := r.Baseline
	as := ""
	if n := len(b.Same); n > 0 {
		as = fmt.Sprintf("; %s as before", fails(n))
	}
	switch r.Verdict() {
	case check.SomeFail:
		return fmt.Sprintf("%s has got worse: %s not hold that did, or that %s new%s.", subject(r), does(len(b.Worse), "MUST", "MUSTs"), are(len(b.Worse)), as)
	case check.Unknown:
		return fmt.Sprintf("Undecided: nothing has got worse, but of %s nothing is known any more%s.", plural(len(b.Unclear), "MUST", "MUSTs"), as)
	}
	return fmt.Sprintf("Nothing has got worse since the baseline%s.", as)
}

func subject(r *check.Report) string {
	if r.Options.Client != "" {
		return "The client"
	}
	return "The server"
}

func does(n int, words ...string) string {
	noun := ""
	if len(words) == 2 {
		noun = " " + words[btoi(n != 1)]
	}
	if n == 1 {
		return "1" + noun + " does"
	}
	return number(n) + noun + " do"
}

func fails(n int) string {
	if n == 1 {
		return "1 fails"
	}
	return number(n) + " fail"
}

func are(n int) string {
	if n == 1 {
		return "is"
	}
	return "are"
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// cutStart returns as much of the beginning of s as is worth looking at.
func cutStart(s string) string { return s[:min(len(s), around)] }
