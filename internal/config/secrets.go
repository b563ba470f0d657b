package config

import (
	"regexp"
	"strings"
)

// secret tells whether the setting is one that is never shown.
func (k key) secret() bool {
	_, is := k.value(new(Settings)).(secret)
	return is
}

// shown returns text, which was given for k, as it can be printed.
func (k key) shown(text string) string {
	if k.secret() {
		return "what is given"
	}
	return quote(text)
}

// mayHide tells whether a line may hold a secret, or the key of one, also where
// that is misspelled.
var mayHide = regexp.MustCompile(`(?i)pas|pwd|sword|secret`).MatchString

// hides tells whether a line of the file, counted from 1, may show a secret: it
// has something like the key of one, or goes on with what such a line began.
// That errs on the safe side, since the file may be broken.
func (src *source) hides(line int) bool {
	for i := line; i > 0; i-- {
		text := src.lines[i-1]
		if mayHide(text) {
			return true
		}
		if beginsWithKey(text) {
			return false
		}
	}
	return false
}

// beginsWithKey tells whether a line begins with one of our keys or sections, so
// that it goes on with nothing.
func beginsWithKey(line string) bool {
	name, _, found := strings.Cut(strings.TrimSpace(line), ":")
	if !found {
		return false
	}
	for _, k := range keys {
		for part := range strings.SplitSeq(k.path, ".") {
			if part == name {
				return true
			}
		}
	}
	return false
}
