package peers

import "syscall"

// inMemory tells whether what lies in a directory is in memory alone, so that
// to sync it costs nothing.
func inMemory(dir string) bool {
	const tmpfs, ramfs = 0x01021994, 0x858458f6
	var fs syscall.Statfs_t
	return syscall.Statfs(dir, &fs) == nil && (int64(fs.Type) == tmpfs || int64(fs.Type) == ramfs)
}
