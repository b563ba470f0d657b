package check

import "time"

// Event is something that happened on a connection while a case ran.
type Event struct {
	Kind string        `json:"kind"` // "sent", "received" or "note"
	Conn int           `json:"conn"` // counted from 1; 0 for a note of the case
	Text string        `json:"text"` // as it was sent or received, cut at 2 KiB
	At   time.Duration `json:"at"`   // since the case began
}

const (
	sent     = "sent"
	received = "received"
	note     = "note"
)

// What is kept of the exchange of a case.
const (
	maxEvents    = 64
	maxEventText = 2 << 10
)

// record adds an event. Of a case with very many the first ones are kept, which
// tell how it began, and the last ones, which tell how it ended.
func (t *T) record(kind string, conn int, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(text) > maxEventText {
		text = text[:maxEventText] + "…"
	}
	if len(t.events) == maxEvents {
		copy(t.events[maxEvents/2:], t.events[maxEvents/2+1:])
		t.events = t.events[:maxEvents-1]
	}
	t.events = append(t.events, Event{kind, conn, text, time.Since(t.began)})
}
