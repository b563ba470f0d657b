package check

import "fmt"

// Profile says how much is asked of a server.
type Profile int

// The profiles; appendix B of docs/protocol.md says where they differ.
const (
	// Guide accepts every outcome that somebody can have arrived at who followed
	// the guide alone.
	Guide Profile = iota
	// Strict asks for every statement of docs/protocol.md.
	Strict
)

// String returns the name of the profile as a flag has it.
func (p Profile) String() string {
	if p == Strict {
		return "strict"
	}
	return "guide"
}

// ParseProfile returns the profile of that name.
func ParseProfile(name string) (Profile, error) {
	for _, p := range []Profile{Guide, Strict} {
		if p.String() == name {
			return p, nil
		}
	}
	return 0, fmt.Errorf("there is no profile %q; the profiles are guide and strict", name)
}

// Level says what it means if a case does not hold.
type Level int

// The levels of a case in a profile.
const (
	Unchecked Level = iota // the case is no part of the profile
	Must                   // the server is wrong
	Should                 // a warning: there may be a good reason
	Choice                 // nothing: what the server chose is reported
	Robust                 // a warning: a client that is broken or bad could harm others
)

// String returns the level as reports show it.
func (l Level) String() string {
	return [...]string{"unchecked", "MUST", "SHOULD", "CHOICE", "ROBUST"}[l]
}

// Outcome is what came of a case.
type Outcome int

// The outcomes. Every case of a run has exactly one.
const (
	Pass         Outcome = iota
	Fail                 // a MUST does not hold
	Warn                 // a SHOULD or ROBUST does not hold
	Chose                // a CHOICE: Result.Says tells which
	Depends              // not tried, because a case that it depends on did not hold
	Untested             // it could not be carried through; for a MUST as bad as a failure
	Undecided            // it was carried through, and the result proves nothing
	CheckerError         // the checker itself failed
)

var outcomes = [...]string{"pass", "fail", "warn", "choice made", "depends on a failed case", "could not be tested", "undecided", "checker error"}

// String returns the outcome as reports show it.
func (o Outcome) String() string { return outcomes[o] }

// ParseOutcome returns the outcome that a report shows so.
func ParseOutcome(name string) (Outcome, error) {
	for o, known := range outcomes {
		if known == name {
			return Outcome(o), nil
		}
	}
	return 0, fmt.Errorf("there is no outcome %q", name)
}

// holds tells whether a case with this outcome can be built upon.
func (o Outcome) holds() bool { return o == Pass || o == Chose }

// outcomeAt returns what a case that does not hold comes to at a level.
func outcomeAt(l Level) Outcome {
	switch l {
	case Must:
		return Fail
	case Choice:
		return Chose
	default:
		return Warn
	}
}
