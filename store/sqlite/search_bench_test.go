package sqlite_test

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"sttp"
	"sttp/store/sqlite"
)

// The data of BenchmarkSearch: snippets of ten words, which are drawn with
// Zipf's law, and one that all have. A tenth of them is in one directory.
const (
	wordCount  = 20_000
	wordsEach  = 10
	commonWord = "everywhere"
	directory  = "/big/"
)

// library is the data, made from fixed seeds.
type library struct {
	words []string
	size  int
}

func newLibrary(size int) *library {
	r := rand.New(rand.NewSource(1))
	l := &library{size: size}
	seen := make(map[string]bool)
	for len(l.words) < wordCount {
		word := make([]byte, 3+r.Intn(8))
		for i := range word {
			word[i] = byte('a' + r.Intn(26))
		}
		if w := string(word); !seen[w] {
			seen[w] = true
			l.words = append(l.words, w)
		}
	}
	return l
}

// fill creates all snippets, by as many callers as share a commit.
func (l *library) fill(b *testing.B, s *sqlite.Store) {
	const callers = 256
	var next atomic.Int64
	var group sync.WaitGroup
	for c := range callers {
		group.Go(func() {
			r := rand.New(rand.NewSource(int64(c)))
			zipf := rand.NewZipf(r, 1.1, 1, wordCount-1)
			for n := int(next.Add(1)); n <= l.size; n = int(next.Add(1)) {
				if err := s.Create(b.Context(), mustPath(b, l.path(n, r)), mustContents(b, l.text(zipf))); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	group.Wait()
}

func (l *library) path(n int, r *rand.Rand) string {
	if n%10 == 0 {
		return fmt.Sprintf("%s%07d.txt", directory, n)
	}
	return fmt.Sprintf("/other/%03d/%07d.txt", r.Intn(900), n)
}

func (l *library) text(zipf *rand.Zipf) string {
	words := make([]string, 0, wordsEach+1)
	for range wordsEach {
		words = append(words, l.words[zipf.Uint64()])
	}
	words = slices.Insert(words, wordsEach/2, commonWord)
	return strings.Join(words, " ")
}

// percentile returns the time below which p percent of the sorted times are.
func percentile(times []time.Duration, p int) time.Duration {
	return times[min(len(times)-1, len(times)*p/100)]
}

// report measures f for each of n arguments and reports percentiles.
func report(b *testing.B, n int, f func(i int) error) {
	var times []time.Duration
	for b.Loop() {
		for i := range n {
			begun := time.Now()
			if err := f(i); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(begun))
		}
	}
	slices.Sort(times)
	for _, p := range []int{50, 99, 100} {
		b.ReportMetric(float64(percentile(times, p))/1e6, fmt.Sprintf("p%d-ms", p))
	}
	b.ReportMetric(0, "ns/op")
}

// benchSize is how many snippets there are; STTP_BENCH_SNIPPETS says otherwise.
const benchSize = 1_000_000

// BenchmarkSearch measures searches, pages of a LIST and the start over
// 1,000,000 snippets. STTP_BENCH_DATABASE names a file to keep them in; if it is
// there, it is used as it is.
func BenchmarkSearch(b *testing.B) {
	size := benchSize
	if n, err := strconv.Atoi(os.Getenv("STTP_BENCH_SNIPPETS")); err == nil {
		size = n
	}
	file := os.Getenv("STTP_BENCH_DATABASE")
	if file == "" {
		file = filepath.Join(b.TempDir(), "sttp.db")
	}
	opts := sqlite.Options{Durability: sqlite.Async, SearchIndex: true}
	l := newLibrary(size)
	if _, err := os.Stat(file); err != nil {
		s := open(b, file, opts)
		begun := time.Now()
		l.fill(b, s)
		filled := time.Now()
		if err := s.Indexed(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.Logf("created %.0f snippets/s, then indexed the rest within %v, %.0f snippets/s", float64(size)/filled.Sub(begun).Seconds(),
			time.Since(filled), float64(size)/time.Since(filled).Seconds())
		s.Close()
	}
	b.Run("start", func(b *testing.B) {
		report(b, 1, func(int) error {
			s := open(b, file, opts)
			_, err := s.List(b.Context(), mustPath(b, directory), &sttp.Query{Limit: 1})
			b.StopTimer()
			s.Close()
			b.StartTimer()
			return err
		})
	})
	s := open(b, file, opts)
	defer s.Close()
	if err := s.Indexed(b.Context()); err != nil {
		b.Fatal(err)
	}
	l.pages(b, s)
	l.searches(b, s)
}

// pages measures pages of 100 names in the directory, one behind another.
func (l *library) pages(b *testing.B, s *sqlite.Store) {
	for name, from := range map[string]string{"start": "", "end": fmt.Sprintf("%07d", l.size*9/10)} {
		b.Run("page at the "+name, func(b *testing.B) {
			after := from
			report(b, 50, func(i int) error {
				if i == 0 {
					after = from
				}
				names, err := s.List(b.Context(), mustPath(b, directory), &sttp.Query{Limit: 100, After: after})
				if len(names) > 0 {
					after = names[len(names)-1]
				}
				return err
			})
		})
	}
}

// searches measures searches for words.
func (l *library) searches(b *testing.B, s *sqlite.Store) {
	r := rand.New(rand.NewSource(9))
	even := make([]string, 500)
	for i := range even {
		even[i] = l.words[r.Intn(wordCount)]
	}
	var overlapping []string // rare words that share trigrams with what all have
	for _, w := range l.words[200:] {
		for i := range len(commonWord) - 2 {
			if len(w) > 3 && strings.Contains(w, commonWord[i:i+3]) {
				overlapping = append(overlapping, w)
				break
			}
		}
	}
	for _, c := range []struct {
		name  string
		words []string
	}{
		{"words drawn evenly", even},
		{"the word that all have", []string{commonWord}},
		{"words with a trigram that all have", overlapping},
		{"words of 0.1 to 3 percent", l.words[15:500]},
		{"two letters", []string{"qj", "ab", "ev"}},
		{"nothing", []string{"notthere", "eveeveev"}},
	} {
		b.Run(c.name, func(b *testing.B) {
			report(b, len(c.words), func(i int) error {
				_, err := s.List(b.Context(), mustPath(b, directory), &sttp.Query{Contains: c.words[i], Limit: 50})
				return err
			})
		})
	}
}
