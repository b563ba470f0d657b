package sttp_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sttp"
	"sttp/client"
	"sttp/internal/config"
	"sttp/internal/service"
	"sttp/server"
	"sttp/store/files"
)

var documents = []string{"README.md", "docs/protocol.md", "docs/architecture.md", "docs/stories.md", "docs/conformance.md", "docs/performance.md", "docs/proof.md"}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// reference is a Markdown link to something in this repository.
type reference struct{ document, label, file, anchor string }

func (r reference) String() string { return fmt.Sprintf("%s: [%s](%s)", r.document, r.label, r.file) }

var link = regexp.MustCompile(`\[([^\]\[]+)\]\(([^)\s]*)\)`)

// references returns the links in text, which is a part of document. Those to
// other places are left out.
func references(document, text string) (all []reference) {
	for _, m := range link.FindAllStringSubmatch(text, -1) {
		target, anchor, _ := strings.Cut(m[2], "#")
		if strings.Contains(target, "://") {
			continue
		}
		file := document
		if target != "" {
			file = filepath.Join(filepath.Dir(document), target)
		}
		all = append(all, reference{document, strings.Join(strings.Fields(m[1]), " "), file, anchor})
	}
	return all
}

func TestEveryLinkInTheDocumentsLeadsToWhatItNames(t *testing.T) {
	known := targets{}
	for _, document := range documents {
		all := references(document, read(t, document))
		if len(all) == 0 && document != "docs/protocol.md" {
			t.Errorf("no links were found in %s", document)
		}
		for _, r := range all {
			if err := known.check(r); err != nil {
				t.Errorf("%v: %v", r, err)
			}
		}
	}
}

// targets are what references can name in files, each of which is read once.
type targets map[string]map[string]bool

// check looks for what a reference names: a declaration where its label is code
// and its file Go, a conversation where its file holds some.
func (known targets) check(r reference) error {
	if _, err := os.Stat(r.file); err != nil {
		return err
	}
	name, isCode := strings.CutPrefix(strings.TrimSuffix(r.label, "`"), "`")
	switch {
	case r.anchor != "":
		return known.find(r.file, r.anchor, "heading", headings)
	case isCode && filepath.Ext(r.file) == ".go" && !strings.HasSuffix(name, ".go"):
		return known.find(r.file, name, "declaration", declarations)
	case strings.Contains(r.file, "/conversations/") && r.label != filepath.Base(r.file):
		return known.find(r.file, r.label, "conversation", conversations)
	}
	return nil
}

// find tells whether name is among those that list finds in the text of a file.
func (known targets) find(file, name, kind string, list func(text string) ([]string, error)) error {
	names, read := known[file+" "+kind]
	if !read {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		all, err := list(string(text))
		if err != nil {
			return err
		}
		names = map[string]bool{}
		for _, n := range all {
			names[n] = true
		}
		known[file+" "+kind] = names
	}
	if !names[name] {
		return fmt.Errorf("there is no such %s", kind)
	}
	return nil
}

var (
	heading  = regexp.MustCompile(`(?m)^#+ (.*)$`)
	unlinked = regexp.MustCompile("[^a-z0-9 _-]") // what links to a heading leave out
)

// headings returns the headings of a document as links name them.
func headings(text string) (all []string, err error) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		slug := unlinked.ReplaceAllString(strings.ToLower(m[1]), "")
		all = append(all, strings.ReplaceAll(slug, " ", "-"))
	}
	return all, nil
}

// declarations returns what Go code declares at its top level: functions, methods
// as in Server.Serve, types, variables and constants.
func declarations(code string) (all []string, err error) {
	parsed, err := parser.ParseFile(token.NewFileSet(), "", code, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range parsed.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			all = append(all, receiver(d)+d.Name.Name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				all = append(all, namesOf(spec)...)
			}
		}
	}
	return all, nil
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	return fmt.Sprint(typ) + "."
}

func namesOf(spec ast.Spec) (names []string) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		names = append(names, s.Name.Name)
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

// conversations returns the titles of a file's conversations.
func conversations(text string) (all []string, err error) {
	for line := range strings.SplitSeq(text, "\n") {
		if i := strings.LastIndex(line, "] "); i > 0 && strings.HasPrefix(line, "== ") {
			all = append(all, line[i+2:])
		}
	}
	return all, nil
}

