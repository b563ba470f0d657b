package check

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// A talk is written as docs/protocol.md writes its examples, one step a line:
//
//	> LINE    is sent, with an LF; in a Talk neighbouring lines are one write
//	>> BYTES  are sent as they stand, without an LF (Talk only)
//	1> LINE   is sent one byte at a time, with an LF (Talk only)
//	< LINE    must come, with an LF; two of them for a 200
//	~ 400 410 in profile guide a reply of these statuses does as well, if its
//	          form is right; "~ any" is every status, "~ error" all from 300 to 510
//	shut      the client ends its sending side (Talk only)
//	end       the server must close, and have sent nothing more (Talk only)
//	quiet     nothing more has come, and the connection is open (Talk only)
//
// "…" in a line that must come stands for any message. {d} is the directory of
// the case, {x*33} stands for 33 times x, {0d} for a byte.
type step struct {
	verb string // ask, send, slowly, want, shut, end, quiet
	// text is what is sent, for send with its LFs. It is not expanded yet.
	text string
	// want holds the lines of a reply, and also the other statuses.
	want []string
	also []int
}

// errorStatuses are those that say that a request was not carried out.
var errorStatuses = []int{300, 310, 400, 410, 500, 510}

// parseTalk reads a talk. If asked, every request has a connection of its own:
// the steps are then of the one verb "ask".
func parseTalk(text string, asked bool) ([]step, error) {
	var steps []step
	last := func() *step {
		if len(steps) == 0 {
			return &step{}
		}
		return &steps[len(steps)-1]
	}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimLeft(line, "\t")
		if line == "" {
			continue
		}
		verb, arg, _ := strings.Cut(line, " ")
		switch {
		case verb == ">" && asked:
			steps = append(steps, step{verb: "ask", text: arg})
		case verb == ">" && last().verb == "send":
			last().text += arg + "\n"
		case verb == ">":
			steps = append(steps, step{verb: "send", text: arg + "\n"})
		case verb == "<" && asked && last().verb == "ask":
			last().want = append(last().want, arg)
		case verb == "<" && !asked && last().verb == "want" && len(last().want) == 1 && strings.HasPrefix(last().want[0], "200 "):
			last().want = append(last().want, arg)
		case verb == "<" && !asked:
			steps = append(steps, step{verb: "want", want: []string{arg}})
		case verb == "~" && len(last().want) > 0:
			also, err := parseStatuses(arg)
			if err != nil {
				return nil, fmt.Errorf("%q: %w", line, err)
			}
			last().also = also
		case verb == ">>" && !asked && last().verb == "send":
			last().text += arg
		case verb == ">>" && !asked:
			steps = append(steps, step{verb: "send", text: arg})
		case verb == "1>" && !asked:
			steps = append(steps, step{verb: "slowly", text: arg + "\n"})
		case (verb == "shut" || verb == "end" || verb == "quiet") && !asked && arg == "":
			steps = append(steps, step{verb: verb})
		default:
			return nil, fmt.Errorf("%q is no step of a talk", line)
		}
	}
	for _, s := range steps {
		if err := s.valid(); err != nil {
			return nil, err
		}
	}
	return steps, nil
}

func (s step) valid() error {
	switch {
	case (s.verb == "ask" || s.verb == "want") && len(s.want) == 0:
		return fmt.Errorf("no reply is given to %q", s.text)
	case len(s.want) > 0 && strings.HasPrefix(s.want[0], "200 ") != (len(s.want) == 2):
		return fmt.Errorf("a 200 has one contents line, and nothing else has: %q", s.want)
	}
	for _, text := range append([]string{s.text}, s.want...) {
		if _, err := expand(text, "/d"); err != nil {
			return err
		}
	}
	return nil
}

func parseStatuses(text string) ([]int, error) {
	switch text {
	case "any":
		return append([]int{100, 200, 600}, errorStatuses...), nil
	case "error":
		return errorStatuses, nil
	}
	var all []int
	for _, word := range strings.Fields(text) {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// expand replaces what stands in braces: {d} by dir, {x*33} by 33 times x, and
// {0d} by that byte.
func expand(text, dir string) (string, error) {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		b.WriteString(before)
		if !found {
			return b.String(), nil
		}
		inner, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("a brace is not closed in %q", text)
		}
		what, times, repeated := strings.Cut(inner, "*")
		switch n, err := strconv.Atoi(times); {
		case repeated && err == nil && n > 0:
			b.WriteString(strings.Repeat(what, n))
		case inner == "d":
			b.WriteString(dir)
		default:
			raw, err := hex.DecodeString(inner)
			if err != nil || len(raw) == 0 {
				return "", fmt.Errorf("{%s} is nothing that can be put in", inner)
			}
			b.Write(raw)
		}
		text = after
	}
}

// mustExpand is expand for a text that valid has seen.
func mustExpand(text, dir string) string {
	s, err := expand(text, dir)
	if err != nil {
		panic(err)
	}
	return s
}
