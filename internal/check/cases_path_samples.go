package check

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// sample is one of several things that a case tries for the same reason.
type sample struct{ name, text string }

// sampleMark stands for the sample in the talk of a case.
const sampleMark = "§"

// each returns the case with an Ask that is carried out once for every sample,
// with the sample in place of "§" and a directory of its own for {d}. What it
// finds wrong names the sample.
func (c Case) each(samples []sample) Case {
	steps, err := parseTalk(c.Ask, true)
	if err != nil {
		panic(fmt.Sprintf("%s: %v", c.ID, err))
	}
	names := make([]string, len(samples))
	for i, s := range samples {
		names[i] = s.name
	}
	c.Accepts = "the talk below with each of these for " + sampleMark + ": " + strings.Join(names, "; ")
	c.Netcat = netcatOf(samples[0].put(steps))
	c.sampled, c.Ask = c.Ask, ""
	c.Run = func(t *T) {
		for i, s := range samples {
			for _, step := range s.put(steps) {
				if p := t.stepProblem(step, fmt.Sprintf("%s-%d", t.dir, i)); p != nil {
					p.Says = "with " + s.name + ", " + p.Says
					t.FailWith(p)
				}
			}
		}
	}
	return c
}

// put returns the steps with the sample in its place.
func (s sample) put(steps []step) []step {
	text := strings.NewReplacer("{", "{7b}", "}", "{7d}").Replace(s.text)
	replaced := make([]step, len(steps))
	for i, from := range steps {
		replaced[i] = from
		replaced[i].text = strings.ReplaceAll(from.text, sampleMark, text)
		replaced[i].want = nil
		for _, w := range from.want {
			replaced[i].want = append(replaced[i].want, strings.ReplaceAll(w, sampleMark, text))
		}
	}
	return replaced
}

// stepProblem asks what the step asks, and returns what is wrong with the reply.
func (t *T) stepProblem(s step, dir string) *Problem {
	x := exchange{request: mustExpand(s.text, dir), also: s.also}
	for _, w := range s.want {
		x.want = append(x.want, mustExpand(w, dir))
	}
	return t.askProblem(x)
}

// lineProblem asks line, and returns what is wrong with the reply unless it is the
// lines of want. Nothing is expanded.
func (t *T) lineProblem(line string, want ...string) *Problem {
	return t.askProblem(exchange{request: line, want: want})
}

func (t *T) askProblem(x exchange) *Problem {
	got, end, err := t.TryAsk(x.request)
	if err != nil {
		t.lost(err)
	}
	return t.problem(x, got, end)
}

// texts returns texts as samples that are named by themselves, or as Go has
// them if not all of a text can be seen.
func texts(all ...string) []sample {
	samples := make([]sample, len(all))
	for i, text := range all {
		samples[i] = sample{strconv.Quote(text), text}
		if !strings.Contains(text, "`") && isVisible(text) {
			samples[i].name = "`" + text + "`"
		}
	}
	return samples
}

func isVisible(text string) bool {
	return utf8.ValidString(text) && strings.IndexFunc(text, func(r rune) bool { return !unicode.IsGraphic(r) || r != ' ' && unicode.IsSpace(r) }) < 0
}

// characters returns samples of one character each; of every pair the second is
// what the character is called.
func characters(pairs ...string) []sample {
	var samples []sample
	for i := 0; i < len(pairs); i += 2 {
		r, _ := utf8.DecodeRuneInString(pairs[i])
		samples = append(samples, sample{fmt.Sprintf("U+%04X, %s", r, pairs[i+1]), pairs[i]})
	}
	return samples
}

// notUTF8 are the kinds of bytes that are not UTF-8.
var notUTF8 = []sample{
	{"the byte FF", "\xff"},
	{"the byte FE", "\xfe"},
	{"a Latin-1 é, the byte E9", "\xe9"},
	{"a continuation byte that continues nothing, 80", "\x80"},
	{"a continuation byte that continues nothing, BF", "\xbf"},
	{"one continuation byte too many, C3 A9 A9", "\xc3\xa9\xa9"},
	{"half of a two-byte character, C3", "\xc3"},
	{"a three-byte character cut short, E2 82", "\xe2\x82"},
	{"a four-byte character cut short, F0 9F 98", "\xf0\x9f\x98"},
	{"a slash in two bytes, C0 AF", "\xc0\xaf"},
	{"NUL in two bytes, C0 80", "\xc0\x80"},
	{"a dot in three bytes, E0 80 AE", "\xe0\x80\xae"},
	{"a euro sign in four bytes, F0 82 82 AC", "\xf0\x82\x82\xac"},
	{"a surrogate, ED A0 80", "\xed\xa0\x80"},
	{"an emoji as two surrogates, ED A0 BD ED B8 80", "\xed\xa0\xbd\xed\xb8\x80"},
	{"a number beyond U+10FFFF, F4 90 80 80", "\xf4\x90\x80\x80"},
	{"a five-byte form, F8 88 80 80 80", "\xf8\x88\x80\x80\x80"},
}

// controls are characters of the category Cc, without the tab and the LF. None
// of them may stand at the end of a line, where a CR would be dropped.
var controls = characters(
	"\x00", "NUL", "\x01", "a control character", "\a", "the bell", "\b", "backspace", "\v", "the vertical tab", "\f", "the form feed",
	"\r", "CR, not before the LF", "\x1b", "escape", "\x1c", "a separator of files", "\x1f", "a separator of units", "\x7f", "delete",
	"\u0080", "a control character of two bytes", "\u0085", "next line", "\u009b", "the control sequence introducer", "\u009f", "a control character of two bytes")

// formats are characters of the category Cf.
var formats = characters(
	"\u00ad", "the soft hyphen", "\u0600", "the Arabic number sign", "\u061c", "the Arabic letter mark", "\u180e", "the Mongolian vowel separator",
	"\u200b", "the zero-width space", "\u200c", "the zero-width non-joiner", "\u200d", "the zero-width joiner", "\u200e", "the left-to-right mark",
	"\u200f", "the right-to-left mark", "\u202a", "left-to-right embedding", "\u202e", "right-to-left override", "\u2060", "the word joiner",
	"\u2066", "left-to-right isolate", "\u2069", "pop directional isolate", "\ufeff", "the byte order mark", "\ufffb", "the interlinear annotation terminator",
	"\U000110bd", "the Kaithi number sign", "\U0001d173", "a musical format character", "\U000e0001", "the language tag", "\U000e0041", "a tag character")

// spaces are characters with the property White_Space, without SP and those
// that are control characters too.
var spaces = characters(
	"\u00a0", "the no-break space", "\u1680", "the Ogham space", "\u2000", "the en quad", "\u2003", "the em space", "\u2009", "the thin space", "\u200a", "the hair space",
	"\u2028", "the line separator", "\u2029", "the paragraph separator", "\u202f", "the narrow no-break space", "\u205f", "the mathematical space", "\u3000", "the ideographic space")
