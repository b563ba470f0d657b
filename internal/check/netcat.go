package check

import (
	"fmt"
	"net"
	"strings"
)

// netcatDir stands for the directory of a case in lines that people can try.
const netcatDir = "/try"

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

// netcat is Try with the address of the server.
func (c *Case) netcat(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return c.Try()
	}
	return strings.NewReplacer("HOST PORT", host+" "+port, "HOST:PORT", address).Replace(c.Try())
}

// netcatOf returns one line of shell that sends what the steps send: a command
// for each request of an Ask, one for all of a Talk.
func netcatOf(steps []step) string {
	var commands []string
	var together strings.Builder
	flag := ""
	for _, s := range steps {
		switch s.verb {
		case "ask":
			commands = append(commands, netcatCommand(s.text+"\n\n", ""))
		case "send", "slowly":
			together.WriteString(s.text)
		case "shut":
			flag = "-N "
		}
	}
	if together.Len() > 0 {
		text := together.String()
		if flag == "" && strings.HasSuffix(text, "\n") && !strings.HasSuffix(text, "\n\n") {
			text += "\n"
		}
		commands = append(commands, netcatCommand(text, flag))
	}
	return strings.Join(commands, "; ")
}

func netcatCommand(text, flag string) string {
	return "printf " + printfQuote(mustExpand(text, netcatDir)) + " | nc " + flag + "HOST PORT"
}

// printfQuote returns text as an argument in single quotes that printf(1)
// prints as it is.
func printfQuote(text string) string {
	var b strings.Builder
	b.WriteByte('\'')
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
	b.WriteByte('\'')
	return b.String()
}
