//go:build unix

package peers_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"sttp/internal/cli/clitest"
)

// role is the variable by which this test binary is told to be something else.
const role = "PEERS_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		clitest.Main(m, nil)
	case "burner":
		burn()
	case "liar":
		serve(os.Args[1], func(gets int, text string) string {
			if gets == 50 {
				text = "nobody wrote this, not even here"
			}
			return bulk(text)
		})
	case "loading":
		var first time.Time
		serve(os.Args[1], func(gets int, text string) string {
			if gets == 1 {
				first = time.Now()
			}
			if time.Since(first) < 150*time.Millisecond {
				return "-LOADING\r\n"
			}
			return bulk(text)
		})
	case "mortal":
		serve(os.Args[1], func(gets int, text string) string {
			if gets == 50 {
				os.Exit(7)
			}
			return bulk(text)
		})
	}
}

// burn takes 80 ms of processor time, tells how much that was in all, and stays
// until its input ends.
func burn() {
	var u syscall.Rusage
	took := func() time.Duration {
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for took() < 80*time.Millisecond {
	}
	fmt.Println(took())
	os.Stdin.Read(make([]byte, 1))
}

// bulk returns a text as Redis answers with it.
func bulk(text string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(text), text) }

// serve is a server that speaks enough of Redis's protocol. What it answers to the
// nth GET, of a key that holds a text, answer says.
func serve(port string, answer func(n int, text string) string) {
	l, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		panic(err)
	}
	requests := make(chan func(), 1)
	go func() {
		for work := range requests {
			work()
		}
	}()
	texts, gets := map[string]string{}, 0
	for {
		c, err := l.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			r := bufio.NewReader(c)
			for {
				words := command(r)
				if words == nil {
					return
				}
				requests <- func() {
					if words[0] == "SET" {
						texts[words[1]] = words[2]
						fmt.Fprint(c, "+OK\r\n")
						return
					}
					gets++
					fmt.Fprint(c, answer(gets, texts[words[1]]))
				}
			}
		}()
	}
}

// command reads a request, nil if there is none.
func command(r *bufio.Reader) (words []string) {
	line := func() string {
		s, _ := r.ReadString('\n')
		return strings.TrimSuffix(s, "\r\n")
	}
	var n int
	if _, err := fmt.Sscanf(line(), "*%d", &n); err != nil {
		return nil
	}
	for range n {
		line() // its length
		words = append(words, line())
	}
	return words
}
