package report_test

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser returns a context with a tab of a Chromium, which is ended, and whose
// files are gone, when the test ends. listen is called for all that happens.
func browser(t *testing.T, listen func(event any)) context.Context {
	t.Helper()
	program, err := chromium()
	if err != nil {
		if testing.Short() {
			t.Skip("there is no Chromium: ", err)
		}
		t.Fatalf("this test opens the page in Chromium, and %v; install it with make deps, or leave the test out with -short", err)
	}
	t.Setenv("TMPDIR", t.TempDir()) // for its profile, and for what it forgets there when it is killed
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.DisableGPU)
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // it refuses to be root's otherwise
	}
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel) // waits until the browser has ended
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithListener(listen))
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("%s does not start: %v", program, err)
	}
	return ctx
}

// chromium finds the program.
func chromium() (string, error) {
	names := []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("none of %s is there", strings.Join(names, ", "))
}

// watch is what a page did besides showing itself.
type watch struct {
	mu         sync.Mutex
	complaints []string
}

func (w *watch) add(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.complaints = append(w.complaints, fmt.Sprintf(format, args...))
}

// take returns what there was since the last call.
func (w *watch) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.complaints
	w.complaints = nil
	return all
}

// listen notes errors, lines on the console, and requests for anything but the
// page itself.
func (w *watch) listen(event any) {
	switch e := event.(type) {
	case *runtime.EventConsoleAPICalled:
		w.add("console: %s", e.Type)
	case *runtime.EventExceptionThrown:
		w.add("exception: %s", e.ExceptionDetails.Text)
	case *log.EventEntryAdded:
		w.add("log: %s", e.Entry.Text)
	case *network.EventRequestWillBeSent:
		if e.Type != network.ResourceTypeDocument && !strings.HasPrefix(e.Request.URL, "data:") {
			w.add("request: %s", e.Request.URL)
		}
	}
}

// drawn is a chart as the browser has it.
type drawn struct {
	ID, Title, Desc string
	Left, Right     float64
	Width, Height   float64
	Lines           []struct {
		Points, Declared int
		Width, Height    float64
		Visible          bool
		Stroke           string
	}
	Marks int // dots, bars, and what stands for them
}

// look describes all charts of the page.
const look = `[...document.querySelectorAll("svg.plot")].map(svg => {
  const box = svg.getBoundingClientRect();
  return {
    ID: svg.id, Title: svg.querySelector("title").textContent, Desc: svg.querySelector("desc").textContent,
    Left: box.left, Right: box.right, Width: box.width, Height: box.height,
    Lines: [...svg.querySelectorAll("path.line")].map(path => {
      const b = path.getBoundingClientRect();
      return {
        Points: path.getAttribute("d").match(/[ML]/g).length, Declared: +path.dataset.points,
        Width: b.width, Height: b.height, Visible: b.left >= box.left - 2 && b.right <= box.right + 2 && b.top >= box.top && b.bottom <= box.bottom,
        Stroke: getComputedStyle(path).stroke,
      };
    }),
    Marks: [...svg.querySelectorAll("use:not(.plain), rect.value")].filter(mark => mark.getBoundingClientRect().height > 0).length,
  };
})`

func TestABrowserShowsThePage(t *testing.T) {
	seen := &watch{}
	ctx := browser(t, seen.listen)
	all := pages()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t.Run(name, func(t *testing.T) {
			open(t, ctx, asHTML(t, all[name]))
			checkCharts(t, name, evaluate[[]drawn](t, ctx, look))
			checkPhone(t, ctx)
			if complaints := seen.take(); len(complaints) > 0 {
				t.Errorf("%q", complaints)
			}
		})
	}
	t.Run("in the dark", func(t *testing.T) { checkDark(t, ctx) })
	t.Run("what is pointed at", func(t *testing.T) { checkPointer(t, ctx) })
	if complaints := seen.take(); len(complaints) > 0 {
		t.Errorf("%q", complaints)
	}
}

// open shows a page in a window of an ordinary size.
func open(t *testing.T, ctx context.Context, html string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1100, 900), chromedp.Navigate(pageFile(t, html))); err != nil {
		t.Fatal(err)
	}
}

