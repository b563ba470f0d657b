package check_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// formPatterns match the cases of the form of requests and replies.
const formPatterns = "3.* 4.* 5.1-* 6.* 7.1-* 11.1-*"

// front starts a server that differs from ours in one thing: a line that differ
// has a reply to is answered so, and all others as ours answers them.
func front(t *testing.T, differ func(line string) string) string {
	t.Helper()
	ours := ourServer(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer c.Close()
				serveFront(c, ours, differ)
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// serveFront serves one connection until its first empty line, and asks ours on
// a connection for each line.
func serveFront(c net.Conn, ours string, differ func(string) string) {
	lines := bufio.NewReader(c)
	for {
		line, err := lines.ReadString('\n')
		line = strings.TrimSuffix(line, "\n")
		if err != nil || line == "" {
			return
		}
		reply := differ(line)
		if reply == "" {
			reply = askServer(ours, line)
		}
		if _, err := io.WriteString(c, reply); err != nil {
			return
		}
	}
}

func askServer(address, line string) string {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return ""
	}
	defer c.Close()
	io.WriteString(c, line+"\n\n")
	reply, _ := io.ReadAll(c)
	return string(reply)
}

// splitRequest returns the parts of a request line.
func splitRequest(line string) (action, path, contents string) {
	action, rest, _ := strings.Cut(line, " ")
	path, contents, _ = strings.Cut(rest, " ")
	return action, path, contents
}

// refusing returns a difference by which paths are refused that are wrong for
// the server.
func refusing(wrong func(path string) bool) func(string) string {
	return func(line string) string {
		if _, path, _ := splitRequest(line); strings.HasPrefix(path, "/") && wrong(path) {
			return "300 - CLIENT ERROR \"the path is wrong\"\n"
		}
		return ""
	}
}

// lengthOf returns a difference by which names that are right are too long by
// another measure.
func lengthOf(measure func(name string) int) func(string) string {
	return func(line string) string {
		action, path, _ := splitRequest(line)
		name := path[strings.LastIndex(path, "/")+1:]
		if action == "CREATE" && utf8.RuneCountInString(name) <= 32 && measure(name) > 32 {
			return "310 " + path + " FILENAME TOO LONG\n"
		}
		return ""
	}
}

func TestAServerThatIsWrongInOneThingFailsTheCasesThatTellIt(t *testing.T) {
	long(t)
	for name, c := range map[string]struct {
		differs func(line string) string
		fails   []string
	}{
		"refuses two dots anywhere": {
			refusing(func(path string) bool { return strings.Contains(path, "..") && !strings.Contains(path, "/..") }),
			[]string{"STTP-3.1-ACCEPT-004"},
		},
		"takes U+FFFD for an error of decoding": {
			refusing(func(path string) bool { return strings.ContainsRune(path, utf8.RuneError) && utf8.ValidString(path) }),
			[]string{"STTP-3.1-ACCEPT-003"},
		},
		"refuses commas": {
			refusing(func(path string) bool { return strings.Contains(path, ",") }),
			[]string{"STTP-3.1-ACCEPT-001"},
		},
		"refuses directory names of 255 bytes": {
			refusing(func(path string) bool {
				return slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return len(s) == 255 })
			}),
			[]string{"STTP-3.1-LENGTH-001", "STTP-3.1-LENGTH-003"},
		},
		"refuses paths of 1,024 bytes": {
			refusing(func(path string) bool { return len(path) == 1024 }),
			[]string{"STTP-3.1-LENGTH-004", "STTP-6.1-LENGTH-001"},
		},
		"counts UTF-16 units": {
			lengthOf(func(name string) int { return len(utf16.Encode([]rune(name))) }),
			[]string{"STTP-3.3-NAME-004"},
		},
		"trims all white space": {
			func(line string) string {
				action, path, contents := splitRequest(line)
				if trimmed := strings.TrimSpace(path); action == "SHOW" && contents == "" && trimmed != path {
					return "400 " + trimmed + " NOT FOUND\n"
				}
				return ""
			},
			[]string{"STTP-3.1-PATH-010"},
		},
		"lists what is above the docroot": {
			func(line string) string {
				if action, path, _ := splitRequest(line); action == "LIST" && strings.HasPrefix(path, "/..") {
					return "200 " + path + " OK\nhosts, passwd\n"
				}
				return ""
			},
			[]string{"STTP-3.1-TRAVERSAL-002", "STTP-3.1-PATH-008"},
		},
		"decodes overlong dots": {
			func(line string) string {
				if action, path, _ := splitRequest(line); action == "SHOW" && strings.Contains(path, "\xc0\xae") && strings.HasSuffix(path, "passwd") {
					return "200 " + path + " OK\nroot:x:0:0:root:/root:/bin/sh\n"
				}
				return ""
			},
			[]string{"STTP-3.1-TRAVERSAL-004"},
		},
		"has empty messages": {
			func(line string) string {
				if action, path, _ := splitRequest(line); action == "FETCH" && strings.HasPrefix(path, "/sttp-") {
					return "300 " + path + " CLIENT ERROR \"\"\n"
				}
				return ""
			},
			[]string{"STTP-6.4-MESSAGE-002", "STTP-6.4-MESSAGE-003"},
		},
		"invents a status": {
			func(line string) string {
				if line == "LIST *" {
					return "418 * I AM A TEAPOT\n"
				}
				return ""
			},
			[]string{"STTP-6.2-STATUS-001"},
		},
		"cuts the query off": {
			func(line string) string {
				if action, path, _ := splitRequest(line); action == "LIST" && strings.HasSuffix(path, "?q=milk") {
					return "200 " + path + " OK\na.txt, b.txt\n"
				}
				return ""
			},
			[]string{"STTP-11.1-RESERVED-002"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Of the cases that should hold each server has a share, another one for each.
			only := casesOf(t, func(known *check.Case) bool {
				return matching(formPatterns, known.ID) && (slices.Contains(c.fails, known.ID) || finding{}.shared(zoo.Fault(name), known))
			})
			report := checked(t, check.Options{Address: front(t, c.differs), Profile: check.Strict, Only: only})
			for _, r := range report.Results {
				failed := r.Outcome != check.Pass && r.Outcome != check.Chose && r.Outcome != check.Depends
				if expected := slices.Contains(c.fails, r.Case.ID); failed && !expected {
					t.Errorf("an unrelated case does not hold: %s\n%s", told(r), exchanged(r))
				} else if expected && r.Outcome == check.Pass {
					t.Errorf("%s holds", r.Case.ID)
				}
			}
		})
	}
}

