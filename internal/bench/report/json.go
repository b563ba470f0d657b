package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"unicode/utf8"

	"sttp/internal/bench"
	"sttp/internal/cli"
)

// What a reader can tell the document by.
const (
	tool = "sttp-bench"
	// format is the number of the form that schema.json describes. Members are added
	// without a new number.
	format = 1
)

//go:embed schema.json
var schema []byte

// Schema returns the JSON Schema (draft 2020-12) of what JSON writes.
func Schema() []byte { return bytes.Clone(schema) }

// file is what JSON writes: a Document, and which form of it this is.
type file struct {
	Tool   string `json:"tool"`
	Format int    `json:"format"`
	*bench.Document
}

// JSON writes doc as Schema says.
func JSON(w io.Writer, doc *bench.Document) error {
	return WriteJSON(w, file{tool, format, complete(doc)})
}

// WriteJSON writes v as JSON. Besides line ends and spaces of its layout it writes
// nothing that disturbs a terminal.
func WriteJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(calm(b.Bytes()))
	return err
}

// complete returns a copy of doc that has an empty list or map wherever there is
// none: whoever reads the JSON finds a list where a list belongs, not null.
func complete(doc *bench.Document) *bench.Document {
	return completed(reflect.ValueOf(doc)).Interface().(*bench.Document)
}

func completed(v reflect.Value) reflect.Value {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || v.Type() == reflect.TypeFor[*bench.Latency]() {
			return v
		}
		p := reflect.New(v.Type().Elem())
		p.Elem().Set(completed(v.Elem()))
		return p
	case reflect.Struct:
		c := reflect.New(v.Type()).Elem()
		c.Set(v)
		for field, value := range v.Fields() {
			if field.IsExported() {
				c.FieldByIndex(field.Index).Set(completed(value))
			}
		}
		return c
	case reflect.Slice:
		c := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		for i := range v.Len() {
			c.Index(i).Set(completed(v.Index(i)))
		}
		return c
	case reflect.Map:
		c := reflect.MakeMapWithSize(v.Type(), v.Len())
		for key, value := range v.Seq2() {
			c.SetMapIndex(key, completed(value))
		}
		return c
	}
	return v
}

// calm replaces what disturbs a terminal by the escapes that JSON has for it. It
// stands in strings only: everything else is JSON's own, and the line ends of the
// layout stay.
func calm(doc []byte) []byte {
	if !bytes.ContainsFunc(doc, disturbs) {
		return doc
	}
	var b bytes.Buffer
	for len(doc) > 0 {
		r, n := utf8.DecodeRune(doc)
		switch {
		case !disturbs(r):
			b.Write(doc[:n])
		case r <= 0xffff:
			fmt.Fprintf(&b, `\u%04x`, r)
		default: // two halves, as in UTF-16
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		}
		doc = doc[n:]
	}
	return b.Bytes()
}

func disturbs(r rune) bool { return r != '\n' && cli.Disturbing(r) }
