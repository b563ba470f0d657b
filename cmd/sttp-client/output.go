package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf16"

	"sttp"
	"sttp/client"
	"sttp/internal/cli"
)

// print writes text to standard output.
func (p *program) print(text string) error {
	if _, err := io.WriteString(p.stdout, text); err != nil {
		return cli.Unwritten(err)
	}
	return nil
}

// printText prints what a successful call is about. On a terminal, what could
// disturb it is escaped (docs/protocol.md, section 4.5).
func (p *program) printText(c call) error {
	clean := p.cleaner()
	var b strings.Builder
	switch c.action {
	case sttp.Create:
		b.WriteString("CREATED " + c.target.path + "\n")
	case sttp.Show:
		b.WriteString(clean(c.resp.Contents) + "\n")
	case sttp.List:
		for _, file := range client.Names(c.resp.Contents) {
			b.WriteString(clean(file) + "\n")
		}
	case sttp.Update:
		b.WriteString("UPDATED " + c.target.path + "\n")
	case sttp.Delete:
		b.WriteString("DELETED " + c.target.path + "\n")
	}
	return p.print(b.String())
}

// cleaner returns what makes text fit for standard output.
func (p *program) cleaner() func(string) string {
	if cli.IsTerminal(p.stdout) {
		return cli.Escape
	}
	return func(s string) string { return s }
}

// object is what --json prints; the help text describes it.
type object struct {
	Action   string     `json:"action,omitempty"`
	Server   string     `json:"server,omitempty"`
	Path     string     `json:"path,omitempty"`
	Status   int        `json:"status,omitempty"`
	Contents *string    `json:"contents,omitempty"`
	Names    *[]string  `json:"names,omitempty"`
	Snippets *[]snippet `json:"snippets,omitempty"`
	Message  string     `json:"message,omitempty"`
	Error    string     `json:"error,omitempty"`
	Exit     int        `json:"exit"`
	MS       float64    `json:"ms"`
}

// printJSON prints c, and the error it ended with if that is not nil.
func (p *program) printJSON(c call, err error) error {
	o := object{
		Path: c.target.path, Status: int(c.resp.Status), Message: c.resp.Message,
		Action: strings.ToUpper(c.word), Snippets: c.snippets, MS: milliseconds(c.took),
	}
	if c.target.host != "" {
		o.Server = c.target.address()
	}
	if c.resp.Status == sttp.StatusOK && c.action == sttp.Show {
		o.Contents = &c.resp.Contents
	}
	switch {
	case c.names != nil:
		o.Names = &c.names
	case c.resp.Status == sttp.StatusOK && c.action == sttp.List && c.snippets == nil:
		names := append([]string{}, client.Names(c.resp.Contents)...)
		o.Names = &names
	}
	o.Error, o.Exit = told(err)
	return p.encode(o)
}

func milliseconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Millisecond)
}

// told returns what a JSON object says of an error.
func told(err error) (text string, exit int) {
	var f *cli.Failure
	if errors.As(err, &f) {
		return err.Error(), f.Code
	}
	return "", cli.ExitOK
}

// encode prints a JSON object.
func (p *program) encode(o any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(o); err != nil {
		return err
	}
	return p.print(ascii(b.String()))
}

// ascii returns JSON in which what could disturb a terminal is escaped too, as
// JSON has it. The newline at its end stays.
func ascii(text string) string {
	body := strings.TrimSuffix(text, "\n")
	if !strings.ContainsFunc(body, cli.Disturbing) {
		return text
	}
	var b strings.Builder
	for _, r := range body {
		switch {
		case !cli.Disturbing(r):
			b.WriteRune(r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String() + "\n"
}
