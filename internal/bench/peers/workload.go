package peers

import (
	"cmp"
	"fmt"

	"sttp"
	"sttp/internal/bench"
)

// Workload is one of the things that servers are compared at.
type Workload struct {
	Name  string // for the command line
	Usual bool   // it is measured if nothing else is said

	title string // with %d for the number of connections

	connections int // in place of those that are asked for; 0 for these
	action      sttp.Action
	durable     bool
	load        bench.Load // as far as it is not the same for all
}

// snippets is how many snippets each server has.
const snippets = 1000

// Workloads returns all that there are.
func Workloads() []Workload {
	return []Workload{
		{Name: "show", title: "SHOW, %d connections, 1 in flight", Usual: true, action: sttp.Show, load: bench.Load{InFlight: 1}},
		{Name: "pipelined", title: "SHOW, %d connections, 16 in flight", Usual: true, action: sttp.Show, load: bench.Load{InFlight: 16}},
		{Name: "connect", title: "SHOW, a connection for each, %d at once", Usual: true, action: sttp.Show, load: bench.Load{InFlight: 1, ConnectionPerRequest: true}},
		{Name: "durable", title: "UPDATE, durable, %d connections", Usual: true, action: sttp.Update, durable: true, load: bench.Load{InFlight: 1}},
		{Name: "create", title: "CREATE, durable, %d connections", action: sttp.Create, durable: true, load: bench.Load{InFlight: 1}},
		{Name: "create-one", title: "CREATE, durable, %d connection", connections: 1, action: sttp.Create, durable: true, load: bench.Load{InFlight: 1}},
		{Name: "update", title: "UPDATE, as each is set up, %d connections", action: sttp.Update, load: bench.Load{InFlight: 1}},
	}
}

// Title returns what the workload is called for people, where so many
// connections are asked for.
func (w Workload) Title(connections int) string { return fmt.Sprintf(w.title, w.atOnce(connections)) }

// atOnce returns how many connections it has where so many are asked for.
func (w Workload) atOnce(connections int) int { return cmp.Or(w.connections, connections) }

// fits tells whether a system can bear the workload at all.
func (w Workload) fits(s System) bool {
	if w.durable && !s.durable {
		return false
	}
	return s.dialect == nil || s.dialect.Speaks(w.action)
}

// workload returns what is asked for.
func (w Workload) workload() bench.Workload {
	all := bench.DefaultWorkload()
	all.Mix, all.Snippets = bench.Mix{w.action.String(): 1}, snippets
	return all
}
