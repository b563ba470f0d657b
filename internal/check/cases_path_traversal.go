package check

import (
	"fmt"
	"slices"
	"strings"
)

// upward are things that some servers have taken for "the directory above".
var upward = []string{
	"../", `..\`, "./../", "x/../../",
	"%2e%2e/", "%2E%2E%2F", "..%2f", "..%5c", "%252e%252e%252f", "..%00/", "..%c0%af", "%c0%ae%c0%ae/",
	"....//", "..././", "..;/", "..\u200b/", "\uff0e\uff0e/", "\u2025/", "..\u2215", "..\uff0f",
}

// upwardJunk are some more, of bytes that a line of text does not hold.
var upwardJunk = []string{"..\x00/", "\xc0\xae\xc0\xae/", "..\xc0\xaf", "\xe0\x80\xae\xe0\x80\xae/", "..\x01/", "..\xff/"}

// absolute are ways to write a path that starts at the root of a file system;
// the path without its first slash follows.
var absolute = []string{"/", "//", "///", "", "/./", "/%2f", "%2f", `/\`, `\`, "file:///", "/C:/", "~/../../"}

// outside returns paths that lead out of a docroot if a server lets them, to
// what stands at the root of a file system under the name given.
func outside(dir, name string) []string {
	var paths []string
	for _, up := range upward {
		paths = append(paths, dir+"/"+rep(up, 16)+name)
	}
	for _, root := range absolute {
		paths = append(paths, root+name)
	}
	return append(paths, "/"+rep("../", 16)+name, rep("../", 16)+name, dir+"/a.txt/"+rep("../", 16)+name, dir+"/"+rep("../", 16)+name+"%00.txt", dir+"/"+rep("../", 16)+name+"/.")
}

// traversalCases are about ways out of the docroot.
func traversalCases() []Case {
	hint := []Hint{{Unexpected, "whoever can reach this server can reach files that are not its own. Refuse a path with a segment that begins with a dot, decode nothing in a path, join it to the docroot as text only then, and open it with means that cannot leave a directory (in Go os.Root)"}}
	return []Case{
		{
			ID: "STTP-3.1-TRAVERSAL-001", Title: "SHOW never serves what lies outside of the docroot",
			Statements: []string{"3.1-7", "3.1-2", "3.1-6", "3.2-2"}, Story: "show", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001"},
			Accepts: fmt.Sprintf("any reply to a SHOW of /proc/sys/kernel/ostype and /etc/passwd, by way of each of %q and %q, that does not hold what is in these files", upward, absolute),
			Netcat:  `printf 'SHOW /try/../../../../../../../../proc/sys/kernel/ostype\n\n' | nc HOST PORT`,
			Run:     showsOutside, Hints: hint, Limit: slowTraversal,
		},
		{
			ID: "STTP-3.1-TRAVERSAL-002", Title: "LIST never lists what lies outside of the docroot",
			Statements: []string{"3.1-7", "3.1-2", "3.1-6", "3.2-2"}, Story: "list", Strict: Must, Guide: Must, After: []string{"STTP-5.2-CREATE-001"},
			Accepts: fmt.Sprintf("any reply to a LIST of /etc, by way of each of %q and %q, that does not hold passwd and hosts; to a LIST of the directory above /, any that has no name that LIST / has not", upward, absolute),
			Netcat:  `printf 'LIST /try/../../../../../../../../etc\n\n' | nc HOST PORT`,
			Run:     listsOutside, Hints: hint, Limit: slowTraversal,
		},
		{
			ID: "STTP-3.1-TRAVERSAL-003", Title: "CREATE never makes a file outside of the docroot",
			Statements: []string{"3.1-7", "3.1-2", "3.1-6", "3.2-2"}, Story: "delete", Strict: Must, Guide: Must, After: []string{"STTP-5.3-SHOW-001"},
			Accepts: fmt.Sprintf("any reply to a CREATE three directories above {d}, by way of each of %q, if the file cannot be shown from another place by a path that leaves the docroot", upward),
			Netcat:  `printf 'CREATE /../sttp-check-canary.txt x\nSHOW /../sttp-check-canary.txt\nDELETE /../sttp-check-canary.txt\n\n' | nc HOST PORT`,
			Run:     createsOutside, Hints: hint, Limit: slowTraversal,
		},
		{
			ID: "STTP-3.1-TRAVERSAL-004", Title: "SHOW never serves what lies outside of the docroot, whatever bytes stand for the dots",
			Statements: []string{"3.1-3", "3.1-5", "3.1-7"}, Story: "paths", Strict: Must, Guide: Must, After: []string{"STTP-3.1-TRAVERSAL-001"},
			Accepts: fmt.Sprintf("any reply to a SHOW of /proc/sys/kernel/ostype and /etc/passwd, by way of each of %q and with NUL behind the name, that does not hold what is in these files", upwardJunk),
			Netcat:  `printf 'SHOW /try/..\000/..\000/..\000/..\000/etc/passwd\n\n' | nc HOST PORT`,
			Run:     showsOutsideByJunk, Hints: hint, Limit: slowTraversal,
		},
	}
}

// slowTraversal is enough for a server that never closes a connection.
const slowTraversal = 4 * caseLimit

func showsOutside(t *T) { t.showsNone(outside) }

func showsOutsideByJunk(t *T) {
	t.showsNone(func(dir, name string) []string {
		paths := []string{dir + "/" + rep("../", 16) + name + "\x00.txt"}
		for _, up := range upwardJunk {
			paths = append(paths, dir+"/"+rep(up, 16)+name)
		}
		return paths
	})
}

// showsNone ends the case if one of the paths shows a file of the system.
func (t *T) showsNone(paths func(dir, name string) []string) {
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED") // for ways that begin at a directory that is there
	for _, file := range []struct{ path, holds string }{{"proc/sys/kernel/ostype", "\nLinux"}, {"etc/passwd", "root:"}} {
		for _, path := range paths(t.dir, file.path) {
			got, _, err := t.TryAsk("SHOW " + path)
			if err != nil {
				t.lost(err)
			}
			if strings.Contains(got, file.holds) {
				t.FailWith(&Problem{Symptom: Unexpected, Says: fmt.Sprintf("SHOW %q serves /%s, which is not in the docroot", path, file.path), Got: got})
			}
		}
	}
}

func listsOutside(t *T) {
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	for _, path := range outside(t.dir, "etc") {
		names := t.listed(path)
		if slices.Contains(names, "passwd") && slices.Contains(names, "hosts") {
			t.Fail(Unexpected, "LIST %q lists /etc, which is not in the docroot", path)
		}
	}
	root := t.listed("/")
	for _, up := range upward {
		for _, path := range []string{"/" + up, strings.TrimRight("/"+up, "/")} {
			for _, name := range t.listed(path) {
				if !slices.Contains(root, name) && !slices.Contains(t.listed("/"), name) {
					t.Fail(Unexpected, "LIST %q lists %q, which is not in the docroot", path, name)
				}
			}
		}
	}
}

// listed returns the names that a LIST answers, without slashes at their ends,
// or none.
func (t *T) listed(path string) []string {
	got, _, err := t.TryAsk("LIST " + path)
	if err != nil {
		t.lost(err)
	}
	line, rest, _ := strings.Cut(got, "\n")
	if splitStatusLine(line).status != 200 {
		return nil
	}
	names := splitNames(strings.TrimRight(rest, "\n"))
	for i := range names {
		names[i] = strings.TrimSuffix(names[i], "/")
	}
	return names
}

// createsOutside makes a file one directory above the docroot, if it can. A
// server may also take the path for one in the docroot, with the dots as names
// or without them; so the file has to be reached by a second path out of the
// docroot, and not at the root of it. The checker removes the file in any case,
// by the path that made it.
func createsOutside(t *T) {
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	for i, up := range upward {
		name := fmt.Sprintf("%s-%d.txt", t.run.name, i) // says whose it is, and has at most 32 letters
		made := t.dir + "/" + rep(up, 3) + name
		got, _, err := t.TryAsk("CREATE " + made + " canary")
		if err != nil {
			t.lost(err)
		}
		if splitStatusLine(got).status != 100 {
			continue
		}
		inside := t.shows("/" + name)
		seen := t.shows("/"+up+name) || t.shows("/"+t.run.name+"/"+up+up+name)
		if _, _, err := t.TryAsk("DELETE " + made); err != nil {
			t.lost(err)
		}
		if seen && !inside {
			t.Fail(Unexpected, "CREATE %q makes a file that is not in the docroot", made)
		}
	}
}

// shows tells whether the canary is at path.
func (t *T) shows(path string) bool {
	got, _, err := t.TryAsk("SHOW " + path)
	return err == nil && strings.HasPrefix(got, "200 ") && strings.Contains(got, "\ncanary")
}

// reservedCases are those of section 11.1.
func reservedCases() []Case {
	return []Case{
		{
			ID: "STTP-11.1-RESERVED-001", Title: "A file's path that holds a question mark is answered 300",
			Statements: []string{"11.1-1", "3.1-6", "6.3-3"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.2-CREATE-001", "STTP-5.1-LINE-003"},
			Ask: `
				> CREATE {d}/a.txt Buy milk
				< 100 {d}/a.txt CREATED
				> CREATE {d}/a?b.txt Buy milk
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/a.txt?
				< 300 - CLIENT ERROR "…"
				> SHOW {d}/a.txt?q=milk
				< 300 - CLIENT ERROR "…"
				> UPDATE {d}/a.txt?x Buy oat milk
				< 300 - CLIENT ERROR "…"
				> DELETE {d}/a.txt?
				< 300 - CLIENT ERROR "…"
				> SHOW {d}?/a.txt
				< 300 - CLIENT ERROR "…"`,
			Hints: []Hint{
				{GotStatus(100), "? is reserved for extensions: if files with such names were made, it could never be given a meaning"},
				{GotStatus(200), "was the path parsed as a URL? What follows a question mark is not to be cut off"},
				{GotStatus(600), "was the path parsed as a URL? What follows a question mark is not to be cut off"},
				{GotStatus(400), "? is reserved: a path that holds one is wrong, whatever is stored"},
			},
		},
		{
			ID: "STTP-11.1-RESERVED-002", Title: "LIST of a path that holds a question mark is answered 300, unless the server has queries",
			Statements: []string{"11.1-1", "3.1-6"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.2-CREATE-001", "STTP-11.1-RESERVED-001"},
			Accepts: `300 to LIST {d}/?q=milk; or 200, which is reported as an extension, if the list is only of what holds the word`,
			Netcat:  `printf 'LIST /try/?q=milk\n\n' | nc HOST PORT`,
			Run:     listsQuery,
			Hints: []Hint{
				{GotStatus(400), "? is reserved: a path that holds one is wrong, whatever is stored"},
				{GotStatus(200), "was the path parsed as a URL? What follows a question mark is not to be cut off. If it is to be a query: the reply names the path without it, and only files that hold milk (section 11.2)"},
			},
		},
		{
			ID: "STTP-11.1-RESERVED-003", Title: "The absolute form is answered 300, unless the server is a proxy that takes it",
			Statements: []string{"11.1-2", "3.1-1"}, Story: "paths", Strict: Must, Guide: Unchecked, After: []string{"STTP-5.3-SHOW-001", "STTP-5.1-LINE-003"},
			Accepts: "300 with - to SHOW sttp://HOST:PORT{d}/a.txt; or the reply to SHOW {d}/a.txt, which is reported as an extension",
			Netcat:  `printf 'SHOW sttp://HOST:PORT/try/a.txt\n\n' | nc HOST PORT`,
			Run: func(t *T) {
				t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
				for _, scheme := range []string{"sttp", "STTP", "http"} {
					line := "SHOW " + scheme + "://" + t.Address() + t.dir + "/a.txt"
					p := t.lineProblem(line, `300 - CLIENT ERROR "…"`)
					if p == nil {
						continue
					}
					if scheme == "sttp" && p.Got == "200 "+t.dir+"/a.txt OK\nBuy milk\n" {
						t.Chose("the absolute form is taken, as by a proxy")
					}
					t.FailWith(p)
				}
			},
			Hints: []Hint{{WrongPath, "a path begins with a slash; what does not is not repeated"}},
		},
	}
}

func listsQuery(t *T) {
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	t.Want("CREATE {d}/b.txt Buy bread", "100 {d}/b.txt CREATED")
	line := "LIST " + t.dir + "/?q=milk"
	p := t.lineProblem(line, `300 - CLIENT ERROR "…"`)
	if p == nil {
		return
	}
	if p.Got == "200 "+t.dir+"/ OK\na.txt\n" {
		t.Chose("the server implements queries")
	}
	t.FailWith(p)
}
