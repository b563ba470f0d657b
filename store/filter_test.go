package store_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"sttp"
	"sttp/store"
)

// Shows [11.2-8] of docs/protocol.md.
func TestTwoCharactersFoldToTheSameIfTheyDifferInCaseAlone(t *testing.T) {
	for _, same := range []string{
		"kK\u212a", "sS\u017f", "ß\u1e9e", "σςΣ", "θΘϑ\u03f4", "μΜ\u00b5", "åÅ\u212b", "ωΩ\u2126", "ǆǅǄ", "\u13a0\uab70", "\u13f0\u13f8",
		"жЖ", "вВ\u1c80", "აᲐ", "\U00010400\U00010428", "ｋＫ", "\u0345ιΙ\u1fbe", "ṡṠ\u1e9b", "ⓐⒶ", "ⅷⅧ", "ꙋꙊ\u1c88", "eE", "zZ",
	} {
		want := store.Fold(same[:utf8.RuneLen([]rune(same)[0])])
		for _, r := range same {
			if got := store.Fold(string(r)); got != want {
				t.Errorf("%q folds to %q, want %q", r, got, want)
			}
		}
	}
	for _, different := range []string{"iIıİ", "éeÉ", "ﬁf", "ẞs", "ΐϊ", "1١", "aа", "[{", "@`", "\u00d7\u00f7", "日本"} {
		seen := map[string]rune{}
		for _, r := range different {
			folded := store.Fold(string(r))
			if other, ok := seen[folded]; ok && unicode.SimpleFold(r) != other {
				t.Errorf("%q and %q both fold to %q", r, other, folded)
			}
			seen[folded] = r
		}
	}
}

// Shows [11.2-8] of docs/protocol.md: what package strings takes for equal but for
// case, character by character, folds to the same, and nothing else does.
func TestEveryCharacterFoldsToOneOfItsOwnKind(t *testing.T) {
	for r := range rune(0x20000) { // beyond are no letters with case
		if !utf8.ValidRune(r) {
			continue
		}
		folded := store.Fold(string(r))
		if utf8.RuneCountInString(folded) != 1 || !strings.EqualFold(folded, string(r)) {
			t.Fatalf("%U folds to %q", r, folded)
		}
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if store.Fold(string(other)) != folded {
				t.Fatalf("%U and %U fold to %q and %q", r, other, folded, store.Fold(string(other)))
			}
		}
		if store.Fold(folded) != folded {
			t.Fatalf("%U folds to %q, and that to %q", r, folded, store.Fold(folded))
		}
	}
}

func TestATextIsFoundWhereverItStands(t *testing.T) {
	letters := rapid.RuneFrom([]rune("aAbkK\u212asſ\u00dfẞσςΣ ٣𝄞"))
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(letters, 0, sttp.MaxContents, -1).Draw(t, "text")
		q := rapid.StringOfN(letters, 1, 4, -1).Draw(t, "q")
		want := false
		runes, n := []rune(text), utf8.RuneCountInString(q)
		for i := range len(runes) - n + 1 {
			want = want || strings.EqualFold(string(runes[i:i+n]), q)
		}
		f := store.NewFilter(&sttp.Query{Contains: q})
		if got := f.Contents(text); got != want {
			t.Fatalf("%q in %q: %t, want %t", q, text, got, want)
		}
		if got := strings.Contains(store.Fold(text), f.Contains()); got != want {
			t.Fatalf("%q in %q, both folded: %t, want %t", q, text, got, want)
		}
	})
}

func TestTheFilterOfNoQueryLetsEverythingThrough(t *testing.T) {
	for _, f := range []store.Filter{{}, store.NewFilter(nil), store.NewFilter(&sttp.Query{Limit: 1, After: "a"})} {
		if !f.Name("a.txt") || !f.Contents("") || !f.Contents("x") || f.Searches() || f.Contains() != "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestAFilterOfNamesTellsNothingOfContents(t *testing.T) {
	f := store.NewFilter(&sttp.Query{Name: "[a-c]?.txt"})
	for name, want := range map[string]bool{"ab.txt": true, "cé.txt": true, "d1.txt": false, "a.txt": false, "AB.txt": false, "ab.txt~": false} {
		if got := f.Name(name); got != want {
			t.Errorf("%q: %t", name, got)
		}
	}
	if f.Searches() || !f.Contents("anything") {
		t.Error("it asks for contents")
	}
}

var filterTexts = []struct{ name, q, text string }{
	{"ASCII", "needle", strings.Repeat("w0a1f ", 10)},
	{"the longest in ASCII", "needle", strings.Repeat("Words of ", 20)[:sttp.MaxContents]},
	{"the longest in Cyrillic", "игла", string([]rune(strings.Repeat("Стог сена ", 16))[:sttp.MaxContents])},
	{"the longest in Japanese", "針", strings.Repeat("干し草の山の中で", sttp.MaxContents/8)},
	{"the longest in Gothic", "𐌰𐌱", strings.Repeat("𐌲", sttp.MaxContents)},
}

func TestContentsAreLookedThroughWithoutAllocation(t *testing.T) {
	for _, test := range filterTexts {
		f := store.NewFilter(&sttp.Query{Contains: test.q})
		if n := testing.AllocsPerRun(20, func() { f.Contents(test.text) }); n != 0 {
			t.Errorf("%s: %v allocations", test.name, n)
		}
	}
}

func BenchmarkContents(b *testing.B) {
	for _, test := range filterTexts {
		b.Run(test.name, func(b *testing.B) {
			f := store.NewFilter(&sttp.Query{Contains: test.q})
			b.ReportAllocs()
			b.SetBytes(int64(len(test.text)))
			for b.Loop() {
				if f.Contents(test.text) {
					b.Fatal("found")
				}
			}
		})
	}
}
