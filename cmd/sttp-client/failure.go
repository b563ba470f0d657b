package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"sttp"
	"sttp/client"
	"sttp/internal/cli"
)

// refused returns the failure that the reply tells of, or nil if it tells of
// none.
func (c *call) refused() error {
	err := c.resp.Err()
	if err == nil {
		return nil
	}
	f := &cli.Failure{Code: cli.ExitServerError, Err: err, Hint: c.hint()}
	switch c.resp.Status {
	case sttp.StatusClientError, sttp.StatusFilenameTooLong:
		f.Code = cli.ExitRefused
	case sttp.StatusNotFound, sttp.StatusPathNotFound:
		f.Code = cli.ExitNotFound
	}
	return f
}

// hint says what to do about a refusal. It depends on the status and the action
// alone, because the text of a message is nothing to depend on.
func (c *call) hint() string {
	path := c.target.path
	dir := path[:strings.LastIndexByte(path, '/')+1]
	switch c.resp.Status {
	case sttp.StatusClientError:
		return c.hintRefused()
	case sttp.StatusFilenameTooLong:
		return fmt.Sprintf("the name after the last / has at most %d characters", sttp.MaxFilename)
	case sttp.StatusNotFound:
		if c.action == sttp.Update {
			return "make the file with: " + c.command(sttp.Create, path)
		}
		if c.action == sttp.List {
			dir = "/"
		}
		return "see what is there with: " + c.command(sttp.List, dir)
	case sttp.StatusPathNotFound:
		hint := "see what is there with: " + c.command(sttp.List, "/")
		if c.action == sttp.Update {
			hint += "; create makes the directories it needs"
		}
		return hint
	case sttp.StatusCannotCreatePath:
		return "does a file stand where a directory is needed, or may the server not write there?"
	}
	switch {
	case c.resp.Path.IsZero():
		return "the server has no room for another connection; nothing was changed, try again later"
	case c.action.Changes(): // the message may say that the outcome is unknown
		return "see what is there with: " + c.command(sttp.Show, path) + "; the server's log says more"
	}
	return "the server's log says more"
}

// hintRefused says what to do about a 300. One that names no path is about the
// line or the connection, not about what is there.
func (c *call) hintRefused() string {
	path := c.target.path
	switch {
	case c.plain:
		return "the directory can be listed without a query: the server has no queries, or not this one"
	case c.resp.Path.IsZero():
		return ""
	case c.action == sttp.Create:
		return "if the file exists, use update: " + c.command(sttp.Update, path)
	case c.action == sttp.List && c.query == nil && c.word == "list":
		return "if it is a file, use show: " + c.command(sttp.Show, path) + "; if the list is too long, add --all"
	case c.action == sttp.List:
		return "if it is a file, use show: " + c.command(sttp.Show, path)
	}
	return "if it is a directory, use list: " + c.command(sttp.List, path)
}

// command returns a command line about path on the same server.
func (c *call) command(action sttp.Action, path string) string {
	line := name + " " + strings.ToLower(action.String()) + " " + c.target.url(path)
	if action.TakesContents() {
		line += " 'Buy milk'"
	}
	return line
}

// unanswered returns the failure of a call that ended with err and without a
// reply.
func (c *call) unanswered(err error, timeout time.Duration) error {
	f := &cli.Failure{Code: cli.ExitNoConnection, Err: err}
	unknown := errors.Is(err, client.ErrOutcomeUnknown)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && errors.Is(err, client.ErrNoConnection):
		f.Err = fmt.Errorf("no connection to %s within %v", c.target.address(), timeout)
		f.Hint = "is the address right? -v shows what was tried, --timeout 30s waits longer"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, client.ErrTimeout):
		f.Err = fmt.Errorf("no reply from %s within %v", c.target.address(), timeout)
		f.Hint = "--timeout 30s waits longer"
	case errors.Is(err, context.Canceled):
		f.Err = errors.New("interrupted")
	case errors.Is(err, client.ErrNoConnection):
		f.Hint = c.hintNoConnection(err)
	case errors.Is(err, client.ErrProtocol):
		f.Code, f.Hint = cli.ExitServerError, "is an STTP server listening there? -v shows what it sent"
	default:
		f.Hint = "-v shows how far it came"
	}
	if unknown {
		if f.Err != err {
			f.Err = fmt.Errorf("%w: %w", client.ErrOutcomeUnknown, f.Err)
		}
		f.Code, f.Hint = cli.ExitOutcomeUnknown, "see what is there with: "+c.command(sttp.Show, c.target.path)
	}
	return f
}

func (c *call) hintNoConnection(err error) string {
	var unresolved *net.DNSError
	switch {
	case errors.As(err, &unresolved):
		return "is the host's name right? an address such as 127.0.0.1 needs no look-up"
	case connectionRefused(err) && c.target.port == sttp.DefaultPort:
		return "is a server running there? start one with: sttp-server"
	case connectionRefused(err):
		return "is a server running there? start one with: sttp-server --port " + strconv.Itoa(c.target.port)
	}
	return "-v shows what was tried"
}
