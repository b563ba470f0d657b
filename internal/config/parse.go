package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	hintYAML  = "right would be lines such as `port: 8080`, with quotes around text that holds a colon"
	hintPlain = "right would be keys and values as they are, as in `port: 8080`"
	hintTab   = "right would be spaces; YAML is not indented with tabs"
)

// parse returns what the file holds, and nil if that is nothing or broken.
//
// The file is checked as a row of tokens before the library builds a tree of
// them: what settings do not use is refused there, and so is what would make
// the tree deep, since a stack that overflows cannot be recovered from.
func (src *source) parse(text string) ast.Node {
	tokens := lexer.Tokenize(text)
	if src.checkTokens(tokens); len(src.problems) > 0 {
		return nil
	}
	// Keys that stand twice are allowed here so that decode reports all of them.
	f, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		src.broken(err)
		return nil
	}
	for _, doc := range f.Docs { // checkTokens saw that there is at most one with a body
		if doc.Body != nil {
			return doc.Body
		}
	}
	return nil
}

// broken reports an error of the YAML library.
func (src *source) broken(err error) {
	message, line, column := "broken YAML", 1, 1
	type located interface { // what the library's errors have in common
		error
		GetToken() *token.Token
		GetMessage() string
	}
	if at, ok := errors.AsType[located](err); ok {
		message += ": " + visible(at.GetMessage())
		if at.GetToken() != nil {
			line, column = src.position(at.GetToken())
		}
	}
	if src.hides(line) {
		message = "broken YAML" // the library may quote what is there
	}
	hint := hintYAML
	if text := src.lines[line-1]; strings.HasPrefix(strings.TrimLeft(text, " "), "\t") {
		hint = hintTab
	}
	src.report(line, column, "", message, hint)
}

// checkTokens reports the first token that a settings file may not hold.
func (src *source) checkTokens(tokens token.Tokens) {
	if len(tokens) > maxTokens {
		src.refuse(tokens[maxTokens], fmt.Sprintf("the settings file has more than %d words and signs", maxTokens), "")
		return
	}
	if len(tokens) == 0 && strings.TrimSpace(strings.Join(src.lines, "")) != "" {
		src.report(1, 1, "", "broken YAML", hintYAML)
		return
	}
	flow, started, ended := 0, false, false
	for _, t := range tokens {
		what := ""
		switch t.Type {
		case token.CommentType:
			continue
		case token.AnchorType, token.AliasType:
			what = "anchors and aliases (& and *) are not used in settings"
		case token.MergeKeyType:
			what = "merging (<<) is not used in settings"
		case token.TagType:
			what = "tags (!) are not used in settings"
		case token.DirectiveType:
			what = "directives (%) are not used in settings"
		case token.MappingKeyType:
			what = "keys that begin with ? are not used in settings"
		case token.MappingStartType, token.SequenceStartType:
			flow++
		case token.MappingEndType, token.SequenceEndType:
			flow = max(flow-1, 0)
		}
		switch {
		case what != "":
			src.refuse(t, what, hintPlain)
			return
		case flow > maxFlow, t.Type == token.SequenceEntryType && t.Position.Column > maxIndent:
			src.refuse(t, "this is nested too deeply", hintPlain)
			return
		case ended, started && t.Type == token.DocumentHeaderType:
			src.refuse(t, "a second document begins here", "right would be one document in a settings file")
			return
		}
		started, ended = true, t.Type == token.DocumentEndType
	}
}

func (src *source) refuse(t *token.Token, message, hint string) {
	line, column := src.position(t)
	src.report(line, column, "", message, hint)
}

// position returns where t begins, always inside the file. The library does
// not count tabs that stand before a token in its line, so the token is looked
// for from there on.
func (src *source) position(t *token.Token) (line, column int) {
	line = min(max(t.Position.Line, 1), len(src.lines))
	rest := src.lines[line-1]
	column = min(max(t.Position.Column, 1), utf8.RuneCountInString(rest)+1)
	for range column - 1 {
		_, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
	}
	first, _, _ := strings.Cut(strings.TrimSpace(t.Origin), "\n")
	if i := strings.Index(rest, first); i > 0 {
		column += utf8.RuneCountInString(rest[:i])
	}
	return line, column
}
