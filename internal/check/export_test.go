package check

import (
	"context"
	"strings"
)

// RunCases is Run with another catalogue.
func RunCases(ctx context.Context, opts Options, all []*Case) (*Report, error) {
	return runCases(ctx, opts, all)
}

// Judge tells what is wrong with got as the reply to request.
func Judge(p Profile, f Facts, request, want string, also []int, got string) *Problem {
	x := exchange{request: request, also: also, want: strings.Split(strings.TrimSuffix(want, "\n"), "\n")}
	return x.judge(p, f, got)
}

// TalkError tells what is wrong with a talk.
func TalkError(text string, asked bool) error {
	_, err := parseTalk(text, asked)
	return err
}

// SentBytes returns what a case with a talk sends, each connection's bytes
// apart, as its netcat line should send it.
func SentBytes(c *Case) (all []string) {
	steps, err := c.steps()
	if err != nil {
		panic(err)
	}
	together := ""
	for _, s := range steps {
		switch s.verb {
		case "ask":
			all = append(all, mustExpand(s.text, netcatDir)+"\n\n")
		case "send", "slowly":
			together += mustExpand(s.text, netcatDir)
		}
	}
	if together != "" {
		all = append(all, together)
	}
	return all
}

// RecordError tells what is wrong with a record.
func RecordError(c *Case) error { return c.valid() }

// NetcatAt returns the line for a shell that reproduces the case with a server
// at the address.
func NetcatAt(c *Case, address string) string { return c.netcat(address, "abcde") }

// LeftOutOf says what the cases need that a run with the options could not have.
func LeftOutOf(opts Options, cases []*Case) []LeftOut {
	_, left := (&run{opts: opts}).fitting(cases)
	return left
}
