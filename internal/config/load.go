package config

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"sttp/internal/cli"
)

// Flags are the flags that AddFlags added.
type Flags struct {
	file     flag
	settings []*flag // in the order of the table
}

// flag keeps what the command line says until Load checks it together with
// everything else.
type flag struct {
	kind  string
	text  string // the default until the flag is given
	given bool
}

func (f *flag) Set(s string) error { f.text, f.given = s, true; return nil }
func (f *flag) String() string     { return f.text }
func (f *flag) Type() string       { return f.kind }

// AddFlags adds to fs --config and a flag for each setting. The flags accept
// any text; it is Load that checks it, once fs has parsed the command line.
func AddFlags(fs *pflag.FlagSet) *Flags {
	f := &Flags{file: flag{kind: "file"}}
	fs.Var(&f.file, "config", "settings file (YAML)")
	defaults := Default()
	for _, k := range keys {
		v := k.value(&defaults)
		added := &flag{kind: v.kind(), text: v.String()}
		pf := fs.VarPF(added, k.flag(), "", fmt.Sprintf("%s (%s; default %s)", k.doc, v.right(), cmp.Or(v.String(), "none")))
		pf.DefValue = "" // pflag would say the default again, but leave out 0
		if v.kind() == "bool" {
			pf.NoOptDefVal = "true"
		}
		f.settings = append(f.settings, added)
	}
	return f
}

// File returns the name that --config gave, or "".
func (f *Flags) File() string { return f.file.text }

// Loaded is what Load returns.
type Loaded struct {
	Settings Settings
	Warnings []string // each one line, safe to print

	origins map[string]string // by the path of the key; what is missing is a default
}

// Load returns the settings in force: flags over the variables in environ (as
// of os.Environ) over the file that --config names over the defaults. The
// error, an *Error, says everything that is wrong in any of them.
//
// A variable that begins with STTP_ and is nearly, but not quite, one of a
// setting is a warning; any other variable is another program's.
func (f *Flags) Load(environ []string) (*Loaded, error) {
	l := &Loaded{Settings: Default(), origins: make(map[string]string)}
	var problems []Problem
	if f.file.given {
		problems = readFile(f.file.text, &l.Settings, l.origins)
	}
	env := environment(environ)
	for i, k := range keys {
		if text := env[k.variable()]; text != "" {
			l.origins[k.path] = "variable " + k.variable()
			if err := k.value(&l.Settings).set(text); err != nil {
				problems = append(problems, k.problem(k.variable(), text, err))
			}
		}
		if given := f.settings[i]; given.given {
			name := "--" + k.flag()
			l.origins[k.path] = "flag " + name
			if err := k.value(&l.Settings).set(given.text); err != nil {
				problems = append(problems, k.problem(name, given.text, err))
			}
		}
	}
	if len(problems) > 0 {
		return nil, &Error{problems}
	}
	l.Warnings = append(misspelled(environ), l.unused()...)
	return l, nil
}

// environment returns the variables that may be settings. Of a name that is
// there twice the first counts, as for os.Getenv.
func environment(environ []string) map[string]string {
	env := make(map[string]string)
	for _, entry := range environ {
		name, text, _ := strings.Cut(entry, "=")
		if _, seen := env[name]; !seen && strings.HasPrefix(name, variablePrefix) {
			env[name] = text
		}
	}
	return env
}

// misspelled returns a warning for each variable that looks like a mistake.
func misspelled(environ []string) []string {
	known := make([]string, len(keys))
	for i, k := range keys {
		known[i] = strings.TrimPrefix(k.variable(), variablePrefix)
	}
	var warnings []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		rest, ours := strings.CutPrefix(name, variablePrefix)
		if meant, ok := cli.DidYouMean(rest, known); ours && ok && meant != rest {
			warnings = append(warnings, "the variable "+visible(name)+" is no setting; did you mean "+variablePrefix+meant+"?")
		}
	}
	return warnings
}

// unused returns a warning for each setting that was given and means nothing
// beside the others. A file may hold all settings; of those in one only docroot,
// without which there once was no server, is worth a word.
func (l *Loaded) unused() []string {
	var warnings []string
	for _, k := range keys {
		origin, given := l.origins[k.path]
		instead := l.Settings.insteadOf(k.path)
		if given && instead != "" && (k.path == "docroot" || !strings.HasPrefix(origin, "file ")) {
			warnings = append(warnings, k.path+" ("+origin+") has no effect: "+instead)
		}
	}
	return warnings
}

// insteadOf says what counts instead of the setting with that path, if that has
// no effect.
func (s *Settings) insteadOf(path string) string {
	inRedis := strings.HasPrefix(path, "cache.redis.")
	switch {
	case path == "docroot" && s.Storage.Engine == EngineSQLite:
		return "with storage.engine sqlite the snippets are in storage.sqlite.path, " + visible(s.Storage.SQLite.Path)
	case strings.HasPrefix(path, "storage.sqlite.") && s.Storage.Engine == EngineFiles:
		return "with storage.engine files the snippets are in docroot, " + visible(s.Docroot)
	case (inRedis || path == "cache.backend") && !s.Cache.Enabled:
		return "cache.enabled is false"
	case inRedis && s.Cache.Backend == CacheMemory:
		return "with cache.backend memory there is no Redis"
	case (path == "cache.max_files" || path == "cache.max_size") && s.Cache.Enabled && s.Cache.Backend == CacheRedis:
		return "with cache.backend redis nothing is kept in memory"
	}
	return ""
}

// problem says what is wrong with text, which the flag or variable called name
// holds. err is what set returned for it.
func (k key) problem(name, text string, err error) Problem {
	sample := k.initial
	if f, ok := err.(*fault); ok && f.instead != "" {
		sample = f.instead
	}
	return Problem{
		Name:    name,
		Message: k.shown(text) + " " + err.Error(),
		Hint:    "right would be " + k.value(new(Settings)).right() + example(name, sample),
	}
}

// example returns how a flag or variable called name is given, if there is a
// sample.
func example(name, sample string) string {
	if sample == "" {
		return ""
	}
	return ", as in " + name + "=" + sample
}
