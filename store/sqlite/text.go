package sqlite

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"sttp/store"
)

// How the terms for the index are chosen. Each costs the index time for all the
// snippets that have it, and what is found is looked at anyway.
const (
	maxTerms   = 4
	sampleText = 512 // snippets that tell how common each is
	commonText = 16  // of them: a term that more have is left out, if there are others
)

// trigrams returns the different sequences of three characters in s, up to as
// many as are worth to choose from.
func trigrams(s string) (all []string) {
	const most = 64
	for i := range s {
		end := i
		for range 3 {
			_, n := utf8.DecodeRuneInString(s[end:])
			if n == 0 {
				return all
			}
			end += n
		}
		if t := s[i:end]; !slices.Contains(all, t) && len(all) < most {
			all = append(all, t)
		}
	}
	return all
}

// matchAll returns the full-text query for what has all terms.
func matchAll(terms []string) string {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(`"` + strings.ReplaceAll(t, `"`, `""`) + `"`)
	}
	return b.String()
}

// rarest returns the few terms that the fewest snippets have, as far as the first
// ones of the directory tell.
func (c *candidates) rarest(terms []string) ([]string, error) {
	if len(terms) == 1 {
		return terms, nil
	}
	counts, err := c.count(terms)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(terms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(counts[i], counts[j]) })
	var chosen []string
	for _, i := range order {
		if len(chosen) == maxTerms || len(chosen) > 0 && counts[order[0]] <= commonText && counts[i] > commonText {
			break
		}
		chosen = append(chosen, terms[i])
	}
	return chosen, nil
}

const sampleSQL = "SELECT contents FROM snippets WHERE path >= ?1 AND path < ?2 ORDER BY path LIMIT ?3"

// count returns how many of the first snippets have each term.
func (c *candidates) count(terms []string) (counts []int, err error) {
	r := c.scan.reader
	stmt, err := r.conn.Prepare(sampleSQL)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stmt.Reset()) }()
	stmt.BindText(1, c.start)
	stmt.BindText(2, c.scan.end)
	stmt.BindInt64(3, sampleText)
	counts = make([]int, len(terms))
	var fold []byte
	for {
		row, err := stmt.Step()
		if err != nil || !row {
			return counts, err
		}
		text, ok := column(stmt, 0, r.text[:])
		if !ok {
			continue
		}
		fold = store.AppendFold(fold[:0], text)
		for i, t := range terms {
			if strings.Contains(string(fold), t) {
				counts[i]++
			}
		}
	}
}
