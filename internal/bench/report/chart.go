package report

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Sizes of a chart in pixels. Its width is the reader's: what lies along the x
// axis is told in percent of it, or in thousandths for lines, which are drawn in
// a picture of their own that is stretched.
const (
	plotTop    = 12
	plotHeight = 220
	lowHeight  = 100 // of a chart that says little
	laneHeight = 20
	axisHeight = 44 // for the ticks, and below them what the axis is
	labelGap   = 16 // between the lines of text at the end of lines
	stretched  = 1000
)

// chart is a chart as page.html draws it. Its exported fields are text that is
// ready for attributes; addLine and the others fill them.
type chart struct {
	ID    string // of the page's elements
	Title string
	Unit  string // of the y axis
	Desc  string // what there is to see, for whoever does not see it
	XName string

	Base, TickEnd       string
	AxisY, NameY, Total string
	XTicks, YTicks      []chartTick
	Lines               []chartLine
	Levels              []chartLevel
	Moments             []chartMoment
	Labels              []chartLabel
	Lanes               []chartLane
	Stops               []*chartStop
	Legend              []chartKey

	x, y   scale
	height float64
	lanes  int
}

type chartTick struct {
	At, Text string
	Spare    bool // left out where there is little room
}

// chartLine is a line, or several if there are gaps in it.
type chartLine struct {
	Class, Path string
	Points      int
}

// chartLevel is a value of the y axis that others are compared with.
type chartLevel struct{ Class, Y string }

// chartMoment is a value of the x axis at which something happened.
type chartMoment struct{ Class, X, Text, Anchor, Shift string }

// chartLabel names what ends at the right.
type chartLabel struct {
	Class, Y, Text string
	y              float64
}

// chartLane is a strip below the plot with a mark wherever something happened.
type chartLane struct {
	Class, Shape, Y, TextY, Text string
	Marks                        []string
}

// chartStop is a place of the x axis with all that is known of it.
type chartStop struct {
	X, Left, Width string
	Words          string
	Dots           []chartDot
	at             float64
}

// chartDot is a value that has a mark of its own. Plain ones show when they are
// pointed at.
type chartDot struct {
	Class, Shape, Y string
	Plain           bool
}

type chartKey struct{ Class, Shape, Text string }

// point is a value of a line. A Y that is no number is a gap.
type point struct{ x, y float64 }

// newChart returns a chart with axes and nothing in it.
func newChart(id, title string, x, y scale, xUnit, yUnit unit, height float64) *chart {
	c := &chart{ID: id, Title: title, Unit: yUnit.name, x: x, y: y, height: height}
	for i, v := range x.ticks {
		c.XTicks = append(c.XTicks, chartTick{At: share(x.at(v)), Text: xUnit.tick(v), Spare: len(x.ticks) > 5 && i%2 == 1})
	}
	for _, v := range y.ticks {
		c.YTicks = append(c.YTicks, chartTick{At: pixels(c.yAt(v)), Text: yUnit.tick(v)})
	}
	return c
}

// yAt returns how many pixels below the picture's top a value lies.
func (c *chart) yAt(v float64) float64 { return plotTop + c.height*(1-c.y.at(v)) }

// addLine adds a line, with its name at the right end.
func (c *chart) addLine(class, name string, points []point) {
	var path strings.Builder
	line, last, broken := chartLine{Class: class}, math.NaN(), true
	for i, p := range points {
		if !finite(p.x) || !finite(p.y) {
			broken = true
			continue
		}
		command := "L"
		if broken {
			command = "M"
		}
		x, y := pixels(stretched*c.x.at(p.x)), pixels(c.yAt(p.y))
		path.WriteString(command + x + " " + y)
		if alone := i+1 == len(points) || !finite(points[i+1].y); broken && alone {
			path.WriteString("h0") // a round cap makes a dot of it
		}
		line.Points, last, broken = line.Points+1, p.y, false
	}
	if line.Points == 0 {
		return
	}
	line.Path = path.String()
	c.Lines = append(c.Lines, line)
	c.label(class, name, last)
}

