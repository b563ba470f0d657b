package files

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes durable the file system that dir is on. Darwin has no
// call for that: all are told to write, then the sync of dir empties the
// caches of its disk.
func syncFileSystem(dir *os.File) error {
	if err := unix.Sync(); err != nil {
		return err
	}
	return dir.Sync()
}
