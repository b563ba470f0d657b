package wire_test

import (
	"strings"
	"testing"
	"unicode"

	"sttp"
	"sttp/internal/wire"
)

func path(t testing.TB, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAResponseIsWrittenAsItsStatusHasIt(t *testing.T) {
	a := path(t, "/notes/a.txt")
	tests := []struct {
		resp sttp.Response
		want string
	}{
		{sttp.Response{Status: sttp.StatusCreated, Path: a}, "100 /notes/a.txt CREATED\n"},
		{sttp.Response{Status: sttp.StatusOK, Path: a, Contents: "Buy milk"}, "200 /notes/a.txt OK\nBuy milk\n"},
		{sttp.Response{Status: sttp.StatusOK, Path: a}, "200 /notes/a.txt OK\n\n"},
		{sttp.Response{Status: sttp.StatusClientError, Message: `say "x"`}, "300 - CLIENT ERROR \"say \\\"x\\\"\"\n"},
		{sttp.Response{Status: sttp.StatusFilenameTooLong, Path: a}, "310 /notes/a.txt FILENAME TOO LONG\n"},
		{sttp.Response{Status: sttp.StatusNotFound, Path: a}, "400 /notes/a.txt NOT FOUND\n"},
		{sttp.Response{Status: sttp.StatusPathNotFound, Path: a.Dir()}, "410 /notes/ PATH NOT FOUND\n"},
		{sttp.Response{Status: sttp.StatusServerError, Path: a, Message: "disk\n\x1b[31m full\xff\u202e"}, "500 /notes/a.txt SERVER ERROR \"disk??[31m full??\"\n"},
		{sttp.Response{Status: sttp.StatusCannotCreatePath, Path: a.Dir()}, "510 /notes/ CANNOT CREATE PATH\n"},
		{sttp.Response{Status: sttp.StatusDeleted, Path: a}, "600 /notes/a.txt DELETED\n"},
	}
	for _, test := range tests {
		if got := string(wire.AppendResponse(nil, test.resp)); got != test.want {
			t.Errorf("%+v is written as %q, want %q", test.resp, got, test.want)
		}
	}
}

func TestALongMessageIsCutBetweenCharacters(t *testing.T) {
	for shift := range 4 {
		long := strings.Repeat("x", shift) + strings.Repeat("😀", wire.MaxMessage)
		line := string(wire.AppendResponse(nil, sttp.Response{Status: sttp.StatusServerError, Message: long}))
		if len(line) > wire.MaxMessage+40 || strings.Contains(line, "?") {
			t.Errorf("shifted by %d the line has %d bytes and ends %q", shift, len(line), line[len(line)-10:])
		}
	}
}

// Shows [6.1-5] [6.4-2] of docs/protocol.md.
func TestTheLongestStatusLineHasAtMost4096Bytes(t *testing.T) {
	longest := path(t, strings.Repeat("/ab", 341)+"/")
	quotes := strings.Repeat(`"`, 1024)
	for _, status := range sttp.Statuses() {
		for _, message := range []string{quotes, quotes + quotes, strings.Repeat("😀", 1024), strings.Repeat("\xff", 1024)} {
			resp := sttp.Response{Status: status, Path: longest, Message: message}
			line, _, _ := strings.Cut(string(wire.AppendResponse(nil, resp)), "\n")
			if len(line) > 4096 {
				t.Errorf("%s: the status line has %d bytes", status, len(line))
			}
			got, err := wire.ParseStatusLine([]byte(line))
			if err != nil || got.Path != longest {
				t.Errorf("%s: the status line %.20q… is read as %v, %v", status, line, got.Path, err)
			}
			if status.HasMessage() && message[0] == '"' && got.Message != quotes {
				t.Errorf("%s: 1,024 of %d quotes arrive as %d", status, len(message), len(got.Message))
			}
		}
	}
}

func TestWhatIsNoStatusLineIsRecognised(t *testing.T) {
	for _, line := range []string{"", "200", "200 /a", "200 /a OKAY", "200 a OK", "2000 /a OK", "20 /a OK", "+00 /a OK", "700 /a OK",
		"200  /a OK", "400 /a NOT FOUND \"x\"", "SHOW /a", "200 /a NOT FOUND", "300 /a CLIENT ERRORx", "200 // OK"} {
		if resp, err := wire.ParseStatusLine([]byte(line)); err == nil {
			t.Errorf("%q is parsed as %+v", line, resp)
		}
	}
}

func FuzzReply(f *testing.F) {
	for _, seed := range []string{"200 /a OK", "300 - CLIENT ERROR \"x\"", "410 /a/ PATH NOT FOUND", "500 /a SERVER ERROR \"\\\"\"",
		"300 /a CLIENT ERROR bare words", "500 - SERVER ERROR", "600 /ä DELETED", "300 - CLIENT ERROR \"a\\b\""} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		resp, err := wire.ParseStatusLine(line)
		if err != nil {
			return
		}
		// What a foreign server put into its message may be cleaned when it is
		// written; what we have written is read back as it is.
		written := wire.AppendResponse(nil, resp)
		again, err := wire.ParseStatusLine([]byte(strings.SplitN(string(written), "\n", 2)[0]))
		if err != nil {
			t.Fatalf("%q is written as %q: %v", line, written, err)
		}
		rewritten := wire.AppendResponse(nil, again)
		if string(rewritten) != string(written) {
			t.Fatalf("%q is written as %q, then as %q", line, written, rewritten)
		}
		for _, r := range strings.TrimSuffix(string(written), "\n") {
			if unicode.IsControl(r) && r != '\n' {
				t.Fatalf("%q is written with a control character: %q", line, written)
			}
		}
	})
}

func BenchmarkAppendShow(b *testing.B) {
	resp := sttp.Response{Status: sttp.StatusOK, Path: path(b, "/snippets/snippet_1.txt"), Contents: "This is pre-defined snippet number 2"}
	buf := make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = wire.AppendResponse(buf[:0], resp)
	}
}
