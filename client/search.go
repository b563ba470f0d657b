package client

import (
	"context"
	"fmt"
	"iter"
	"path"
	"strings"

	"sttp"
)

// Search returns the names that a query finds in the directory dir, all of them:
// it asks for one page after the other, of q.Limit names each (sttp.MaxLimit if
// that is zero), behind q.After. Stop when there are enough.
//
// An error is the last thing it yields, and what was found before stays right.
// It is sttp.ErrClient from a server without queries, and from one that dislikes
// this query or knows dir as a file. A server whose names are none that were
// asked for, or that comes to no end because they do not advance, is ErrProtocol.
//
// Beyond that names are as the server sent them: check them with sttp.ParsePath
// before they become part of a path, and escape them before a terminal shows
// them.
func (c *Client) Search(ctx context.Context, dir string, q sttp.Query) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if q.Limit == 0 {
			q.Limit = sttp.MaxLimit
		}
		if _, err := sttp.ParsePath(dir); err != nil {
			yield("", sttp.ClientError(sttp.Path{}, err.Error()))
			return
		}
		for {
			names, err := c.page(ctx, dir, &q)
			if err != nil {
				yield("", err)
				return
			}
			for _, name := range names {
				if err := admissible(name, &q); err != nil {
					yield("", fmt.Errorf("%w: in its answer to %s?%s it lists %q, %w", ErrProtocol, dir, &q, clip([]byte(name)), err))
					return
				}
				if !yield(name, nil) {
					return
				}
				q.After = name
			}
			if len(names) < q.Limit {
				return
			}
		}
	}
}

// page asks for one page of names.
func (c *Client) page(ctx context.Context, dir string, q *sttp.Query) ([]string, error) {
	req, err := sttp.NewRequest(sttp.List, dir+"?"+q.String(), "", false)
	if err != nil {
		return nil, err
	}
	resp, err := c.Do(ctx, req)
	if err == nil {
		err = resp.Err()
	}
	if err != nil {
		return nil, err
	}
	names := Names(resp.Contents)
	if len(names) > q.Limit {
		return nil, fmt.Errorf("%w: it was asked for %d names at most, and answered %d; it may not know queries", ErrProtocol, q.Limit, len(names))
	}
	return names, nil
}

// admissible tells what is wrong with a name that is listed next, behind q.After.
func admissible(name string, q *sttp.Query) error {
	file := name[strings.LastIndexByte(name, '/')+1:]
	switch {
	case name <= q.After:
		return fmt.Errorf("which is not behind %q", clip([]byte(q.After)))
	case len(name) > sttp.MaxPath:
		return fmt.Errorf("which is longer than a path")
	case file == "" && q.FilesOnly():
		return fmt.Errorf("which is no file")
	case !q.Recursive && strings.Contains(name[:len(name)-1], "/"):
		return fmt.Errorf("which is in another directory")
	}
	if q.Name == "" {
		return nil
	}
	if ok, err := path.Match(q.Name, file); !ok || err != nil {
		return fmt.Errorf("which was not asked for")
	}
	return nil
}
