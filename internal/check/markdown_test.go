package check_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"sttp/internal/check"
)

const conformance = "../../docs/conformance.md"

func TestTheCatalogueInTheDocumentsIsThatOfTheRecords(t *testing.T) {
	want := markdown(t, catalogue(t))
	if *update {
		if err := os.WriteFile(conformance, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got := readFile(t, conformance); got != want {
		t.Errorf("%s is stale; make conformance writes it anew", conformance)
	}
}

const intro = `# The catalogue of sttp-check

What the conformance checker asks of a server, case by case. This page is made from the records in
internal/check by ` + "`make conformance`" + `; the [README](../README.md#checking-a-server) says how to run them.

A case has an ID that never changes, shows one or more numbered statements of [the protocol](protocol.md),
and belongs to a story. Its level says what it means if it does not hold:

| level | not holding is |
|---|---|
| MUST | a failure |
| SHOULD | a warning; there may be a good reason |
| CHOICE | nothing: what the server chose is reported |
| ROBUST | a warning; a client that is broken or bad could harm others |
| – | not asked in this profile |

Profile **guide** asks what the guide to STTP gives, and takes every outcome that it leaves open; profile
**strict** asks for everything in the protocol ([appendix B](protocol.md#appendix-b-the-two-profiles) has the
differences). Cases up to the story "client" follow the guide; ` + "`--until STORY`" + ` ends there. With a case
stands what is sent (` + "`>`" + `) and what has to come (` + "`<`" + `): ` + "`{d}`" + ` is a directory of the case's own,
` + "`{x*33}`" + ` is 33 times x, ` + "`{0d}`" + ` that byte, and "…" any message. ` + "`~`" + ` names statuses that do as well in
profile guide, ` + "`>>`" + ` sends without an LF, ` + "`1>`" + ` byte by byte; ` + "`shut`" + ` ends the client's side, ` + "`end`" + ` waits for
the server to close, ` + "`quiet`" + ` sees that nothing more comes. A case with ` + "`§`" + ` is carried out with many
samples in its place.

`

// markdown returns the page.
func markdown(t *testing.T, cases []*check.Case) string {
	anchors := sectionAnchors(readFile(t, "../../docs/protocol.md"))
	var toc, body strings.Builder
	fmt.Fprintf(&toc, "There are %d cases.\n\n| story | cases | |\n|---|---|---|\n", len(cases))
	for _, story := range check.Stories() {
		n := 0
		var section strings.Builder
		for _, c := range cases {
			if c.Story == story.Name {
				n++
				section.WriteString(markdownCase(c, anchors))
			}
		}
		if n == 0 {
			continue
		}
		fmt.Fprintf(&toc, "| [%s](#%s) | %d | %s |\n", story.Name, story.Name, n, story.Title)
		fmt.Fprintf(&body, "\n## %s\n\n%s.\n%s", story.Name, upperFirst(story.Title), section.String())
	}
	return intro + toc.String() + body.String()
}

func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func markdownCase(c *check.Case, anchors map[string]string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s.\n\n", c.ID, c.Title)
	var shows []string
	for _, s := range c.Statements {
		section, _, _ := strings.Cut(s, "-")
		shows = append(shows, fmt.Sprintf("[%s](protocol.md#%s)", s, anchors[section]))
	}
	fmt.Fprintf(&b, "Shows %s. Strict %s, guide %s.", strings.Join(shows, ", "), levelName(c.Strict), levelName(c.Guide))
	if c.Needs != 0 {
		fmt.Fprintf(&b, " Needs %s.", strings.Join(c.Needs.Strings(), ", "))
	}
	if len(c.After) > 0 {
		fmt.Fprintf(&b, " After %s.", strings.Join(c.After, ", "))
	}
	if c.Accepts != "" {
		fmt.Fprintf(&b, " Accepts: %s.", strings.TrimSuffix(c.Accepts, "."))
	}
	b.WriteString("\n\n")
	for _, line := range c.Lines() {
		b.WriteString("    " + line + "\n")
	}
	if len(c.Lines()) > 0 {
		b.WriteString("\n")
	}
	for _, h := range c.Hints {
		fmt.Fprintf(&b, "- If %s: %s\n", h.On, strings.TrimSuffix(h.Say, "."))
	}
	if len(c.Hints) > 0 {
		b.WriteString("\n")
	}
	// Fenced: what is indented behind a list is part of its last item.
	fmt.Fprintf(&b, "```sh\n%s\n```\n", c.Try())
	return b.String()
}

func levelName(l check.Level) string {
	if l == check.Unchecked {
		return "–"
	}
	return l.String()
}

// sectionAnchors returns the anchors of the sections of a document whose
// headings begin with a number.
func sectionAnchors(document string) map[string]string {
	anchors := map[string]string{}
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, m := range regexp.MustCompile(`(?m)^### (([0-9]+\.[0-9]+) .*)$`).FindAllStringSubmatch(document, -1) {
		anchors[m[2]] = strings.ReplaceAll(drop.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")
	}
	return anchors
}
