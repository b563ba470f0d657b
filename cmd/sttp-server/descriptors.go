package main

import (
	"log/slog"

	"golang.org/x/sys/unix"

	"sttp/store/files"
)

// How the file descriptors of the process are shared out.
const (
	reservedMost = 320 // not for connections; half where there are few
	ownMost      = 16  // of these, what the server has always open
	refusedShare = 4   // and one in so many for clients that are being refused
	perOperation = 3   // what an operation on the disk may have open at once
	perSearch    = 8   // there is one search beside so many operations
)

// shareDescriptors returns how many connections, at most wanted, and how many
// operations on the disk at once the limit on open files allows. It warns if
// connections must be fewer than wanted.
func shareDescriptors(wanted int, log *slog.Logger) (connections, parallel int) {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		return wanted, files.DefaultParallel
	}
	open := int(min(uint64(limit.Cur), 1<<30))
	reserved := min(reservedMost, open/2)
	parallel = (reserved - ownMost - reserved/refusedShare) * perSearch / (perSearch + 1) / perOperation
	parallel = min(max(parallel, 1), files.DefaultParallel)
	connections = max(open-reserved, 1)
	if connections >= wanted {
		return wanted, parallel
	}
	log.Warn("the limit on open files allows fewer connections than limits.connections; raise it with ulimit -n",
		"limits.connections", wanted, "open_files", open, "connections", connections)
	return connections, parallel
}
