package bench

import "time"

// Document is what one run of the program found out, and what its JSON holds.
// Exactly one of Run, Break, Guide and Peers is there.
type Document struct {
	Tool    string    `json:"tool"` // "sttp-bench"
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	Machine Machine   `json:"machine"` // that the program ran on
	Target  string    `json:"target,omitempty"`
	Run     *Result   `json:"run,omitempty"`
	Break   *Break    `json:"break,omitempty"`
	Guide   *Guide    `json:"guide,omitempty"`
	Peers   *Peers    `json:"peers,omitempty"`
}

// Machine is the machine that the program runs on.
type Machine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	CPUs   int    `json:"cpus"`
	Go     string `json:"go"`
}

// Counts counts things by kind.
type Counts map[string]int64

// Total returns the sum.
func (c Counts) Total() int64 {
	var n int64
	for _, v := range c {
		n += v
	}
	return n
}

// The kinds of wrong replies.
const (
	Stale   = "stale"   // contents that a later change had replaced before the request was sent
	Torn    = "torn"    // a part of the contents, or a mix of several
	Lost    = "lost"    // the reply says that something is not there that is
	Garbled = "garbled" // no reply of the protocol, or not one to this request
	Wrong   = "wrong"   // another path's contents, or what nobody ever wrote
)

// The kinds of errors beside "status 300" to "status 510": why a request has no
// reply, or why there is no connection.
const (
	Refused      = "refused"       // nobody listens
	Reset        = "reset"         // the connection was reset
	Closed       = "closed"        // the server closed the connection before it had answered
	Timeout      = "timeout"       // no reply in time
	DialTimeout  = "dial timeout"  // no connection in time
	NoDescriptor = "no descriptor" // this program may open no more files
	NoPort       = "no port"       // this machine has no free port left for a connection
	Unsent       = "unsent"        // due, but not sent before the run was over, as no connection was free
	Unanswered   = "unanswered"    // sent, and not answered before the run was over
	ErrorReply   = "error reply"   // the reply says so, in a protocol without a number for it
	OtherError   = "other"
)

// Result is what a Measure found. Requests of the warm-up are not in it.
type Result struct {
	Load     Load     `json:"load"`
	Workload Workload `json:"workload"`

	// Elapsed is from the end of the warm-up until the last request was due.
	Elapsed time.Duration `json:"elapsed_ns"`
	Due     int64         `json:"due"`  // requests that had to be sent, in an open loop
	Sent    int64         `json:"sent"` // requests that were sent
	Done    int64         `json:"done"` // right replies
	Rate    float64       `json:"rate"` // right replies per second of Elapsed, or until the last of them if that came later

	Wrong  Counts `json:"wrong"`  // replies that were wrong, by kind, also those that nobody asked for
	Errors Counts `json:"errors"` // requests without success, by kind
	Dials  Counts `json:"dials"`  // connections that could not be opened, by kind
	// Examples are the first wrong replies, for people.
	Examples []string `json:"examples,omitempty"`

	// Response, in an open loop, holds the response times of right replies, and,
	// of what timed out or was never sent or answered, how long it had waited.
	Response *Latency `json:"response,omitempty"`
	// Service holds the service times of right replies.
	Service *Latency           `json:"service"`
	Actions map[string]*Action `json:"actions"` // by name, as in "SHOW"
	Slices  []Slice            `json:"slices"`

	Generator Generator `json:"generator"`

	// Gone says that the server went away, which ended the run.
	Gone *Gone `json:"gone,omitempty"`
	// Interrupted tells that the run was ended from outside before its time.
	Interrupted bool `json:"interrupted,omitempty"`
}

// Action is what became of the requests with one action.
type Action struct {
	Done     int64    `json:"done"`
	Response *Latency `json:"response,omitempty"`
	Service  *Latency `json:"service"`
}

// Slice is a short part of a run, by the time of the replies.
type Slice struct {
	Start    time.Duration `json:"start_ns"` // since the end of the warm-up
	Length   time.Duration `json:"length_ns"`
	Done     int64         `json:"done"`
	Wrong    int64         `json:"wrong"`
	Errors   int64         `json:"errors"`
	Response *Latency      `json:"response,omitempty"`
	Service  *Latency      `json:"service"`
}

// Rate returns the right replies per second.
func (s Slice) Rate() float64 { return float64(s.Done) / s.Length.Seconds() }

// Generator is what the measuring itself did to the figures.
type Generator struct {
	// Lag is, in an open loop, how long requests waited for this program: from
	// when they were due and a connection was free until they were sent. What they
	// waited for a connection, all of which waited for the server, is not in it.
	Lag *Latency `json:"lag,omitempty"`
	// Wake is how late this program ran after the system could have woken it, in
	// samples: about as late were replies read, which nothing else shows.
	Wake *Latency `json:"wake,omitempty"`
	// CPU is the processor time that this program took, Share of all that Elapsed
	// had for it: 1 is all processors that it may use.
	CPU   time.Duration `json:"cpu_ns"`
	Share float64       `json:"share"`
}

// Gone is a server that went away.
type Gone struct {
	After time.Duration `json:"after_ns"` // since the end of the warm-up, negative in it
	Lost  int64         `json:"lost"`     // requests that were on their way then
	Why   string        `json:"why"`      // such as "refused"
}

