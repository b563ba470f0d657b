package mirror

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"slices"

	"sttp"
	"sttp/client"
)

// Push makes the directory path on the server hold what dir holds. Files that
// are no snippets are told of, and left alone on both sides. The error says why
// it stopped before the end, and wraps what package client returned, or the
// context's error.
func Push(ctx context.Context, dir string, to sttp.Path, opts Options) (Result, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Result{}, &DirError{err}
	}
	defer root.Close()
	r := newRun(to, opts)
	defer func() { r.client.Close() }()
	local := newTree(root)
	if err := r.look(ctx, local); err != nil {
		return r.result, err
	}
	for _, name := range slices.Sorted(maps.Keys(local.others)) {
		r.tell(unfit(local.others[name]), name, local.others[name])
	}
	remote, err := r.list(ctx)
	if err != nil && !errors.Is(err, sttp.ErrNotFound) {
		return r.result, err
	}
	err = r.push(ctx, local, remote)
	return r.result, err
}

// DirError says that the directory cannot be used.
type DirError struct{ Err error }

// Error returns what went wrong.
func (e *DirError) Error() string { return e.Err.Error() }

// Unwrap returns e.Err.
func (e *DirError) Unwrap() error { return e.Err }

// unfit returns the outcome of what is no snippet for that reason.
func unfit(err error) Outcome {
	if err == errHidden {
		return Hidden
	}
	return Skipped
}

// push deletes what is to go, then makes and updates the rest: what is deleted
// may be a file where a directory is needed, or the other way round.
func (r *run) push(ctx context.Context, local *tree, remote []string) error {
	there := make(map[string]bool, len(remote))
	for _, name := range remote {
		there[name] = true
	}
	var removals, uploads []job
	for _, name := range r.obsolete(local, remote) {
		removals = append(removals, &removal{run: r, name: name})
	}
	for _, name := range local.files {
		u := &upload{run: r, tree: local, name: name, state: creating}
		if there[name] {
			u.state = comparing
		}
		uploads = append(uploads, u)
	}
	if len(uploads) > 0 {
		if err := r.adapt(ctx, local.files[0]); err != nil {
			return err
		}
	}
	r.stage("pushing", len(removals)+len(uploads))
	if err := r.carryOut(ctx, removals); err != nil {
		return err
	}
	return r.carryOut(ctx, uploads)
}

// obsolete returns the names on the server that are not in the directory. Where
// something else has the name, a file that is no snippet perhaps, it stays; and
// all stay if part of the directory could not be read.
func (r *run) obsolete(local *tree, remote []string) (names []string) {
	if !r.opts.Delete {
		return nil
	}
	if local.broken != nil {
		r.tell(Failed, ".", fmt.Errorf("nothing is deleted, because what is in the directory is not known: %w", local.broken))
		return nil
	}
	here := make(map[string]bool, len(local.files))
	for _, name := range local.files {
		here[name] = true
	}
	for _, name := range remote {
		if !here[name] && local.covers(name) == nil {
			names = append(names, name)
		}
	}
	return names
}

// removal is a job that deletes a file on the server.
type removal struct {
	*run
	name string
	done bool
}

func (d *removal) next() (sttp.Request, bool) {
	if d.done {
		return sttp.Request{}, false
	}
	req, err := d.request(sttp.Delete, d.name, "")
	if err != nil {
		d.end(Failed, err)
	} else if d.opts.DryRun {
		d.end(Deleted, nil)
	}
	return req, !d.done
}

func (d *removal) answer(resp sttp.Response) {
	if err := resp.Err(); err != nil && !gone(err) {
		d.end(Failed, err)
	} else {
		d.end(Deleted, nil)
	}
}

func (d *removal) lost(err error) { d.end(Unknown, err) }

func (d *removal) end(outcome Outcome, err error) {
	d.done = true
	d.tell(outcome, d.name, err)
	d.step(1)
}

