//go:build !unix

package check

import (
	"errors"
	"time"
)

var errNoUnix = errors.New("--exec needs a Unix system")

// execPossible tells why no server can be started on this system, if so.
func execPossible() error { return errNoUnix }

// group is a command under way. Here there is none.
type group struct {
	out  tail
	done chan struct{}
}

func startGroup(string, []string) (*group, error) { return nil, errNoUnix }

func (g *group) kill() {}

func (g *group) terminate(time.Duration) bool { return true }

func (g *group) state() string { return "" }

func (g *group) members() []int { return nil }

func makeFIFO(string) error { return errNoUnix }
