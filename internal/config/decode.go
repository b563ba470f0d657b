package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"sttp/internal/cli"
)

// decoder turns the tree of a settings file into settings.
type decoder struct {
	*source
	settings *Settings
	origins  map[string]string
}

// section decodes what stands in a section; "" is the top of the file.
func (d *decoder) section(path string, node ast.Node) {
	entries, ok := node.(ast.MapNode)
	if !ok {
		line, column := d.position(node.GetToken())
		hint := hintYAML
		if path != "" {
			hint = fmt.Sprintf("right would be keys below `%s:`, indented by two spaces: %s", last(path), enumerate(names(path), "or"))
		}
		d.report(line, column, path, describe(node)+" stands where keys belong", hint)
		return
	}
	seen := make(map[string]int) // line by name
	for i := entries.MapRange(); i.Next(); {
		at, value := i.Key().GetToken(), i.Value()
		line, column := d.position(at)
		name := keyName(i.Key())
		if first, twice := seen[name]; twice {
			d.report(line, column, path, fmt.Sprintf("%s is there twice; the first is in line %d", displayName(name), first),
				"right would be one of the two")
			continue
		}
		seen[name] = line
		d.entry(path, name, at, value)
	}
}

// entry decodes one key of a section, whose name stands at a token.
func (d *decoder) entry(section, name string, at *token.Token, value ast.Node) {
	if !slices.Contains(names(section), name) {
		d.unknown(section, name, at)
		return
	}
	path := join(section, name)
	if k, isKey := findKey(path); isKey {
		d.setting(k, at, value)
		return
	}
	if _, empty := value.(*ast.NullNode); !empty { // as when all its keys are commented out
		d.section(path, value)
	}
}

// setting decodes the value of k, whose name stands at a token.
func (d *decoder) setting(k key, at *token.Token, node ast.Node) {
	v := k.value(d.settings)
	scalar, isScalar := node.(ast.ScalarNode)
	_, isNull := node.(*ast.NullNode)
	if isNull {
		line, column := d.position(at)
		d.report(line, column, k.path, "it has no value", k.hint(v, k.initial))
		return
	}
	line, column := d.position(node.GetToken())
	if !isScalar || node.Type() == ast.LiteralType {
		d.report(line, column, k.path, describe(node)+" stands where a value belongs", k.hint(v, k.initial))
		return
	}
	text := scalar.GetToken().Value
	if err := v.set(text); err != nil {
		sample := k.initial
		if f, ok := err.(*fault); ok && f.instead != "" {
			sample = f.instead
		}
		d.report(line, column, k.path, k.shown(text)+" "+err.Error(), k.hint(v, sample))
		return
	}
	if node.Type() != v.node() {
		message := k.shown(text) + " is " + describe(node) + ", not " + describeType(v.node())
		if v.node() == ast.StringType {
			message = k.shown(text) + " is no text without quotes"
		}
		d.report(line, column, k.path, message, k.hint(v, v.String()))
		return
	}
	d.origins[k.path] = fmt.Sprintf("file %s:%d", visible(d.file), line)
}

// hint says what would be right for k in a file.
func (k key) hint(v value, sample string) string {
	if t, ok := v.(text); ok {
		t.p = &sample
		sample = scalar(t)
	}
	if k.secret() {
		sample = `"…"`
	}
	return fmt.Sprintf("right would be %s, as in `%s: %s`", v.right(), k.name(), sample)
}

// unknown reports a name that is no key of section and stands at a token.
func (d *decoder) unknown(section, name string, at *token.Token) {
	line, column := d.position(at)
	message := "unknown key " + displayName(name)
	known := names(section)
	hint := "the keys here are " + enumerate(known, "and")
	if meant, ok := cli.DidYouMean(name, known); ok {
		message += "; did you mean " + meant + "?"
		hint = ""
	} else if i := slices.IndexFunc(keys, func(k key) bool { return k.path == name || k.name() == name }); i >= 0 {
		if k := keys[i]; k.section() == "" {
			hint = fmt.Sprintf("right would be `%s:` without indentation", k.name())
		} else {
			hint = fmt.Sprintf("right would be `%s:` below `%s:`, indented by two spaces", k.name(), last(k.section()))
		}
	}
	d.report(line, column, section, message, hint)
}

// keyName returns the name that a key of the file gives.
func keyName(k ast.MapKeyNode) string {
	if s, ok := k.(*ast.StringNode); ok {
		return s.Value
	}
	return k.GetToken().Value
}

// displayName returns the name of a key as it can be printed: quoted unless it
// is a plain word.
func displayName(name string) string {
	if name != "" && len(name) <= 64 && strings.Trim(name, hostNameBytes+".") == "" {
		return name
	}
	return quote(name)
}

// describe names what stands in the file.
func describe(node ast.Node) string {
	if _, ok := node.(ast.MapNode); ok {
		return "a section"
	}
	return describeType(node.Type())
}

func describeType(t ast.NodeType) string {
	switch t {
	case ast.SequenceType:
		return "a list"
	case ast.LiteralType:
		return "a block of text"
	case ast.StringType:
		return "text"
	case ast.BoolType:
		return "true or false"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	}
	return "something else"
}

// last returns the last part of a path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
