package zoo

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// StartMinimal starts a server as a learner writes it who follows the guide and
// nothing else: one request on each connection, a file for each snippet below
// root, and whatever the guide leaves open done in the shortest way.
func StartMinimal(root string) (*Server, error) {
	m := &minimal{root: root}
	s := &Server{serve: m.serve}
	return s, s.start()
}

type minimal struct {
	root string
	mu   sync.Mutex // one request at a time touches the files
}

// serve reads one line, answers it, and closes the connection.
func (m *minimal) serve(conn *net.TCPConn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	line, err := in.ReadString('\n')
	if err != nil {
		return
	}
	fmt.Fprintln(conn, m.answer(strings.TrimRight(line, "\r\n")))
}

// answer returns the lines of the reply.
func (m *minimal) answer(line string) string {
	parts := strings.SplitN(line, " ", 3)
	if len(parts) < 2 || !strings.HasPrefix(parts[1], "/") {
		return clientErrorLine("-", "write an action and a path, such as SHOW /notes/a.txt")
	}
	action, path := parts[0], parts[1]
	if strings.Contains(path, "..") || strings.Contains(path, "\x00") {
		return clientErrorLine("-", "this path is not allowed")
	}
	contents := ""
	if len(parts) == 3 {
		contents = strings.Trim(strings.TrimSpace(parts[2]), `"`)
	}
	if action != "LIST" && len(filepath.Base(path)) > 32 {
		return "310 " + path + " FILENAME TOO LONG"
	}
	switch action {
	case "CREATE", "UPDATE":
		if contents == "" {
			return clientErrorLine(path, "write contents: "+action+" /notes/a.txt Buy milk")
		}
		if len(contents) > 160 {
			return clientErrorLine(path, "contents have at most 160 characters")
		}
	case "SHOW", "LIST", "DELETE":
		if contents != "" {
			return clientErrorLine(path, action+" takes no contents")
		}
	default:
		return clientErrorLine(path, "the actions are CREATE, SHOW, LIST, UPDATE and DELETE")
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.carryOut(action, path, filepath.Join(m.root, path), contents)
}

func (m *minimal) carryOut(action, path, file, contents string) string {
	dir := filepath.Dir(path)
	if action == "CREATE" {
		if os.MkdirAll(filepath.Dir(file), 0o755) != nil {
			return "510 " + dir + " CANNOT CREATE PATH"
		}
		if err := os.WriteFile(file, []byte(contents), 0o644); err != nil {
			return serverErrorLine(path, "the file cannot be written")
		}
		return "100 " + path + " CREATED"
	}
	if action == "LIST" {
		return m.list(path, file)
	}
	if _, err := os.Stat(filepath.Dir(file)); err != nil {
		return "410 " + dir + " PATH NOT FOUND"
	}
	info, err := os.Stat(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "400 " + path + " NOT FOUND"
	case err != nil:
		return serverErrorLine(path, "the file cannot be found")
	case info.IsDir():
		return clientErrorLine(path, "this is a directory; try LIST "+path)
	}
	switch action {
	case "SHOW":
		text, err := os.ReadFile(file)
		if err != nil {
			return serverErrorLine(path, "the file cannot be read")
		}
		return "200 " + path + " OK\n" + string(text)
	case "UPDATE":
		if os.WriteFile(file, []byte(contents), 0o644) != nil {
			return serverErrorLine(path, "the file cannot be written")
		}
		return "200 " + path + " OK"
	default:
		if os.Remove(file) != nil {
			return serverErrorLine(path, "the file cannot be removed")
		}
		return "600 " + path + " DELETED"
	}
}

func (m *minimal) list(path, dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "400 " + path + " NOT FOUND"
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return "200 " + path + " OK\n" + strings.Join(names, ", ")
}

func clientErrorLine(path, message string) string {
	return fmt.Sprintf("300 %s CLIENT ERROR %q", path, message)
}

func serverErrorLine(path, message string) string {
	return fmt.Sprintf("500 %s SERVER ERROR %q", path, message)
}
