package config_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"sttp/internal/config"
)

// The archive holds pairs of files: a settings file that is wrong, and the
// text of its error.
func TestEveryErrorOfAFileIsRenderedWithItsLineAndACaret(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/errors.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) < 2 || len(archive.Files)%2 != 0 {
		t.Fatalf("the archive holds %d files, which are no pairs", len(archive.Files))
	}
	for i := 0; i < len(archive.Files); i += 2 {
		file, want := archive.Files[i], archive.Files[i+1]
		t.Run(strings.TrimSuffix(file.Name, ".yaml"), func(t *testing.T) {
			if want.Name != "error" {
				t.Fatalf("%s stands where the error belongs", want.Name)
			}
			_, err := config.Decode("sttp.yaml", file.Data)
			equal(t, err, strings.TrimSuffix(string(want.Data), "\n"))
		})
	}
}

func TestWhatDoesNotPrintIsEscapedAndTheCaretStaysInItsPlace(t *testing.T) {
	long := strings.Repeat("x", 100)
	for name, c := range map[string]struct{ file, want string }{
		"tabs": {"port:\t\tx\t# y\n", `
sttp.yaml:1:8: port: "x" is no whole number
  1 | port:\t\tx\t# y
    |          ^
  right would be a number from 0 to 65535, as in ` + "`port: 8080`"},
		"multi-byte, combining and wide characters": {"cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}", `
sttp.yaml:1:9: cache: unknown key "é"
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |         ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis
sttp.yaml:1:15: cache: unknown key "q̇"
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |               ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis
sttp.yaml:1:22: cache: unknown key "日本"
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |                     ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis
sttp.yaml:1:29: cache: unknown key "🙂"
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |                              ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis
sttp.yaml:1:35: cache: unknown key "ｗ"
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |                                     ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis
sttp.yaml:1:41: cache: unknown key z
  1 | cache: {é: 1, q̇: 2, 日本: 3, 🙂: 4, ｗ: 5, z: 6}
    |                                            ^
  the keys here are enabled, backend, max_files, max_size, expiration and redis`},
		"backslashes": {`{docroot: "\\\\", port: x}`, `
sttp.yaml:1:25: port: "x" is no whole number
  1 | {docroot: "\\\\", port: x}
    |                         ^
  right would be a number from 0 to 65535, as in ` + "`port: 8080`"},
		"signs that the library drops": {"!!!!", `
sttp.yaml:1:1: broken YAML
  1 | !!!!
    | ^
  right would be lines such as ` + "`port: 8080`, with quotes around text that holds a colon"},
		"a long name": {long + ": 1", `
sttp.yaml:1:1: unknown key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"…
  1 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    | ^
  the keys here are listen_address, port, docroot, cache, log, limits and storage`},
		"an escape sequence": {"# \x1b]0;x\aport\n", `
sttp.yaml:1:3: the control character U+001B is no text
  1 | # \x1b]0;x\aport
    |   ^
  right would be a text file in UTF-8`},
		"a control character of two bytes": {"port: \u0085\n", `
sttp.yaml:1:7: the control character U+0085 is no text
  1 | port: \u0085
    |       ^
  right would be a text file in UTF-8`},
		"a carriage return in a line": {"port: 1\rport: 2\n", `
sttp.yaml:1:8: the control character U+000D is no text
  1 | port: 1\rport: 2
    |        ^
  right would be a text file in UTF-8`},
		"format characters": {"docroot: \u202e1\n'x\u00a0y': 1\n", `
sttp.yaml:1:10: docroot: "\u202e1" holds control or format characters
  1 | docroot: \u202e1
    |          ^
  right would be the path of a directory, as in ` + "`docroot: \"./sttp-files\"`" + `
sttp.yaml:2:1: unknown key "x\u00a0y"
  2 | 'x\u00a0y': 1
    | ^
  the keys here are listen_address, port, docroot, cache, log, limits and storage`},
		"no UTF-8": {"a: é\xff\xfe\n", `
sttp.yaml:1:5: the byte 0xff is not UTF-8
  1 | a: é\xff\xfe
    |     ^
  right would be a text file in UTF-8`},
		"UTF-16": {"\xff\xfep\x00o\x00", `
sttp.yaml:1:1: the byte 0xff is not UTF-8
  1 | \xff\xfep\x00o\x00
    | ^
  right would be a text file in UTF-8`},
		"a byte order mark and CRLF": {"\ufeffport: x\r\nlog: 1\r\n", `
sttp.yaml:1:7: port: "x" is no whole number
  1 | port: x
    |       ^
  right would be a number from 0 to 65535, as in ` + "`port: 8080`" + `
sttp.yaml:2:6: log: a number stands where keys belong
  2 | log: 1
    |      ^
  right would be keys below ` + "`log:`" + `, indented by two spaces: level or format`},
		"a long line": {"{docroot: '" + long + "', port: " + long + "}", `
sttp.yaml:1:121: port: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"… is no whole number
  1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx', port: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
    |                                                             ^
  right would be a number from 0 to 65535, as in ` + "`port: 8080`"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Decode("sttp.yaml", []byte(c.file))
			equal(t, err, c.want[1:])
		})
	}
}

func TestAFileThatIsTooLargeIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ file, want string }{
		"bytes": {"port: 1 #" + strings.Repeat("x", 1<<20), "sttp.yaml: the settings file has more than 1048576 bytes"},
		"lines": {strings.Repeat("\n", 5000) + "port: 1", `
sttp.yaml:5001:1: the settings file has more than 5000 lines
  5001 | port: 1
       | ^`[1:]},
		"words and signs": {"docroot: [" + strings.Repeat("x,", 5000) + "]\n", `
sttp.yaml:1:10008: the settings file has more than 10000 words and signs
  1 | …x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,x,]
    |                                                             ^`[1:]},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Decode("sttp.yaml", []byte(c.file))
			equal(t, err, c.want)
		})
	}
	large := write(t, "port: 1 #"+strings.Repeat("x", 1<<20))
	equal(t, config.CheckFile(large), large+": the settings file has more than 1048576 bytes")
	fits := "port: 1 #" + strings.Repeat("x", 1<<20-9)
	if _, err := config.Decode("sttp.yaml", []byte(fits)); err != nil {
		t.Errorf("a file of 1 MiB: %v", err)
	}
}

func TestOnlyTheFirstProblemsOfManyAreTold(t *testing.T) {
	var file strings.Builder
	for i := range 25 {
		fmt.Fprintf(&file, "xx%d: 1\n", i)
	}
	_, err := config.Decode("sttp.yaml", []byte(file.String()))
	if text := err.Error(); strings.Count(text, "unknown key") != 20 || !strings.HasSuffix(text, "\nand 5 more") {
		t.Errorf("the error of 25 unknown keys is\n%s", text)
	}
}

func TestAPanicWhileTheFileIsReadMeansThatItIsBroken(t *testing.T) {
	err := config.DecodeIntoNothing("sttp.yaml", []byte("port: 1\n"))
	equal(t, err, `
sttp.yaml:1:1: broken YAML: runtime error: invalid memory address or nil pointer dereference
  1 | port: 1
    | ^
  right would be lines such as `[1:]+"`port: 8080`, with quotes around text that holds a colon")
}

func TestFilesWithoutSettingsAreFine(t *testing.T) {
	for _, file := range []string{"", "\n", "# nothing\n", "---\n", "---\n# nothing\n...\n", "{}", "cache:\nlog: ~\nlimits: {}\n", "\ufeff"} {
		l, err := config.Decode("sttp.yaml", []byte(file))
		if err != nil {
			t.Errorf("%q: %v", file, err)
		} else if l.Settings != defaults {
			t.Errorf("%q gives %+v", file, l.Settings)
		}
	}
}

func FuzzSettings(f *testing.F) {
	archive, err := txtar.ParseFile("testdata/errors.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		f.Add(archive.Files[i].Data)
	}
	for _, seed := range []string{
		"", "port: 1", "---\nlog: {level: warn}\n...\n", "cache:\n  expiration: 0 # never\n", "\ufeff\"port\": 1\r\n",
		"docroot: 'a ''b'' #'\nlisten_address: \"::\"\n", "docroot: \"\\u3000\\U0001F600\\\"\\\\\"\n", "docroot: a\n  b\n", "docroot: a\tb",
		"!!!!", "port: 1 !", "? ? ?", "\x1b", "\xff", "port: |\n", "port: >\n\n\n", "a: {", "'", "\"\\", "- - -", "%", "&", "*", "@", "<<: <<", ": :",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := config.Decode("sttp.yaml", data)
		if err != nil {
			checkProblems(t, err.(*config.Error), data)
			return
		}
		text := printed(t, l)
		again, err := config.Decode("printed", []byte(text))
		if err != nil {
			t.Fatalf("what was printed does not load: %v\n%s", err, text)
		}
		l.Settings.Cache.Redis.Password = "" // is not printed
		if again.Settings != l.Settings {
			t.Fatalf("%+v becomes %+v by way of\n%s", l.Settings, again.Settings, text)
		}
	})
}

// checkProblems checks that an error stays on the screen and in the file.
func checkProblems(t *testing.T, e *config.Error, data []byte) {
	text := e.Error()
	if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || 0x7f <= r && r < 0xa0 }) {
		t.Errorf("this error does not print: %q", text)
	}
	if len(e.Problems) == 0 {
		t.Error("an error without a problem")
	}
	lines := strings.Split(string(data), "\n")
	for _, p := range e.Problems {
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > utf8.RuneCountInString(lines[p.Line-1])+1 {
			t.Errorf("the problem is at %d:%d, which is outside the file: %s", p.Line, p.Column, p)
		}
		if n := strings.Count(p.String(), "\n"); n > 3 {
			t.Errorf("a problem has %d lines: %s", n+1, p)
		}
	}
}
