package mirror

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"sttp"
)

// Pull makes dir, which is made if it is missing, hold what the directory path
// on the server holds. Names that could not be those of snippets, or of files
// here, are told of and nothing is made of them. The error says why it stopped
// before the end, and wraps what package client returned, or the context's
// error; it is sttp.ErrNotFound if there is no such directory on the server.
func Pull(ctx context.Context, from sttp.Path, dir string, opts Options) (Result, error) {
	r := newRun(from, opts)
	defer func() { r.client.Close() }()
	remote, err := r.list(ctx)
	if err != nil {
		return r.result, err
	}
	root, err := openOrMake(dir, opts.DryRun)
	if err != nil {
		return r.result, &DirError{err}
	}
	local := newTree(root)
	if root != nil {
		defer root.Close()
		if err := r.look(ctx, local); err != nil {
			return r.result, err
		}
	}
	err = r.pull(ctx, newTarget(local), remote)
	return r.result, err
}

// openOrMake opens a directory. If it is missing it is made, or nil is returned
// if nothing may be changed.
func openOrMake(dir string, dryRun bool) (*os.Root, error) {
	root, err := os.OpenRoot(dir)
	if !errors.Is(err, os.ErrNotExist) {
		return root, err
	}
	if dryRun {
		return nil, nil
	}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}

func (r *run) pull(ctx context.Context, to *target, remote []string) error {
	var downloads []job
	there := make(map[string]bool, len(remote))
	for _, name := range remote {
		there[name] = true
		req, err := r.request(sttp.Show, name, "")
		if err == nil && !filepath.IsLocal(filepath.FromSlash(name)) {
			err = errNotLocal
		}
		if err != nil {
			r.tell(Failed, name, err)
			continue
		}
		downloads = append(downloads, &download{run: r, to: to, name: name, req: req})
	}
	r.stage("pulling", len(downloads))
	if err := r.prune(ctx, to, there); err != nil {
		return err
	}
	if len(downloads) > 0 {
		if err := r.adapt(ctx, downloads[0].(*download).name); err != nil {
			return err
		}
	}
	return r.carryOut(ctx, downloads)
}

var errNotLocal = errors.New("no file here can have that name")

// prune removes snippets that the server does not have.
func (r *run) prune(ctx context.Context, to *target, there map[string]bool) error {
	if !r.opts.Delete {
		return nil
	}
	for _, name := range to.tree.files {
		if there[name] {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		_, err := to.tree.read(name)
		if errors.As(err, new(notSnippet)) {
			continue // it never came from a server
		}
		if err == nil && !r.opts.DryRun {
			err = to.remove(name)
		}
		if err != nil {
			r.tell(Failed, name, err)
		} else {
			r.tell(Deleted, name, nil)
		}
	}
	return nil
}

// download is a job that makes a file here hold what one on the server does.
type download struct {
	*run
	to   *target
	name string
	req  sttp.Request
	done bool
}

func (d *download) next() (sttp.Request, bool) {
	if !d.done && d.opts.DryRun && !d.to.holds(d.name) {
		if err := d.to.blocked(d.name); err != nil {
			d.end(Failed, err)
		} else {
			d.end(Created, nil)
		}
	}
	return d.req, !d.done
}

func (d *download) answer(resp sttp.Response) {
	err := resp.Err()
	if gone(err) {
		d.done = true // since it was listed
		d.step(1)
		return
	}
	var contents sttp.Contents
	if err == nil {
		contents, err = sttp.ParseContents(resp.Contents)
	}
	if err != nil {
		d.end(Failed, err)
		return
	}
	d.end(d.store(contents))
}

// store makes the file, unless it is right.
func (d *download) store(contents sttp.Contents) (Outcome, error) {
	outcome := Created
	if d.to.holds(d.name) {
		if old, err := d.to.tree.read(d.name); err == nil && old == contents {
			return Unchanged, nil
		}
		outcome = Updated
	}
	if d.opts.DryRun {
		return outcome, nil
	}
	if err := d.to.put(d.name, contents.String()); err != nil {
		return Failed, err
	}
	return outcome, nil
}

func (d *download) lost(error) {} // it changes nothing on the server

func (d *download) end(outcome Outcome, err error) {
	d.done = true
	d.tell(outcome, d.name, err)
	d.step(1)
}
