//go:build unix

package check_test

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"
)

type blockedError struct{ error }

func (f *fileServer) create(name, contents string) error {
	if _, err := os.Lstat(f.file(name)); err == nil && !f.has("replaces") {
		if f.look(name) == nil {
			return os.ErrExist
		}
		return errors.New("occupied")
	}
	var made []string
	for d := path.Dir(name); !f.isDir(d) && d != "/"; d = path.Dir(d) {
		made = append(made, d)
	}
	for _, d := range slices.Backward(made) {
		err := os.Mkdir(f.file(d), 0o755)
		if errors.Is(err, syscall.EACCES) || errors.Is(err, os.ErrExist) {
			return blockedError{err}
		}
		if err != nil {
			return err
		}
	}
	if err := f.put(name, contents); err != nil {
		for _, d := range made {
			if !f.has("leaves directories") {
				os.Remove(f.file(d))
			}
		}
		return err
	}
	for _, d := range made {
		if err := f.syncDir(path.Dir(d), "no parent sync"); err != nil {
			return err
		}
	}
	return nil
}

func (f *fileServer) update(name, contents string) error {
	if err := f.look(name); err != nil {
		return err
	}
	return f.put(name, contents)
}

// put writes contents to another file, syncs it and gives it the name.
func (f *fileServer) put(name, contents string) error {
	if f.has("adds newline") {
		contents += "\n"
	}
	if f.has("in place") {
		return f.putInPlace(name, contents)
	}
	f.temps++
	prefix := ".tmp-"
	if f.has("visible temps") {
		prefix = "tmp-"
	}
	temp := f.file(fmt.Sprintf("/%s%d-%d", prefix, os.Getpid(), f.temps))
	if err := f.write(temp, os.O_CREATE|os.O_EXCL, contents); err != nil {
		os.Remove(temp)
		return err
	}
	if f.has("leftovers") {
		time.Sleep(20 * time.Millisecond) // so that a crash comes here
	}
	if err := os.Rename(temp, f.file(name)); err != nil {
		os.Remove(temp)
		return err
	}
	return f.syncDir(path.Dir(name), "no directory sync")
}

// putInPlace writes in two steps, as a program does with a small buffer.
func (f *fileServer) putInPlace(name, contents string) error {
	half := len(contents) / 2
	if err := f.write(f.file(name), os.O_CREATE|os.O_TRUNC, contents[:half]); err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond) // so that a crash comes here
	return f.write(f.file(name), os.O_APPEND, contents[half:])
}

func (f *fileServer) write(file string, flags int, contents string) error {
	w, err := os.OpenFile(file, os.O_WRONLY|flags, 0o644)
	if err != nil {
		return err
	}
	defer w.Close()
	if _, err := w.WriteString(contents); err != nil && !f.has("ignores write errors") {
		return err
	}
	if f.has("no file sync") {
		return nil
	}
	return f.synced(w)
}

func (f *fileServer) synced(file *os.File) error {
	err := file.Sync()
	if err != nil && f.has("syncs again") {
		for range 20 { // on whichever thread it is
			if err = file.Sync(); err == nil {
				break
			}
		}
	}
	if f.has("ignores sync errors") {
		return nil
	}
	return err
}

func (f *fileServer) syncDir(name, fault string) error {
	if f.has(fault) {
		return nil
	}
	d, err := os.Open(f.file(name))
	if err != nil {
		return err
	}
	defer d.Close()
	return f.synced(d)
}

func (f *fileServer) delete(name string) error {
	if err := f.look(name); err != nil {
		return err
	}
	if err := os.Remove(f.file(name)); err != nil {
		return err
	}
	dir := path.Dir(name)
	for ; dir != "/"; dir = path.Dir(dir) {
		if f.has("removes all") {
			if list := f.list(dir); strings.HasSuffix(list, "OK\n\n") {
				os.RemoveAll(f.file(dir))
			}
		}
		if os.Remove(f.file(dir)) != nil && !f.has("removes all") {
			break
		}
	}
	return f.syncDir(dir, "no directory sync")
}
