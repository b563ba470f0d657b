package sqlite

import (
	"context"
	"errors"

	"zombiezen.com/go/sqlite"

	"sttp/store"
)

// pool lends a fixed number of readers. Their connections are opened when they
// are needed first, and again after they had to be closed.
type pool struct {
	open   func() (*sqlite.Conn, error)
	free   chan *reader  // a nil reader has to be opened
	closed chan struct{} // closed before the readers are taken away for good
}

func newPool(size int, open func() (*sqlite.Conn, error)) *pool {
	p := &pool{open: open, free: make(chan *reader, size), closed: make(chan struct{})}
	for range size {
		p.free <- nil
	}
	return p
}

// get waits for a reader, which has to be put back.
func (p *pool) get(ctx context.Context) (*reader, error) {
	var r *reader
	select {
	case r = <-p.free:
	default:
		select {
		case r = <-p.free:
		case <-p.closed:
			return nil, store.ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	if r != nil {
		return r, nil
	}
	conn, err := p.open()
	if err == nil {
		if r, err = newReader(conn); err != nil {
			err = errors.Join(err, conn.Close())
		}
	}
	if err != nil {
		p.free <- nil
		return nil, storageError(err)
	}
	return r, nil
}

// put takes a reader back. One that could not end its snapshot is not used again.
func (p *pool) put(r *reader) {
	if !r.conn.AutocommitEnabled() {
		r.conn.Close()
		r = nil
	}
	p.free <- r
}

// disconnect closes the connections of all readers, once nobody uses them, and
// keeps them from being used until the function that it returns is called.
func (p *pool) disconnect() (resume func()) {
	for range cap(p.free) {
		if r := <-p.free; r != nil {
			r.conn.Close()
		}
	}
	return func() {
		for range cap(p.free) {
			p.free <- nil
		}
	}
}

// close waits for the readers that are in use and closes all.
func (p *pool) close() {
	close(p.closed)
	p.disconnect()
}
