package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes durable the file system that a file or directory is on.
// Darwin has no call for that: all are told to write, then the sync of one file
// empties the caches of its disk.
func syncFileSystem(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := unix.Sync(); err != nil {
		return err
	}
	return f.Sync()
}
