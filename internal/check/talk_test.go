package check_test

import (
	"bufio"
	"io"
	"net"
	"testing"

	"sttp/internal/check"
)

func TestATalkThatMakesNoSenseIsRefused(t *testing.T) {
	for _, c := range []struct {
		about, text string
		asked, ok   bool
	}{
		{"a request and its reply", "> SHOW /a\n< 400 /a NOT FOUND", true, true},
		{"a 200 with its contents", "> SHOW /a\n< 200 /a OK\n< x", true, true},
		{"tabs before a step", "\t\t> SHOW /a\n\t\t< 400 /a NOT FOUND\n\t\t~ 410", true, true},
		{"a session", "> SHOW /a\n>> SH\n>> OW /b\nshut\n< 400 /a NOT FOUND\n< 300 - CLIENT ERROR \"…\"\nend", false, true},
		{"repetitions and bytes", "> CREATE {d}/{x*32} {c3a9}{0d}\n< 100 {d}/{x*32} CREATED", true, true},
		{"no reply", "> SHOW /a", true, false},
		{"a 200 without contents", "> SHOW /a\n< 200 /a OK", true, false},
		{"contents after a 400", "> SHOW /a\n< 400 /a NOT FOUND\n< x", true, false},
		{"a step of a session where each request has its own", "> SHOW /a\nshut", true, false},
		{"an unknown step", "? SHOW /a", true, false},
		{"a status that is no number", "> SHOW /a\n< 400 /a NOT FOUND\n~ often", true, false},
		{"a brace that is not closed", "> SHOW /{d\n< 400 /a NOT FOUND", true, false},
		{"an unknown brace", "> SHOW /{dir}\n< 400 /a NOT FOUND", true, false},
	} {
		if err := check.TalkError(c.text, c.asked); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.about, err)
		}
	}
}

func TestAReplyThatIsCutOffByAResetIsSaidToBe(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			bufio.NewReader(c).ReadString('\n')
			io.WriteString(c, "200 /a OK\nb.txt, a")
			c.(*net.TCPConn).SetLinger(0)
			c.Close()
		}
	}()
	lists := record("001", func(t *check.T) { t.Want("LIST /a", "200 /a OK", "a.txt, b.txt, c.txt") })
	if r := outcomes(t, check.Options{Address: l.Addr().String()}, lists).Results[0]; r.Problem == nil || r.Problem.Symptom != check.WasReset {
		t.Errorf("%s: %+v", r.Says, r.Problem)
	}
}
