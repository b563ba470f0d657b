package main

import (
	"log/slog"

	"sttp/internal/config"
	"sttp/store"
	"sttp/store/files"
	"sttp/store/sqlite"
)

// engine is a store that has a name which no other has, except copies of it.
type engine interface {
	store.Store
	ID() string
}

// openEngine opens what keeps the snippets. parallel is how many operations on
// the disk it may have under way at once, where each takes descriptors of its
// own; 0 is for what is usual. The error says what to do.
func openEngine(settings config.Settings, parallel int, log *slog.Logger) (engine, error) {
	if settings.Storage.Engine == config.EngineSQLite {
		return sqlite.Open(settings.Storage.SQLite.Path, sqliteOptions(settings, log))
	}
	return files.Open(settings.Docroot, filesOptions(settings, parallel, log))
}

func filesOptions(settings config.Settings, parallel int, log *slog.Logger) files.Options {
	o := files.Options{Logger: log, Parallel: parallel}
	if settings.Storage.Durability == config.DurabilityAsync {
		o.Durability = files.Async
	}
	return o
}

func sqliteOptions(settings config.Settings, log *slog.Logger) sqlite.Options {
	o := sqlite.Options{Logger: log, SearchIndex: settings.Storage.SQLite.SearchIndex}
	if settings.Storage.Durability == config.DurabilityAsync {
		o.Durability = sqlite.Async
	}
	return o
}
