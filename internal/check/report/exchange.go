package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"sttp/internal/check"
)

// line is a line of an exchange as it is shown.
type line struct {
	Mark  string // ">" sent, "<" received, "·" a note
	Conn  string // the number of the connection, if there are several
	Text  string
	Aside string // what is said about the line, and was not sent
	From  string // which side it is, in a word
}

const (
	// pause is from when on it is told that time has passed.
	pause = 500 * time.Millisecond
	// cutAt is the length at which the checker cuts what it keeps of an event.
	cutAt = 2 << 10
)

// exchangeLines returns what was sent and received, line by line, each cut to
// so many columns. Of more than most lines those in the middle are left out.
func exchangeLines(events []check.Event, limit, most int) []line {
	var lines []line
	several := severalConns(events)
	var last time.Duration
	for i := 0; i < len(events); {
		e := events[i]
		if wait := e.At - last; wait >= pause {
			lines = append(lines, line{Mark: "·", Text: seconds(wait) + " later", From: "note"})
		}
		text := e.Text
		for i++; i < len(events) && continues(events[i-1], events[i]); i++ {
			text += events[i].Text
		}
		last = events[i-1].At
		conn := ""
		if several && e.Conn > 0 {
			conn = strconv.Itoa(e.Conn)
		}
		lines = append(lines, eventLines(e.Kind, conn, text, limit)...)
	}
	if len(lines) <= most {
		return lines
	}
	left := line{Mark: "·", Text: fmt.Sprintf("(%s left out)", plural(len(lines)-most+1, "line", "lines")), From: "note"}
	head, tail := lines[:most/2], lines[len(lines)-(most-most/2-1):]
	return append(append(append([]line(nil), head...), left), tail...)
}

func severalConns(events []check.Event) bool {
	first := 0
	for _, e := range events {
		if first == 0 {
			first = e.Conn
		}
		if e.Conn != 0 && e.Conn != first {
			return true
		}
	}
	return false
}

// continues tells whether b belongs to the same piece of text as a: one read
// may return half a line.
func continues(a, b check.Event) bool {
	return a.Kind == b.Kind && a.Conn == b.Conn && a.Kind != "note" && len(a.Text) <= cutAt && b.At-a.At < pause
}

func eventLines(kind, conn, text string, limit int) []line {
	if kind == "note" {
		return []line{{Mark: "·", Conn: conn, Text: sentence(text), From: "note"}}
	}
	mark, from := ">", "client"
	if kind == "received" {
		mark, from = "<", "server"
	}
	var lines []line
	for text != "" {
		whole := firstLine(text)
		text = text[len(whole):]
		content, ended := strings.CutSuffix(whole, "\n")
		l := line{Mark: mark, Conn: conn, From: from}
		switch {
		case content == "":
			l.Aside = "(empty line)"
		case !ended && !strings.HasSuffix(content, "…"):
			l.Aside = "(no LF)"
		}
		l.Text = cutColumns(visible(content), limit-len(l.Aside))
		if strings.HasSuffix(l.Text, "…") && len(content) > limit {
			l.Aside = "(" + howLong(content) + ")"
			l.Text = cutColumns(l.Text, limit-1-len(l.Aside))
		}
		lines = append(lines, l)
	}
	return lines
}

// howLong says how many bytes a line has, of which the checker may have cut off
// the end.
func howLong(content string) string {
	if len(content) > cutAt && strings.HasSuffix(content, "…") {
		return "more than " + number(cutAt) + " bytes"
	}
	return plural(len(content), "byte", "bytes")
}
