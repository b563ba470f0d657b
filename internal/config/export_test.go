package config

// Decode is what Load does with a file that holds data.
func Decode(file string, data []byte) (*Loaded, error) {
	l := &Loaded{Settings: Default(), origins: make(map[string]string)}
	if problems := decode(file, data, &l.Settings, l.origins); len(problems) > 0 {
		return nil, &Error{problems}
	}
	return l, nil
}

// Key is a row of the table as seen from outside.
type Key struct{ Path, Flag, Variable string }

// Keys returns the table.
func Keys() []Key {
	var all []Key
	for _, k := range keys {
		all = append(all, Key{k.path, k.flag(), k.variable()})
	}
	return all
}

// Get returns one setting as text, and where it came from.
func (l *Loaded) Get(path string) (text, origin string) {
	k, _ := findKey(path)
	if k.secret() {
		return string(*k.value(&l.Settings).(secret).p), l.origins[path]
	}
	return k.value(&l.Settings).String(), l.origins[path]
}

// DecodeIntoNothing panics inside, as the YAML library might.
func DecodeIntoNothing(file string, data []byte) error {
	return &Error{decode(file, data, nil, nil)}
}

// CheckFile is what Load does with a file alone.
func CheckFile(name string) error {
	s := Default()
	if problems := readFile(name, &s, make(map[string]string)); len(problems) > 0 {
		return &Error{problems}
	}
	return nil
}
