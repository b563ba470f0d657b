package report

// Style says how text looks.
type Style struct {
	Color bool // with the escape sequences of terminals
	Plain bool // nothing is redrawn in place, even on a terminal
	Width int  // columns to use; 0 is what fits: those of the terminal, else 80
}
