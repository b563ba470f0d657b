package zoo

import (
	"bufio"
	"fmt"
	"net"
	"path"
	"strings"
	"sync"
	"unicode/utf8"
)

// StartKeeping starts another server that is right by the guide and differs from
// the minimal one wherever the guide lets it: it keeps connections open, keeps
// snippets in memory, leaves empty directories, leaves subdirectories out of a
// LIST and its names in any order, and says 400 for whatever is not there.
func StartKeeping() (*Server, error) {
	k := &keeping{files: map[string]string{}, dirs: map[string]bool{"/": true}}
	s := &Server{serve: k.serve}
	return s, s.start()
}

type keeping struct {
	mu    sync.RWMutex
	files map[string]string // contents by path
	dirs  map[string]bool   // paths without a slash at the end
}

// serve answers lines until an empty one comes or the client closes.
func (k *keeping) serve(conn *net.TCPConn) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() && lines.Text() != "" {
		if _, err := fmt.Fprint(conn, k.answer(lines.Text())); err != nil {
			return
		}
	}
}

func (k *keeping) answer(line string) string {
	action, rest, _ := strings.Cut(line, " ")
	file, contents, _ := strings.Cut(strings.TrimSpace(rest), " ")
	contents = strings.TrimSpace(contents)
	if len(contents) > 1 && strings.HasPrefix(contents, `"`) && strings.HasSuffix(contents, `"`) {
		contents = contents[1 : len(contents)-1]
	}
	if !strings.HasPrefix(file, "/") || file != path.Clean(file) {
		return k.wrong("a path looks like /notes/a.txt")
	}
	if strings.ContainsFunc(line, func(c rune) bool { return c < ' ' && c != '\t' || c == utf8.RuneError }) {
		return k.wrong("the request holds characters that are no text")
	}
	handlers := map[string]func(file, contents string) string{
		"CREATE": k.create, "SHOW": k.show, "LIST": k.list, "UPDATE": k.update, "DELETE": k.delete,
	}
	handle, known := handlers[strings.ToUpper(action)]
	writes := strings.EqualFold(action, "CREATE") || strings.EqualFold(action, "UPDATE")
	switch {
	case !known:
		return k.wrong("the actions are CREATE, SHOW, LIST, UPDATE and DELETE")
	case writes && contents == "":
		return k.wrong("contents are missing")
	case !writes && contents != "":
		return k.wrong("contents are only for CREATE and UPDATE")
	case utf8.RuneCountInString(contents) > 160:
		return k.wrong("contents have at most 160 characters")
	case !strings.EqualFold(action, "LIST") && utf8.RuneCountInString(path.Base(file)) > 32:
		return fmt.Sprintf("310 %s FILENAME TOO LONG\n", file)
	}
	return handle(file, contents)
}

// wrong returns a 300. The guide shows a path in it and does not say which, so
// it is left out.
func (k *keeping) wrong(message string) string {
	return fmt.Sprintf("300 CLIENT ERROR %q\n", message)
}

func (k *keeping) create(file, contents string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.files[file]; there || k.dirs[file] {
		return k.wrong("it is already there")
	}
	for dir := path.Dir(file); dir != "/"; dir = path.Dir(dir) {
		if _, isFile := k.files[dir]; isFile {
			return fmt.Sprintf("510 %s/ CANNOT CREATE PATH\n", path.Dir(file))
		}
	}
	for dir := path.Dir(file); !k.dirs[dir]; dir = path.Dir(dir) {
		k.dirs[dir] = true
	}
	k.files[file] = contents
	return fmt.Sprintf("100 %s CREATED\n", file)
}

func (k *keeping) show(file, _ string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	contents, there := k.files[file]
	if !there {
		return fmt.Sprintf("400 %s NOT FOUND\n", file)
	}
	return fmt.Sprintf("200 %s OK\n%s\n", file, contents)
}

func (k *keeping) update(file, contents string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.files[file]; !there {
		return fmt.Sprintf("400 %s NOT FOUND\n", file)
	}
	k.files[file] = contents
	return fmt.Sprintf("200 %s OK\n%s\n", file, contents)
}

func (k *keeping) delete(file, _ string) string {
	k.mu.Lock()
	defer k.mu.Unlock()
	if _, there := k.files[file]; !there {
		return fmt.Sprintf("400 %s NOT FOUND\n", file)
	}
	delete(k.files, file)
	return fmt.Sprintf("600 %s DELETED\n", file)
}

// list goes through all files: there are not many.
func (k *keeping) list(dir, _ string) string {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if !k.dirs[dir] {
		return fmt.Sprintf("400 %s NOT FOUND\n", dir)
	}
	var names []string
	for file := range k.files {
		if path.Dir(file) == dir {
			names = append(names, path.Base(file))
		}
	}
	return fmt.Sprintf("200 %s OK\n%s\n", dir, strings.Join(names, ", "))
}
