package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxFile   = 1 << 20 // bytes in a settings file
	maxLines  = 5_000   // in it; the time that the YAML library takes grows with their square,
	maxTokens = 10_000  // and with that of the words and signs
	maxIndent = 100     // columns before the dash of a list, since dashes nest within one line
	maxFlow   = 16      // brackets open at once
)

// source is the text of a settings file and what is wrong with it.
type source struct {
	file     string
	lines    []string // without their ends
	problems []Problem
}

// readFile changes s as the settings file of that name says, and notes in
// origins where in the file each setting stands. It returns what is wrong.
func readFile(name string, s *Settings, origins map[string]string) []Problem {
	if name == "" {
		return []Problem{{Message: "the name of the settings file is empty", Hint: "right would be a file, as in --config=sttp-server.yaml"}}
	}
	f, err := os.Open(name)
	if err != nil {
		return []Problem{unreadable(name, err)}
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return []Problem{unreadable(name, err)}
	}
	return decode(name, data, s, origins)
}

func unreadable(name string, err error) Problem {
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		err = pe.Err // its text repeats the name
	}
	return Problem{
		File:    name,
		Message: "the settings file cannot be read: " + visible(err.Error()),
		Hint:    "right would be a file that this user may read, as in --config=sttp-server.yaml",
	}
}

// decode is readFile for a file that has been read.
func decode(name string, data []byte, s *Settings, origins map[string]string) []Problem {
	src := &source{file: name}
	if len(data) > maxFile {
		src.problems = append(src.problems, Problem{
			File:    name,
			Message: fmt.Sprintf("the settings file has more than %d bytes", maxFile),
		})
		return src.problems
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // some editors begin a file with it
	text := strings.ReplaceAll(string(data), "\r\n", "\n")
	src.lines = strings.Split(text, "\n")
	if len(src.lines) > maxLines {
		src.report(maxLines+1, 1, "", fmt.Sprintf("the settings file has more than %d lines", maxLines), "")
		return src.problems
	}
	if src.checkText(); len(src.problems) > 0 {
		return src.problems
	}
	src.apply(text, s, origins)
	return src.problems
}

// apply is the part of decode that trusts the YAML library, which may panic
// over a broken file.
func (src *source) apply(text string, s *Settings, origins map[string]string) {
	defer func() {
		if r := recover(); r != nil {
			src.report(1, 1, "", "broken YAML: "+visible(fmt.Sprint(r)), hintYAML)
		}
	}()
	if body := src.parse(text); body != nil {
		d := decoder{source: src, settings: s, origins: origins}
		d.section("", body)
	}
}

// checkText finds the first character that is no text. What follows can rely
// on UTF-8 without control characters but tabs and the ends of lines.
func (src *source) checkText() {
	for i, line := range src.lines {
		column := 1
		for j, r := range line {
			message := ""
			switch {
			case r == utf8.RuneError && !strings.HasPrefix(line[j:], string(utf8.RuneError)):
				message = fmt.Sprintf("the byte 0x%02x is not UTF-8", line[j])
			case r != '\t' && unicode.IsControl(r):
				message = fmt.Sprintf("the control character U+%04X is no text", r)
			}
			if message != "" {
				src.report(i+1, column, "", message, "right would be a text file in UTF-8")
				return
			}
			column++
		}
	}
}

// report notes a problem at a line and a column of the file, counted from 1.
func (src *source) report(line, column int, name, message, hint string) {
	src.problems = append(src.problems, Problem{
		File:    src.file,
		Line:    line,
		Column:  column,
		Name:    name,
		Message: message,
		Hint:    hint,
		source:  src.lines[line-1],
		hidden:  src.hides(line),
	})
}
