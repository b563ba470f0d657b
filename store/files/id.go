package files

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"strings"
)

// The docroot's id is a line of so many random bytes in hexadecimal digits.
const (
	idName  = stateDir + "/id"
	idTemp  = stateDir + "/" + tempPrefix + "id"
	idBytes = 16
)

// readID returns the id that lies in the docroot. It makes a new one where there
// is none, or something else; whoever calls it holds the lock on the docroot, and
// makes the name durable.
func (s *Store) readID() (string, error) {
	data, err := s.disk.ReadFile(idName, 2*idBytes+2)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	if id, ok := parseID(string(data)); ok {
		return id, nil
	}
	id := newID()
	if err := s.writeID(id); err != nil {
		return "", err
	}
	if len(data) > 0 {
		s.log.Warn("what was in the file with the docroot's id is none; it has a new one", "file", idName)
	}
	return id, nil
}

func newID() string {
	var b [idBytes]byte
	rand.Read(b[:]) // does not fail
	return hex.EncodeToString(b[:])
}

func parseID(line string) (string, bool) {
	id, ok := strings.CutSuffix(line, "\n")
	b, err := hex.DecodeString(id)
	return id, ok && err == nil && len(b) == idBytes && id == hex.EncodeToString(b)
}

// writeID replaces the file with the id at once, so that a start that is cut
// short leaves the old one or the new one.
func (s *Store) writeID(id string) error {
	f, err := s.disk.Create(idTemp)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, id+"\n")
	if err == nil && s.sync {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = s.disk.Rename(idTemp, idName)
	}
	return err
}