// upload is a job that makes a file on the server hold what one here does.
type upload struct {
	*run
	tree     *tree
	name     string
	state    state
	read     bool
	contents sttp.Contents
	requests int
	refused  error // what CREATE was answered
}

// state is what an upload asks for next.
type state int

const (
	creating  state = iota
	comparing       // by SHOW, because the file was listed
	looking         // by SHOW, because CREATE says that the file exists
	checking        // by LIST, whether that is the same file
	updating
	ended
)

var requestOf = [...]sttp.Action{creating: sttp.Create, comparing: sttp.Show, looking: sttp.Show, checking: sttp.List, updating: sttp.Update}

// maxRequests bounds what is tried for a file that others change all the time.
const maxRequests = 12

// The errors of files that the server cannot be brought to hold.
var (
	errChanging = errors.New("others make and delete it on the server again and again")
	errTwin     = errors.New("the server takes another name for this one, perhaps one in other case, and that file holds something else")
)

func (u *upload) next() (sttp.Request, bool) {
	if u.state == ended {
		return sttp.Request{}, false
	}
	if err := u.load(); err != nil {
		return sttp.Request{}, false
	}
	switch {
	case u.opts.DryRun && u.state == creating:
		u.end(Created, nil)
		return sttp.Request{}, false
	case u.opts.DryRun && u.state == updating:
		u.end(Updated, nil)
		return sttp.Request{}, false
	case u.requests == maxRequests:
		u.end(Failed, errChanging)
		return sttp.Request{}, false
	}
	u.requests++
	req, err := u.request(sttp.Show, u.name, "")
	if err != nil {
		u.end(Failed, err)
		return sttp.Request{}, false
	}
	if u.state == checking {
		return u.exact(req.Path), true
	}
	if req.Action = requestOf[u.state]; req.Action.TakesContents() {
		req.Contents = u.contents
	}
	return req, true
}

// load reads the file.
func (u *upload) load() (err error) {
	if u.read {
		return nil
	}
	u.read = true
	u.contents, err = u.tree.read(u.name)
	switch {
	case errors.As(err, new(notSnippet)):
		u.end(Skipped, err)
	case err != nil:
		u.end(Failed, err)
	}
	return err
}

func (u *upload) answer(resp sttp.Response) {
	switch err := resp.Err(); u.state {
	case creating:
		u.created(resp, err)
	case comparing, looking:
		u.shown(resp, err)
	case checking:
		switch {
		case err != nil:
			u.end(Failed, u.refused)
		case slices.Contains(client.Names(resp.Contents), path.Base(u.name)):
			u.state = updating
		default:
			u.end(Failed, errTwin)
		}
	case updating:
		switch {
		case gone(err):
			u.state = creating
		case err != nil:
			u.end(Failed, err)
		default:
			u.end(Updated, nil)
		}
	}
}

func (u *upload) created(resp sttp.Response, err error) {
	switch {
	case err == nil:
		u.end(Created, nil)
	case resp.Status == sttp.StatusClientError:
		u.refused, u.state = err, looking
	default:
		u.end(Failed, err)
	}
}

func (u *upload) shown(resp sttp.Response, err error) {
	differs := updating
	if u.state == looking {
		differs = checking
	}
	switch {
	case err == nil && resp.Contents == u.contents.String():
		u.end(Unchanged, nil)
	case err == nil, resp.Status == sttp.StatusServerError: // what is there may be no snippet
		u.state = differs
	case gone(err) && u.requests > 4 && u.refused != nil:
		u.end(Failed, u.refused) // exists or not, the server does not take it
	case gone(err):
		u.state = creating
	case u.refused != nil:
		u.end(Failed, u.refused)
	default:
		u.end(Failed, err)
	}
}

func (u *upload) lost(err error) { u.end(Unknown, err) }

func (u *upload) end(outcome Outcome, err error) {
	u.state = ended
	u.tell(outcome, u.name, err)
	u.step(1)
}
