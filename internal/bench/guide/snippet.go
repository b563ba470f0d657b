package guide

import (
	"fmt"
	"strings"

	"sttp"
	"sttp/internal/bench"
)

// state is what is known of a snippet on the server.
type state uint8

const (
	absent state = iota // there is none of this run
	ours                // it is there, and this run made it
	unsure              // a change was sent, and what became of it is not known
)

// snippet is one of the snippets of the test.
type snippet struct {
	number               int // from 0
	create, show, delete sttp.Request
	state                state
	made                 bool // whether this run made it, also if it is deleted by now
}

func (s *snippet) path() string     { return s.create.Path.String() }
func (s *snippet) contents() string { return s.create.Contents.String() }

// stem is what all snippets begin with.
const stem = "This is pre-defined snippet number "

// newSnippets returns the first n snippets of the test: snippet_0.txt holds number
// 1, and so on.
func newSnippets(n int) []snippet {
	all := make([]snippet, n)
	for i := range all {
		path := fmt.Sprintf("/snippets/snippet_%d.txt", i)
		contents := fmt.Sprintf("%s%d", stem, i+1)
		all[i] = snippet{
			number: i,
			create: request(sttp.Create, path, contents),
			show:   request(sttp.Show, path, ""),
			delete: request(sttp.Delete, path, ""),
		}
	}
	return all
}

// request returns a request that is valid as it stands here.
func request(action sttp.Action, path, contents string) sttp.Request {
	req, err := sttp.NewRequest(action, path, contents, action.TakesContents())
	if err != nil {
		panic(err)
	}
	return req
}

// wrongContents tells what is wrong with the contents that a SHOW of s was
// answered; empty if nothing is.
func (s *snippet) wrongContents(got string) string {
	switch {
	case got == s.contents():
		return ""
	case isSnippet(got):
		return bench.Wrong
	case strings.Contains(s.contents(), got) || spliced(got):
		return bench.Torn
	}
	return bench.Wrong
}

// isSnippet tells whether these are the contents of a snippet of the test.
func isSnippet(contents string) bool {
	var n int
	if _, err := fmt.Sscanf(contents, stem+"%d", &n); err != nil {
		return false
	}
	return n >= 1 && n <= Snippets && contents == fmt.Sprintf("%s%d", stem, n)
}

// spliced tells whether contents are the beginning of one snippet and the end of
// another one. The end has to reach into the words that all snippets begin with:
// a number alone can be anything's end.
func spliced(contents string) bool {
	for cut := 1; cut < len(contents); cut++ {
		head, tail := contents[:cut], contents[cut:]
		begins := strings.HasPrefix(stem, head) || strings.HasPrefix(head, stem) && isSnippet(head)
		if !begins {
			continue
		}
		for words := 1; words <= len(stem) && words < len(tail); words++ {
			if strings.HasSuffix(stem, tail[:words]) && isSnippet(stem+tail[words:]) {
				return true
			}
		}
	}
	return false
}