func TestEveryStoryNamesItsCodeAndItsTests(t *testing.T) {
	const document = "docs/stories.md"
	_, stories, _ := strings.Cut(read(t, document), "\n## ")
	count := 0
	for story := range strings.SplitSeq(stories, "\n## ") {
		count++
		title, text, _ := strings.Cut(story, "\n")
		code, tests, found := strings.Cut(text, "*Shown by*")
		if !found || len(references(document, code)) == 0 {
			t.Errorf("%s: where is it implemented?", title)
		}
		shown := slices.ContainsFunc(references(document, tests), func(r reference) bool {
			return strings.HasSuffix(r.file, "_test.go") || strings.Contains(r.file, "/testdata/")
		})
		if !shown {
			t.Errorf("%s: no test shows it", title)
		}
	}
	if count < 20 {
		t.Errorf("only %d stories were found", count)
	}
}

func TestTheReadmesTableOfSettingsIsTheProgramsOwn(t *testing.T) {
	_, rest, found := strings.Cut(read(t, "README.md"), "<!-- settings -->\n")
	table, _, ended := strings.Cut(rest, "<!-- end of settings -->")
	if !found || !ended {
		t.Fatal("the README has no table of settings between its markers")
	}
	if want := config.MarkdownTable(); strings.TrimSpace(table) != strings.TrimSpace(want) {
		t.Errorf("the README has\n%s\nbut the settings are\n%s", table, want)
	}
}

// untestable are the requirements that no test can show, and why.
var untestable = map[string]string{
	"6.4-5": "that a client depends on no message is seen in its code alone: it decides by status and action",
}

// open are the requirements that a test could show and none does yet.
var open = map[string]string{}

// A statement of the protocol that says MUST is cited by a test that shows it.
func TestEveryRequirementIsCitedByATest(t *testing.T) {
	statements := regexp.MustCompile(`(?ms)^- \*\*\[(\d+\.\d+-\d+)\]\*\*(.*?)(?:\n\n|\n- |\z)`)
	cited := citations(t)
	known := map[string]bool{}
	text := read(t, "docs/protocol.md")
	for {
		m := statements.FindStringSubmatchIndex(text)
		if m == nil {
			break
		}
		id, words := text[m[2]:m[3]], text[m[4]:m[5]]
		text = text[m[5]:]
		known[id] = true
		_, never := untestable[id]
		_, yet := open[id]
		switch {
		case strings.Contains(words, "MUST") && !never && !yet && !cited[id]:
			t.Errorf("[%s] is cited by no test", id)
		case (never || yet) && cited[id]:
			t.Errorf("[%s] is cited by a test: take it off the list", id)
		}
	}
	if len(known) < 150 {
		t.Fatalf("only %d statements were found", len(known))
	}
	for _, list := range []map[string]bool{cited, keys(untestable), keys(open)} {
		for id := range list {
			if !known[id] {
				t.Errorf("the protocol has no statement %s", id)
			}
		}
	}
	checkIndex(t, known)
}

