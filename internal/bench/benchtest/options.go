package benchtest

import "time"

// Options say what a server does besides answering right. All of it can be
// changed while it runs, by Server.Set. A number N stands for "every Nth", and 0
// for never; where the Nth does not allow for what is to be done, the next one
// that does is taken.
type Options struct {
	// InFlight is how many requests the client has under way on a connection at
	// most, 1 if it is 0. The server takes from it what the client must know by
	// then: see Counts.
	InFlight int

	// Every Nth SHOW of what is there is answered
	Stale   int // with contents that are surely replaced
	Torn    int // with the first half of the new contents and the second half of older ones
	Cut     int // with the first half of the contents
	Foreign int // with the contents of another path
	Astray  int // with another path in the status line
	Missing int // with 400

	// Every Nth request of any kind is answered
	Garbled int // with what is no reply; SHOWs of what is there only
	Failing int // with 500, and not carried out

	ForgetCreate int // every Nth CREATE is answered 100 and not carried out
	KeepDeleted  int // every Nth DELETE is answered 600 and not carried out
	ShortList    int // every Nth LIST leaves out the oldest name

	// On every Nth request, which is not answered, the connection
	Reset  int // is reset
	Close  int // is closed
	Silent int // falls silent for good
	// A change that is not answered is, in turns, not carried out, carried out, or
	// carried out later, among the requests of others.

	Mute     bool  // nothing is ever answered
	DieAfter int64 // requests since Set; the last one of them is not answered
	// MaxConnections is how many connections may be open; another one is answered
	// 500 and closed. 0 is no limit.
	MaxConnections int

	Stall Stall
	Delay time.Duration // by which replies wait; those to what arrived together wait together
	// Service is how long a request takes, one after the other whatever their
	// connections: the server answers 1/Service requests per second at most.
	Service    time.Duration
	OneAtATime bool // a connection is served when the one before is over

	// Record is of how many requests the server keeps line and time of arrival.
	Record int
}

// Stall is a time in which nothing is answered, again and again.
type Stall struct {
	First time.Duration // since Set, when it begins for the first time
	For   time.Duration
	Every time.Duration // from one beginning to the next, 0 for once
}

// left returns how long a stall still takes, since after Set.
func (s Stall) left(since time.Duration) time.Duration {
	since -= s.First
	if s.For <= 0 || since < 0 {
		return 0
	}
	if s.Every > 0 {
		since %= s.Every
	}
	return max(0, s.For-since)
}

// Counts is what a server did, exactly.
//
// Whether a reply is wrong depends on what its client knew: an old value is right
// as long as the change is under way. So the server only does what is wrong
// whatever the client's timing. It knows that a reply was read when the client
// sends what it could not have sent before, having at most InFlight requests under
// way; and in the same way it knows after what a request was sent.
type Counts struct {
	Connections int64 // that were accepted
	TurnedAway  int64 // of these, because there were too many
	Open        int64 // now

	Requests int64            // lines that were read, but for the empty ones
	ByAction map[string]int64 // of these
	Refused  int64            // of these, answered 300 or 310, which a right client never is
	MaxBatch int              // most requests that were read at once since Set

	Stale, Torn, Cut, Foreign, Astray, Missing, Garbled, Failed, ShortLists int64

	Forgotten int64 // CREATEs that were not carried out
	Denied    int64 // 400 or 410 since, for what the client knows to have made
	Kept      int64 // DELETEs that were not carried out
	Undead    int64 // SHOWs answered since with what the client knows to have deleted
	// Excused are replies like Denied and Undead that the client may take for right,
	// as it sent the request before it knew.
	Excused int64

	Resets, Closes int64 // connections, each with a request that was not answered
	Silenced       int64 // requests that were not answered on silent connections

	Applied int64 // changes that were not answered, and carried out
	Dropped int64 // changes that were not answered, nor carried out
}

// Arrival is a request as it came.
type Arrival struct {
	Line string
	At   time.Time
}

// turns counts, to say what is due every Nth time.
type turns struct{ seen, due int }

// next counts one more of what comes every nth time, and tells whether one is due.
func (t *turns) next(n int) bool {
	if n <= 0 {
		return false
	}
	if t.seen++; t.seen%n == 0 {
		t.due++
	}
	return t.due > 0
}

// done tells that what was due was done.
func (t *turns) done() { t.due-- }
