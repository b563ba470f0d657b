package report

import "slices"

// Sizes of a chart of bars in pixels.
const (
	barRow   = 44
	barText  = 14 // from a row's top to the text's base line
	barTop   = 21
	barThick = 12
)

// bars is a chart of one bar for each of several things, from 0, as page.html
// draws it.
type bars struct {
	ID, Title, Unit, Desc, Better string
	Total, Thick                  string
	Rows                          []barOf
}

// barOf is a bar: a median, with the range of what was measured across it.
type barOf struct {
	Name, Value, Class, Words         string
	TextY, Y, Middle, CapTop, CapBase string
	Width, Lowest, Highest            string // of the range "" if there was one round
}

// add adds a bar for the values of one thing out of those that go up to hi.
func (b *bars) add(name, class, value, words string, median float64, rounds []float64, hi float64) {
	s := scale{hi: hi}
	y := float64(barRow * len(b.Rows))
	row := barOf{
		Name: name, Class: class, Value: value, Words: words,
		TextY: pixels(y + barText), Y: pixels(y + barTop), Middle: pixels(y + barTop + barThick/2),
		CapTop: pixels(y + barTop - 2), CapBase: pixels(y + barTop + barThick + 2),
		Width: share(s.at(median)),
	}
	if len(rounds) > 1 {
		row.Lowest, row.Highest = share(s.at(slices.Min(rounds))), share(s.at(slices.Max(rounds)))
	}
	b.Rows = append(b.Rows, row)
	b.Total, b.Thick = pixels(y+barRow), pixels(barThick)
}
