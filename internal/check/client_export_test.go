package check

// Unquote returns the text that contents stand for.
func Unquote(raw string) (text string, quoted, ok bool) { return unquote(raw) }
