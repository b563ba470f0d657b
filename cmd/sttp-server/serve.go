package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"sttp/internal/config"
	"sttp/internal/service"
	"sttp/server"
)

// serve wires the rooms together and serves until ctx ends or a signal comes.
func serve(ctx context.Context, settings config.Settings, stdout, stderr io.Writer) (err error) {
	log := newLogger(stderr, settings.Log)
	listeners, err := listen(ctx, settings, log)
	if err != nil {
		return err
	}
	defer closeAll(listeners)

	connections, parallel := shareDescriptors(settings.Limits.Connections, log)
	store, err := openEngine(settings, parallel, log)
	if err != nil {
		return err
	}
	var left time.Duration // of the time to drain
	closing := closers{store}
	defer func() { err = errors.Join(err, closeWithin(max(left, time.Second), closing)) }()

	handler, caches, err := openCaches(service.New(store, log), store.ID(), settings.Cache, log)
	if err != nil {
		return err
	}
	closing = closers{caches, store}
	log.Info("the storage is open", "engine", settings.Storage.Engine, "path", whereabouts(settings),
		"durability", settings.Storage.Durability, "cache", cacheText(settings.Cache))
	srv := server.New(handler, serverOptions(settings, connections, log))
	left, err = serveUntil(ctx, srv, listeners, settings, log, stdout)
	return err
}

func serverOptions(settings config.Settings, connections int, log *slog.Logger) server.Options {
	return server.Options{
		Connections:           connections,
		ConnectionsPerAddress: settings.Limits.ConnectionsPerAddress,
		Concurrency:           settings.Limits.Concurrency,
		IdleTimeout:           settings.Limits.IdleTimeout,
		RequestTimeout:        settings.Limits.RequestTimeout,
		WriteTimeout:          settings.Limits.WriteTimeout,
		Logger:                log,
	}
}

// serveUntil serves on all listeners until ctx ends, a signal comes or one of
// them breaks; then it drains. A second signal ends that at once. It returns what
// is left of the time to drain. Before and after it, signals do what they do by
// default: a start or an end that takes long can be interrupted.
func serveUntil(ctx context.Context, srv *server.Server, listeners []net.Listener, settings config.Settings, log *slog.Logger, stdout io.Writer) (left time.Duration, failure error) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM)
	if !signal.Ignored(os.Interrupt) { // as in a shell's background job
		signal.Notify(signals, os.Interrupt)
	}
	defer signal.Stop(signals)

	broken := make(chan error, len(listeners))
	var serving sync.WaitGroup
	for _, l := range listeners {
		serving.Go(func() {
			if err := srv.Serve(l); !errors.Is(err, server.ErrServerClosed) {
				broken <- err
			}
		})
		log.Info("listening", "address", l.Addr().String())
	}
	greet(stdout, settings, listeners)

	select {
	case <-ctx.Done():
	case s := <-signals:
		log.Info("shutting down; a second signal ends the server at once", "signal", s.String())
	case failure = <-broken:
	}
	left = drain(srv, settings.Limits.DrainTimeout, signals, log)
	serving.Wait()
	return left, failure
}

// drain lets running requests finish, for at most limit and no longer than until
// a signal comes. It returns what is left of limit, or 0 if they did not finish.
func drain(srv *server.Server, limit time.Duration, signals <-chan os.Signal, log *slog.Logger) time.Duration {
	begun := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	done := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() {
		select {
		case <-signals:
			cancel()
		case <-done:
		}
	})
	err := srv.Shutdown(ctx)
	close(done)
	watching.Wait()
	if err != nil {
		log.Warn("the server did not wait for all connections to end", "error", err)
		return 0
	}
	log.Info("all connections have ended")
	return limit - time.Since(begun)
}

// closeWithin closes the caches and the store. It waits for methods that are still running,
// which a disk that hangs can keep for ever; after limit the process leaves all
// the same, and the next start finds that this one did not end in order.
func closeWithin(limit time.Duration, all io.Closer) error {
	closed := make(chan error, 1)
	go func() { closed <- all.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(limit):
		return errors.New("the storage hangs, and what was running there was left behind")
	}
}

func newLogger(w io.Writer, settings config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: settings.Level}
	if settings.Format == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

func closeAll(listeners []net.Listener) {
	for _, l := range listeners {
		l.Close()
	}
}