// evaluate returns what an expression of JavaScript is.
func evaluate[T any](t *testing.T, ctx context.Context, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// pageFile writes a page and returns its address.
func pageFile(t *testing.T, html string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(path, []byte(html), 0o600); err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(path)
}

// expected are the charts of each page, with the points of their lines: as many
// as there are slices in the document, or 0 for any number.
func expected() map[string]map[string][]int {
	run := func(slices, values int) map[string][]int {
		return map[string][]int{"rate": {slices}, "latency-time": {values, values, values}, "percentiles": {0, 0}}
	}
	knee := map[string][]int{"knee-latency": nil, "knee-errors": nil, "percentiles": {0, 0}}
	return map[string]map[string][]int{
		"healthy": run(40, 40), "stalling": run(30, 30), "faulty": run(40, 37), "gone": run(20, 20),
		"closed": {"rate": {16}, "latency-time": {16, 16, 16}, "percentiles": {0}},
		"break":  knee, "guide": {"percentiles": {0, 0, 0}},
		"peers": {"table-1-1": nil, "table-1-2": nil, "table-2-1": nil, "table-2-2": nil},
	}
}

// checkCharts finds the charts of a page, and in them what the document holds.
func checkCharts(t *testing.T, name string, charts []drawn) {
	t.Helper()
	want := expected()[name]
	if len(charts) != len(want) {
		t.Errorf("%s has %d charts, want %d", name, len(charts), len(want))
	}
	for _, c := range charts {
		points, known := want[c.ID]
		if !known || len(c.Lines) != len(points) {
			t.Errorf("%s: chart %s has %d lines, want %d", name, c.ID, len(c.Lines), len(points))
			continue
		}
		if c.Title == "" || c.Desc == "" || c.Width < 100 || c.Height < 100 || c.Left < 0 || c.Right > 1100 {
			t.Errorf("%s: chart %s is %+v", name, c.ID, c)
		}
		for i, line := range c.Lines {
			if line.Points != line.Declared || line.Points < 2 || points[i] != 0 && line.Points != points[i] {
				t.Errorf("%s: line %d of %s has %d points, want %d", name, i, c.ID, line.Points, points[i])
			}
			if line.Width < 50 || line.Stroke == "none" || !line.Visible {
				t.Errorf("%s: line %d of %s cannot be seen: %+v", name, i, c.ID, line)
			}
		}
		if least := map[string]int{"knee-latency": 11, "knee-errors": 11}[c.ID]; c.Marks < least || points == nil && c.Marks < 3 {
			t.Errorf("%s: chart %s has %d marks", name, c.ID, c.Marks)
		}
	}
}

// tooWide lists what makes a page wider than its window.
const tooWide = `document.documentElement.scrollWidth > innerWidth
  ? ["the page", ...[...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > innerWidth && !e.closest(".scroll")).map(e => e.outerHTML.slice(0, 80))]
  : []`

// checkPhone finds what does not fit a narrow window.
func checkPhone(t *testing.T, ctx context.Context) {
	t.Helper()
	if wide := evaluate[[]string](t, ctx, tooWide); len(wide) > 0 {
		t.Errorf("the page does not fit its window: %q", wide)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(390, 844, chromedp.EmulateMobile)); err != nil {
		t.Fatal(err)
	}
	if width := evaluate[int](t, ctx, "innerWidth"); width != 390 {
		t.Errorf("the window became %d wide, not 390", width)
	}
	if wide := evaluate[[]string](t, ctx, tooWide); len(wide) > 0 {
		t.Errorf("the page does not fit a phone: %q", wide)
	}
}

// checkDark finds what has the same colours in the dark as in the light.
func checkDark(t *testing.T, ctx context.Context) {
	open(t, ctx, asHTML(t, healthy()))
	colours := func(scheme string) []string {
		prefer := func(ctx context.Context, target *chromedp.Target) error {
			_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
				Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
			})
			return err
		}
		if err := chromedp.Do(ctx, chromedp.Func(prefer)); err != nil {
			t.Fatal(err)
		}
		return evaluate[[]string](t, ctx, `["body", ".panel", ".line.main", ".plot text"].map(s => { const c = getComputedStyle(document.querySelector(s)); return [s, c.backgroundColor, c.stroke, c.fill].join(" "); })`)
	}
	light, dark := colours("light"), colours("dark")
	for i := range light {
		if light[i] == dark[i] {
			t.Errorf("in the dark there is still %s", dark[i])
		}
	}
}

// checkPointer moves the pointer over a chart and reads what is told of it.
func checkPointer(t *testing.T, ctx context.Context) {
	open(t, ctx, asHTML(t, faulty()))
	const readout = `document.querySelector(".readout").textContent`
	const stop = `document.querySelectorAll("#rate .stop")[16]`
	at := evaluate[struct{ X, Y float64 }](t, ctx, `(() => { const b = `+stop+`.querySelector("rect"); b.scrollIntoView({block: "center"}); const r = b.getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + 40}; })()`)
	want := evaluate[string](t, ctx, stop+`.querySelector("title").textContent`)
	if !strings.Contains(want, "4 to 4.25\u00a0s: ") || !strings.Contains(want, " errors") {
		t.Errorf("the point is of %q", want)
	}
	point := func(x, y float64, until string) {
		t.Helper()
		moved := chromedp.Do(ctx, chromedp.MouseEvent(chromedp.MouseMoved, x, y))
		if _, err := chromedp.Run(ctx, chromedp.Poll[bool](until, chromedp.WithPollingTimeout(5*time.Second))); err != nil || moved != nil {
			t.Fatalf("pointing at %v, %v: %v, %v", x, y, moved, err)
		}
	}
	point(at.X, at.Y, readout+` !== ""`)
	if got := evaluate[string](t, ctx, readout); got != want {
		t.Errorf("it tells %q, want %q", got, want)
	}
	if got := evaluate[string](t, ctx, `getComputedStyle(`+stop+`.querySelector("use")).visibility`); got != "visible" {
		t.Errorf("the point that is pointed at is %s", got)
	}
	point(1, 1, readout+` === ""`)
	if got := evaluate[string](t, ctx, stop+`.querySelector("title").textContent`); got != want {
		t.Errorf("afterwards the point is of %q", got)
	}
}
