package check

import (
	"context"
	"errors"
	"io"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// execLimit is how long a case may take that starts the server anew.
const execLimit = 40 * time.Second

// maxOutput bounds what is kept of what a server writes.
const maxOutput = 64 << 10

// tail keeps the end of what a process writes.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// copyFrom reads until there is no more.
func (o *tail) copyFrom(r io.Reader) {
	buf := make([]byte, 8<<10)
	for {
		n, err := r.Read(buf)
		o.mu.Lock()
		o.text = append(o.text, buf[:n]...)
		if len(o.text) > maxOutput {
			o.text = append([]byte(nil), o.text[len(o.text)-maxOutput:]...)
		}
		o.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// String returns what is kept.
func (o *tail) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return string(o.text)
}

// Process returns the server that the checker has started. When the case ends,
// the server runs again with its usual settings, and what lies in the directory
// of the case is removed.
func (t *T) Process() *Process {
	p := t.run.proc
	if p == nil {
		t.Untested("the checker has not started the server itself")
	}
	t.Cleanup(func() { t.restore(p) })
	return p
}

// FilesProcess is Process for a case that looks into the docroot.
func (t *T) FilesProcess() *Process {
	if p := t.run.proc; p != nil && !mentions(p.command, "{config}", "{docroot}", "STTP_CHECK_CONFIG", "STTP_CHECK_DOCROOT") {
		t.Untested("where the server keeps its files is not known: the command has neither {config} nor {docroot}")
	}
	return t.Process()
}

// StartWith starts the server anew with lines that change its usual settings,
// or ends the case.
func (t *T) StartWith(p *Process, settings string) {
	if !mentions(p.command, "{config}", "STTP_CHECK_CONFIG") {
		t.Untested("settings cannot be given: the command has no {config}")
	}
	t.Note("the server is started with these settings changed:\n%s", settings)
	t.launch(p, launch{settings: settings})
}

// StartAgain starts the server anew, or ends the case.
func (t *T) StartAgain(p *Process) {
	t.Note("the server is started again")
	t.launch(p, launch{})
}

func (t *T) launch(p *Process, l launch) {
	if err := p.start(t.ctx, l); err != nil {
		t.Note("the server does not start: %v", err)
		reason, _, _ := strings.Cut(err.Error(), "; ") // without what it wrote
		t.Fail(DoesNotStart, "the server does not start: %s", reason)
	}
}

// Stop tells the server to stop and waits for its end, or ends the case.
func (t *T) Stop(p *Process) {
	t.Note("the server is told to stop")
	if _, _, ended := p.Terminate(stopTime); !ended {
		t.Untested("the server did not end within %v of SIGTERM", stopTime)
	}
}

// restore gives the server back as a case found it.
func (t *T) restore(p *Process) {
	if !p.ended && !p.alive() {
		t.Note("the server has ended by itself (%s)%s", p.running().state(), lastLines(p.Output()))
	}
	if errors.Is(t.ctx.Err(), context.Canceled) {
		return // the run is over
	}
	os.RemoveAll(p.File(t.dir))
	os.Remove(p.File(path.Dir(t.dir)))
	if !p.ended && !p.unusual && p.alive() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), startTime+endTime)
	defer cancel()
	err := p.restart(ctx)
	if err != nil && p.freshDocroot() == nil {
		err = p.restart(ctx)
	}
	if err != nil {
		t.Note("the server does not start again: %v", err)
		t.run.mu.Lock()
		t.run.gone = t.c.ID
		t.run.mu.Unlock()
	}
}