// Break is what a search for the breaking point found.
type Break struct {
	Until    string   `json:"until"` // the condition, as it was given
	Load     Load     `json:"load"`  // of a step, but for the rate
	Workload Workload `json:"workload"`
	Steps    []Step   `json:"steps"` // in the order of time
	// Rate is the highest rate, in requests per second, at which the condition
	// held; 0 if there is none. Confirmed tells that it held for a longer time, too.
	Rate      float64 `json:"rate"`
	Confirmed bool    `json:"confirmed"`
	// Limit says what kept the rate from being higher: one of a Step's, or "none" if
	// the highest rate that was asked for did no harm, or "" if that is not known, as
	// the search was ended before its time.
	Limit string `json:"limit"`
	Why   string `json:"why,omitempty"` // for people: how Limit follows from the steps
	// Gone says that the server went away, which ended the search.
	Gone        *Gone `json:"gone,omitempty"`
	Interrupted bool  `json:"interrupted,omitempty"`
}

// What limits the rate of a Step.
const (
	LimitServer    = "server"
	LimitGenerator = "generator" // this program, or the machine it runs on
	// LimitConnections: all connections were taken, although the server answered
	// each request in time; more of them, or more in flight, may bring more.
	LimitConnections = "connections"
	LimitNone        = "none"
)

// Step is one rate that was tried.
type Step struct {
	Stage  string  `json:"stage"` // "double", "bisect" or "confirm"
	Rate   float64 `json:"rate"`
	OK     bool    `json:"ok"`
	Limit  string  `json:"limit,omitempty"` // "server", "generator" or "connections" if not OK
	Why    string  `json:"why,omitempty"`   // for people: which term failed, or why it is the generator
	Result *Result `json:"result"`
}

// Guide is the guide's own performance test.
type Guide struct {
	Snippets             int           `json:"snippets"`
	Interval             time.Duration `json:"interval_ns"`
	Concurrent           int           `json:"concurrent"`
	ConnectionPerRequest bool          `json:"connection_per_request"`
	Phases               []Phase       `json:"phases"`
	Total                time.Duration `json:"total_ns"` // of all phases, with the pauses
	Wrong                Counts        `json:"wrong"`
	Errors               Counts        `json:"errors"`
	Examples             []string      `json:"examples,omitempty"`
	Gone                 *Gone         `json:"gone,omitempty"`
	Interrupted          bool          `json:"interrupted,omitempty"`

	Created int `json:"created"` // snippets that it made
	Deleted int `json:"deleted"` // of them, also those that were deleted after the phases
	// Left are the paths of snippets that may be left behind.
	Left []string `json:"left,omitempty"`
	// Notes are sentences for people: what else there is to know of the run.
	Notes []string `json:"notes,omitempty"`
}

// Phase is one part of the guide's test.
type Phase struct {
	Name     string        `json:"name"` // "create", "retrieve" or "delete"
	Requests int64         `json:"requests"`
	Done     int64         `json:"done"`       // right replies
	Elapsed  time.Duration `json:"elapsed_ns"` // with the pauses
	Paused   time.Duration `json:"paused_ns"`  // of Elapsed, pauses in which no request was under way
	Rate     float64       `json:"rate"`       // right replies per second without the pauses
	Service  *Latency      `json:"service"`
}

// Peers is a comparison of servers on one machine.
type Peers struct {
	Rounds  int           `json:"rounds"`
	Length  time.Duration `json:"length_ns"` // of one measurement
	Systems []System      `json:"systems"`   // the first is what the others are compared with
	Tables  []Table       `json:"tables"`
	Wrong   Counts        `json:"wrong"`  // replies that were wrong, of all systems, by kind
	Errors  Counts        `json:"errors"` // requests without success and connections that could not be opened, by kind
	// Examples are the first wrong replies, for people.
	Examples []string `json:"examples,omitempty"`
	// Notes, for people, say what was left out, and why.
	Notes []string `json:"notes,omitempty"`
	// Failed, for people, says which server failed, which ended the comparison.
	Failed      string `json:"failed,omitempty"`
	Interrupted bool   `json:"interrupted,omitempty"`
}

// System is one of the servers that are compared.
type System struct {
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	Command string `json:"command,omitempty"`
	Missing string `json:"missing,omitempty"` // why it was not measured
}

// Table is one workload.
type Table struct {
	Name    string   `json:"name"`
	Figures []Figure `json:"figures"`
}

// Figure is one measured quantity of one system, round by round.
type Figure struct {
	System string    `json:"system"`
	What   string    `json:"what"` // such as "CPU" or "rate"
	Unit   string    `json:"unit"`
	Better string    `json:"better"` // "less" or "more"
	Rounds []float64 `json:"rounds"`
	Median float64   `json:"median"`
	// Ratio is the first system's figure over this one's, round by round; nil for
	// the first system itself.
	Ratio *Range `json:"ratio,omitempty"`
}

// Range is a median with the lowest and the highest value.
type Range struct {
	Median  float64 `json:"median"`
	Lowest  float64 `json:"lowest"`
	Highest float64 `json:"highest"`
}
