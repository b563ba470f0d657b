package mirror

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sttp"
	"sttp/client"
)

// ErrTooMany says that a server has more names than there is room for.
var ErrTooMany = errors.New("the server lists too many names; copy one directory after the other")

// listing collects the names of files below the directory.
type listing struct {
	names []string
	room  int // in bytes
}

func (l *listing) add(name string) error {
	l.names = append(l.names, name)
	return l.take(name)
}

// take takes the room for a name.
func (l *listing) take(name string) error {
	const header = 16 // bytes, of a string
	if l.room -= len(name) + header; l.room < 0 {
		return ErrTooMany
	}
	return nil
}

// list returns the names of all files below the directory, sorted and each of
// them once. They are as the server sent them. The error is sttp.ErrNotFound if
// there is no such directory.
func (r *run) list(ctx context.Context) ([]string, error) {
	r.stage("listing", 0)
	l := listing{room: r.opts.MaxListing}
	err := r.search(ctx, &l)
	var refused *sttp.Error
	switch {
	case err == nil:
		r.queries = true
		return l.names, nil
	case errors.Is(err, client.ErrProtocol) && len(l.names) < sttp.MaxLimit, errors.As(err, &refused):
		// It may be a server without queries.
		resp, failed := r.client.Do(ctx, listRequest(r.root))
		if failed == nil && gone(resp.Err()) {
			return nil, resp.Err()
		}
		if failed != nil || resp.Err() != nil {
			return nil, err
		}
	default:
		return nil, err
	}
	l = listing{room: r.opts.MaxListing}
	if err := r.walk(ctx, &l); err != nil {
		return nil, err
	}
	slices.Sort(l.names)
	return slices.Compact(l.names), nil
}

// search lists the whole tree by queries.
func (r *run) search(ctx context.Context, l *listing) error {
	for name, err := range r.client.Search(ctx, r.root.String(), sttp.Query{Recursive: true}) {
		if err != nil {
			return err
		}
		if err := l.add(name); err != nil {
			return err
		}
		if len(l.names)%sttp.MaxLimit == 0 {
			r.step(sttp.MaxLimit)
		}
	}
	return nil
}

// walk lists one directory after the other, for servers without queries.
func (r *run) walk(ctx context.Context, l *listing) error {
	for dirs := []string{""}; len(dirs) > 0; {
		dir := dirs[len(dirs)-1]
		dirs = dirs[:len(dirs)-1]
		path, err := sttp.ParsePath(r.root.String() + dir)
		if err != nil {
			// The listing tells of it as of a file that cannot be.
			if err := l.add(dir); err != nil {
				return err
			}
			continue
		}
		resp, err := r.client.Do(ctx, listRequest(path))
		if err == nil {
			err = resp.Err()
		}
		if gone(err) && dir != "" {
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		names := client.Names(resp.Contents)
		for _, name := range names {
			if strings.HasSuffix(name, "/") {
				dirs = append(dirs, dir+name)
				err = l.take(dir + name)
			} else {
				err = l.add(dir + name)
			}
			if err != nil {
				return err
			}
		}
		r.step(len(names))
	}
	return nil
}

func listRequest(dir sttp.Path) sttp.Request { return sttp.Request{Action: sttp.List, Path: dir} }

// gone tells whether err is the reply that something is not there.
func gone(err error) bool {
	return errors.Is(err, sttp.ErrNotFound) || errors.Is(err, sttp.ErrPathNotFound)
}

// exact returns the request for a LIST that tells whether a file has exactly
// that name.
func (r *run) exact(file sttp.Path) sttp.Request {
	req := listRequest(file.Dir())
	if r.queries {
		pattern := strings.NewReplacer("*", `\*`, "[", `\[`).Replace(file.Base())
		req.Query = &sttp.Query{Name: pattern, Limit: sttp.MaxLimit}
	}
	return req
}
