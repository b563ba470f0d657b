package files

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes durable the file system that dir is on.
func syncFileSystem(dir *os.File) error {
	if _, err := retry(func() (int, error) { return 0, unix.Syncfs(int(dir.Fd())) }); err != nil {
		return fmt.Errorf("syncing the file system: %w", err)
	}
	return nil
}
