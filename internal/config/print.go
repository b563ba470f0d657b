package config

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// WriteYAML writes the settings as a settings file that loads to the same
// settings, and says in a comment where each came from. A secret is left out: a
// comment stands in its place. The error is w's.
func (l *Loaded) WriteYAML(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# The settings in force, and where each comes from.\n")
	var open []string // the sections that the last key stood in
	for _, k := range keys {
		sections := strings.Split(k.path, ".")
		sections = sections[:len(sections)-1]
		for i := common(open, sections); i < len(sections); i++ {
			fmt.Fprintf(&b, "%s%s:\n", indent(i), sections[i])
		}
		open = sections
		origin := l.origins[k.path]
		if origin == "" {
			origin = "default"
		}
		v := k.value(&l.Settings)
		if k.secret() && v.String() != "" {
			fmt.Fprintf(&b, "%s# %s is set and not shown # %s\n", indent(len(sections)), k.name(), origin)
			continue
		}
		fmt.Fprintf(&b, "%s%s: %s # %s\n", indent(len(sections)), k.name(), scalar(v), origin)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// common returns how many elements a and b begin with alike.
func common(a, b []string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

func indent(depth int) string { return strings.Repeat("  ", depth) }

// scalar returns v as YAML has it. Free text stands in double quotes, whose
// escapes are the same in YAML and Go as long as it is UTF-8; the texts of all
// other values are plain words.
func scalar(v value) string {
	switch v.(type) {
	case text, secret:
		return strconv.Quote(v.String())
	}
	return v.String()
}

// MarkdownTable returns the table of all settings for the README.
func MarkdownTable() string {
	var b strings.Builder
	b.WriteString("| Key | Default | Takes | What it is |\n|---|---|---|---|\n")
	for _, k := range keys {
		initial := "none"
		if k.initial != "" {
			initial = "`" + k.initial + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.path, initial, k.value(new(Settings)).right(), k.doc)
	}
	return b.String()
}