// A server may do what a SHOULD asks for or not. So nothing that it must do can
// be left untested for that.
func TestACaseOfFormThatMustHoldComesAfterNoneThatNeedNotHold(t *testing.T) {
	all, err := check.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*check.Case{}
	for _, c := range all {
		byID[c.ID] = c
	}
	for _, c := range all {
		if !matching(formPatterns, c.ID) {
			continue
		}
		for _, id := range c.After {
			for _, p := range []check.Profile{check.Strict, check.Guide} {
				if c.Level(p) == check.Must && byID[id].Level(p) != check.Must && byID[id].Level(p) != check.Unchecked {
					t.Errorf("in profile %v %s must hold, and comes after %s, which need not", p, c.ID, id)
				}
			}
		}
	}
}

func TestASampleIsNamedWhenItFails(t *testing.T) {
	address := front(t, func(line string) string {
		if action, path, _ := splitRequest(line); action == "READ" {
			return fmt.Sprintf("400 %s NOT FOUND\n", path)
		}
		return ""
	})
	report := checked(t, check.Options{Address: address, Profile: check.Strict, Only: []string{"STTP-5.1-LINE-001"}})
	if r := report.Results[0]; r.Says != "with `READ`, the reply is a 400 instead of a 300" || r.Hint == "" {
		t.Errorf("it says %q, and the hint is %q", r.Says, r.Hint)
	}
}
