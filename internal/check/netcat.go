package check

import (
	"fmt"
	"net"
	"regexp"
	"strings"
	"unicode/utf8"
)

// netcatDir stands for the directory of a case in lines that people can try.
const netcatDir = "/try"

// netcatPath matches netcatDir where it is a whole name, and what is behind it.
var netcatPath = regexp.MustCompile(netcatDir + `([^-.\w]|$)`)

// Try returns the line for a shell that reproduces the case, with HOST and PORT
// for the server.
func (c *Case) Try() string {
	if c.Netcat != "" {
		return c.Netcat
	}
	steps, err := c.steps()
	if err != nil {
		return ""
	}
	return netcatOf(steps)
}

// netcat is Try with the address of the server, and a directory that has the
// name of the run and the case: what another line has made is not in its way.
// Where lengths matter (a line that counts with seq) the directory stays.
func (c *Case) netcat(address, run string) string {
	line := c.Try()
	if !strings.Contains(line, "seq ") {
		line = netcatPath.ReplaceAllString(line, netcatDir+"-"+run+"-"+strings.TrimPrefix(c.ID, "STTP-")+"$1")
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return line
	}
	return strings.NewReplacer("HOST PORT", host+" "+port, "HOST/PORT", host+"/"+port, "HOST:PORT", address).Replace(line)
}

// netcatOf returns one line of shell that sends what the steps send: a command
// for each request of an Ask, one for all of a Talk.
func netcatOf(steps []step) string {
	var commands []string
	var together strings.Builder
	flag, ends := "", false
	for _, s := range steps {
		switch s.verb {
		case "ask":
			commands = append(commands, netcatCommand(s.text+"\n\n", ""))
		case "send", "slowly":
			together.WriteString(s.text)
		case "shut":
			flag = "-N "
		case "end":
			ends = true
		}
	}
	if together.Len() > 0 {
		text := together.String()
		// Where the server has to close by itself, an empty line would hide it.
		if flag == "" && !ends && strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n") {
			text += "\n"
		}
		commands = append(commands, netcatCommand(text, flag))
	}
	return strings.Join(commands, "; ")
}

func netcatCommand(text, flag string) string {
	return "printf " + printfQuote(mustExpand(text, netcatDir)) + " | nc " + flag + "HOST PORT"
}

// longRun is how often a character has to follow itself for a line to say so
// rather than to hold all of them.
const longRun = 24

// printfQuote returns text as an argument that printf(1) prints as it is: in
// single quotes, but for characters that follow themselves very often, which
// another printf repeats.
func printfQuote(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for len(text) > 0 {
		_, size := utf8.DecodeRuneInString(text)
		char, times := text[:size], 1
		for strings.HasPrefix(text[times*size:], char) {
			times++
		}
		text = text[times*size:]
		// What comes out of the inner printf is part of the outer one's format.
		if times >= longRun && char != `\` && char != "%" {
			fmt.Fprintf(&b, `'"$(printf '%s%%.0s' $(seq %d))"'`, printfEscape(char), times)
		} else {
			b.WriteString(strings.Repeat(printfEscape(char), times))
		}
	}
	b.WriteByte('\'')
	return strings.TrimPrefix(strings.TrimSuffix(b.String(), "''"), "''")
}

// printfEscape returns text as it stands in single quotes in a format of
// printf(1).
func printfEscape(text string) string {
	var b strings.Builder
	for i := range len(text) {
		switch c := text[i]; {
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\\':
			b.WriteString(`\\`)
		case c == '%':
			b.WriteString(`%%`)
		case c == '\'':
			b.WriteString(`'\''`)
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