// addLevel adds a reference line at a value of the y axis.
func (c *chart) addLevel(class, name string, v float64) {
	c.Levels = append(c.Levels, chartLevel{class, pixels(c.yAt(v))})
	c.label(class, name, v)
}

func (c *chart) label(class, text string, v float64) {
	if text != "" {
		c.Labels = append(c.Labels, chartLabel{Class: class, Text: text, y: c.yAt(v)})
	}
}

// addMoment adds a line at a value of the x axis, with a text at its top.
func (c *chart) addMoment(class, text string, v float64) {
	m := chartMoment{Class: class, X: share(c.x.at(v)), Text: text, Anchor: "start", Shift: "6"}
	if c.x.at(v) > 0.6 {
		m.Anchor, m.Shift = "end", "-6"
	}
	c.Moments = append(c.Moments, m)
}

// addLane adds a strip of marks below the plot.
func (c *chart) addLane(class, shape, text string, xs []float64) {
	if len(xs) == 0 {
		return
	}
	y := plotTop + c.height + laneHeight*(float64(c.lanes)+0.5) + 4
	lane := chartLane{Class: class, Shape: shape, Y: pixels(y), Text: text, TextY: pixels(y)}
	for _, x := range xs {
		lane.Marks = append(lane.Marks, share(c.x.at(x)))
	}
	c.Lanes = append(c.Lanes, lane)
	c.lanes++
}

// stop adds a place of the x axis that can be pointed at.
func (c *chart) stop(x float64, words string) *chartStop {
	s := &chartStop{at: c.x.at(x), Words: words}
	s.X = share(s.at)
	c.Stops = append(c.Stops, s)
	return s
}

// dot adds a value to a stop. One without a shape is plain.
func (c *chart) dot(s *chartStop, class, shape string, v float64) {
	if finite(v) {
		s.Dots = append(s.Dots, chartDot{Class: class, Shape: cmp.Or(shape, "dot"), Y: pixels(c.yAt(v)), Plain: shape == ""})
	}
}

// finish places what depends on all the rest.
func (c *chart) finish() *chart {
	base := plotTop + c.height
	bottom := base + float64(laneHeight*c.lanes)
	if c.lanes > 0 {
		bottom += 4
	}
	c.Base, c.TickEnd = pixels(base), pixels(base+4)
	c.AxisY, c.NameY, c.Total = pixels(bottom+17), pixels(bottom+34), pixels(bottom+axisHeight)
	c.spreadLabels()
	c.spreadStops()
	return c
}

// spreadLabels moves labels apart that would lie upon one another, and keeps
// them within the picture.
func (c *chart) spreadLabels() {
	slices.SortStableFunc(c.Labels, func(a, b chartLabel) int { return cmp.Compare(a.y, b.y) })
	for i := range c.Labels {
		if i > 0 {
			c.Labels[i].y = max(c.Labels[i].y, c.Labels[i-1].y+labelGap)
		}
	}
	limit := plotTop + c.height
	for i := len(c.Labels) - 1; i >= 0; i-- {
		c.Labels[i].y = min(c.Labels[i].y, limit)
		limit = c.Labels[i].y - labelGap
		c.Labels[i].Y = pixels(c.Labels[i].y)
	}
}

// spreadStops gives every stop the room up to the middle between it and the
// next one.
func (c *chart) spreadStops() {
	slices.SortStableFunc(c.Stops, func(a, b *chartStop) int { return cmp.Compare(a.at, b.at) })
	left := 0.0
	for i, s := range c.Stops {
		right := 1.0
		if i+1 < len(c.Stops) {
			right = (s.at + c.Stops[i+1].at) / 2
		}
		s.Left, s.Width = share(left), share(right-left)
		left = right
	}
}

// share returns a share as percent, pixels a length, as SVG takes them.
func share(v float64) string  { return pixels(100*v) + "%" }
func pixels(v float64) string { return strconv.FormatFloat(math.Round(v*100)/100, 'f', -1, 64) }
