package compare

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sttp/internal/bench"
)

// settings returns what two measurements of one kind were asked for in different
// ways, as far as it changes the figures.
func settings(a, b *bench.Document) []Setting {
	var d differ
	switch {
	case a.Run != nil:
		d.load(a.Run.Load, b.Run.Load)
		d.workload(a.Run.Workload, b.Run.Workload)
	case a.Break != nil:
		d.compare("condition", a.Break.Until, b.Break.Until)
		d.load(a.Break.Load, b.Break.Load)
		d.workload(a.Break.Workload, b.Break.Workload)
	case a.Guide != nil:
		x, y := a.Guide, b.Guide
		d.compare("snippets", x.Snippets, y.Snippets)
		d.compare("pause", x.Interval, y.Interval)
		d.compare("requests at once", x.Concurrent, y.Concurrent)
		d.compare("a connection for each request", x.ConnectionPerRequest, y.ConnectionPerRequest)
	}
	return d
}

// differ collects settings that are not the same.
type differ []Setting

func (d *differ) compare(name string, a, b any) {
	if x, y := word(a), word(b); x != y {
		*d = append(*d, Setting{name, x, y})
	}
}

func word(v any) string {
	switch v := v.(type) {
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

func (d *differ) load(a, b bench.Load) {
	d.compare("loop", loop(a), loop(b))
	if !a.Closed && !b.Closed {
		d.compare("rate", a.Rate, b.Rate)
		d.compare("arrivals", arrivals(a), arrivals(b))
	}
	d.compare("connections", a.Connections, b.Connections)
	d.compare("in flight", a.InFlight, b.InFlight)
	d.compare("a connection for each request", a.ConnectionPerRequest, b.ConnectionPerRequest)
	d.compare("timeout", a.Timeout, b.Timeout) // that long a time is what becomes of a lost reply
}

func loop(l bench.Load) string {
	if l.Closed {
		return "closed"
	}
	return "open"
}

func arrivals(l bench.Load) string {
	if l.Poisson {
		return "Poisson"
	}
	return "even"
}

func (d *differ) workload(a, b bench.Workload) {
	d.compare("mix", mix(a), mix(b))
	d.compare("snippets", a.Snippets, b.Snippets)
	d.compare("length", fmt.Sprintf("%d to %d", a.MinLength, a.MaxLength), fmt.Sprintf("%d to %d", b.MinLength, b.MaxLength))
	d.compare("Zipf", a.Zipf, b.Zipf)
	d.compare("hit ratio", a.HitRatio, b.HitRatio)
}

// mix returns a mix in percent, since only the proportions count.
func mix(w bench.Workload) string {
	var sum float64
	for _, weight := range w.Mix {
		sum += weight
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(w.Mix)) {
		if weight := w.Mix[name]; weight > 0 {
			parts = append(parts, fmt.Sprintf("%s %.4g %%", name, 100*weight/sum))
		}
	}
	return strings.Join(parts, ", ")
}

// warn tells what else makes two measurements less comparable.
func (c *Comparison) warn(a, b *bench.Document) {
	var m differ
	m.compare("system", a.Machine.OS+"/"+a.Machine.Arch, b.Machine.OS+"/"+b.Machine.Arch)
	m.compare("kernel", a.Machine.Kernel, b.Machine.Kernel)
	m.compare("processor", a.Machine.CPU, b.Machine.CPU)
	m.compare("processors", a.Machine.CPUs, b.Machine.CPUs)
	for _, s := range m {
		c.Warnings = append(c.Warnings, fmt.Sprintf("they were measured on different machines: %s %s and %s", s.Name, s.A, s.B))
	}
	var v differ
	v.compare("", a.Version, b.Version)
	v.compare("", a.Machine.Go, b.Machine.Go)
	for _, s := range v {
		c.Warnings = append(c.Warnings, fmt.Sprintf("they were measured with different programs: %s and %s", s.A, s.B))
	}
	for i, d := range []*bench.Document{a, b} {
		c.warnOf("AB"[i:i+1], d)
	}
}

// warnOf tells what makes one measurement less trustworthy.
func (c *Comparison) warnOf(side string, d *bench.Document) {
	switch {
	case d.Run != nil && d.Run.Interrupted, d.Break != nil && d.Break.Interrupted, d.Guide != nil && d.Guide.Interrupted:
		c.Warnings = append(c.Warnings, side+" was interrupted")
	}
	if d.Run == nil {
		return
	}
	const mostLag = 2 * time.Millisecond
	if lag := d.Run.Generator.Lag; lag != nil && lag.Quantile(0.99) > mostLag {
		c.Warnings = append(c.Warnings, fmt.Sprintf("in %s the program itself was late: 1 %% of the requests were sent more than %v after they could have been", side, lag.Quantile(0.99).Round(100*time.Microsecond)))
	}
	if d.Run.Generator.Share > 0.9 {
		c.Warnings = append(c.Warnings, fmt.Sprintf("in %s the program itself took %.0f %% of the processors' time", side, 100*d.Run.Generator.Share))
	}
}
