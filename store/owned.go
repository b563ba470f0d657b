package store

import "fmt"

// OwnedError says that another running server owns a storage.
type OwnedError struct {
	Kind string // what the storage is: "docroot", "database"
	Name string // as it was given to the engine
	Else string // what to choose instead: "docroot", "file"
	PID  int    // the other server's process, or 0 if it is not known
}

func (e *OwnedError) Error() string {
	pid := ""
	if e.PID > 0 {
		pid = fmt.Sprintf(" (pid %d)", e.PID)
	}
	return fmt.Sprintf("%s %q is owned by another running server%s; stop it or choose another %s", e.Kind, e.Name, pid, e.Else)
}
