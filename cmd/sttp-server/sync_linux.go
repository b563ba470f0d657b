package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem makes durable the file system that a file or directory is on.
func syncFileSystem(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		if err := unix.Syncfs(int(f.Fd())); err != unix.EINTR {
			return os.NewSyscallError("syncfs", err)
		}
	}
}