// checkIndex compares the protocol's index with its statements.
func checkIndex(t *testing.T, known map[string]bool) {
	text := read(t, "docs/protocol.md")
	indexed := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^\| \[(\d+\.\d+-\d+)\] \|`).FindAllStringSubmatch(text, -1) {
		indexed[m[1]] = true
	}
	if !maps.Equal(known, indexed) || !strings.Contains(text, fmt.Sprintf("There are %d.", len(known))) {
		t.Errorf("there are %d statements, and the index lists %d or tells another number", len(known), len(indexed))
	}
}

func keys(m map[string]string) map[string]bool {
	set := map[string]bool{}
	for k := range m {
		set[k] = true
	}
	return set
}

// citations returns the statements that tests and conversations cite.
func citations(t *testing.T) map[string]bool {
	id, cited := regexp.MustCompile(`\[(\d+\.\d+-\d+)\]`), map[string]bool{}
	err := filepath.WalkDir(".", func(file string, e fs.DirEntry, err error) error {
		conversation := strings.Contains(file, "conversations") && strings.HasSuffix(file, ".txt")
		if err != nil || e.IsDir() || !conversation && !strings.HasSuffix(file, "_test.go") {
			return err
		}
		for _, m := range id.FindAllStringSubmatch(read(t, file), -1) {
			cited[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return cited
}

// The documents show what a server answers to netcat, as
//
//	$ printf 'SHOW /a.txt\n\n' | nc localhost 8080
//	400 /a.txt NOT FOUND
//
// Each document's sessions, in their order, are held with a server.
func TestTheNetcatSessionsOfTheDocumentsAreTrue(t *testing.T) {
	session := regexp.MustCompile(`(?m)^ *\$ printf '(.*)' \| nc localhost 8080\n((?: *[1-6][0-9]0 .*\n(?: *[^ $\n\x60].*\n)*)+)`)
	for _, document := range []string{"README.md", "docs/protocol.md"} {
		sessions := session.FindAllStringSubmatch(read(t, document), -1)
		if len(sessions) == 0 {
			t.Errorf("%s has no session", document)
		}
		addr := serve(t)
		for _, m := range sessions {
			want := regexp.MustCompile(`(?m)^ +`).ReplaceAllString(m[2], "")
			if got := ask(t, addr, strings.ReplaceAll(m[1], `\n`, "\n")); got != want {
				t.Errorf("%s: %s is answered\n%s, not\n%s", document, m[1], got, want)
			}
		}
	}
}

// serve runs a server on an empty docroot until the test ends.
func serve(t *testing.T) (addr string) {
	t.Helper()
	store, err := files.Open(t.TempDir(), files.Options{Durability: files.Async})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := server.New(service.New(store, slog.New(slog.DiscardHandler)), server.Options{})
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		<-ended
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func ask(t *testing.T, addr, requests string) string {
	t.Helper()
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(nc, requests); err != nil {
		t.Fatal(err)
	}
	reply, err := io.ReadAll(bufio.NewReader(nc))
	if err != nil {
		t.Fatal(err)
	}
	return string(reply)
}

// The README's table of servers is made by sttp-bench peers. What it says is not to
// be foretold, but that it says it is.
func TestTheReadmesTableOfServersSaysWhenWhereAndOfWhat(t *testing.T) {
	_, rest, found := strings.Cut(read(t, "README.md"), "<!-- peers -->\n")
	text, _, ended := strings.Cut(rest, "<!-- end of peers -->\n")
	if !found || !ended {
		t.Fatal("the README has no table of servers between its markers")
	}
	ratio := `[\d.,]+ · \*\*[\d.,]+\*\* \([\d.,]+–[\d.,]+\)`
	for what, pattern := range map[string]string{
		"date and machine": `(?m)^Measured on 20\d\d-\d\d-\d\d: \d+ rounds of \S+ .*\d+ CPUs.*linux \d`,
		"versions":         `(?m)^Versions: sttp \S.*, redis \d+\.\S+, memcached \d+\.\S+, nginx \d+\.\S+$`,
		"range":            `(?m)^From the lowest to the highest round a ratio changes by a factor of \d+\.\d\d `,
		"columns":          `(?m)^\|  \| sttp \| redis \| memcached \| nginx \|\n\|(---\|){5}$`,
		"durable changes":  `(?m)^\| \*\*UPDATE, durable.*\n\| CPU.* \| [\d.,]+ \| ` + ratio + ` \| – \| – \|$`,
	} {
		if !regexp.MustCompile(pattern).MatchString(text) {
			t.Errorf("the table of servers does not tell its %s; make peers writes it anew", what)
		}
	}
	row := regexp.MustCompile(`(?m)^\| (CPU|rate|p99), \S+ \| [\d.,]+( \| ` + ratio + `){3} \|$`)
	if rows := row.FindAllString(text, -1); len(rows) != 9 {
		t.Errorf("the table of servers has %d whole rows of SHOW, not 9", len(rows))
	}
}

// What the README shows of the package client.
func Example_readme() {
	ctx := context.Background()
	c := client.New("localhost:8080", client.Options{})
	defer c.Close()
	if err := c.Create(ctx, "/notes/milk.txt", "Buy milk"); errors.Is(err, sttp.ErrClient) {
		fmt.Println("it is there already:", err)
	}
	text, err := c.Show(ctx, "/notes/milk.txt")
	fmt.Println(text, err)
}

func TestTheReadmesGoCodeCompiles(t *testing.T) {
	_, rest, _ := strings.Cut(read(t, "README.md"), "```go\n")
	code, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatal("the README has no Go code")
	}
	_, example, _ := strings.Cut(read(t, "docs_test.go"), "func Example_readme")
	for line := range strings.Lines(code) {
		if !strings.Contains(example, strings.TrimSpace(line)) {
			t.Errorf("the example that is compiled has no %s", line)
		}
	}
}
