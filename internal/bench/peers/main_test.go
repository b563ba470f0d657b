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
		lie(os.Args[1])
	}
}

// burn takes 150 ms of processor time, tells how much that was in all, and stays
// until its input ends.
func burn() {
	var u syscall.Rusage
	took := func() time.Duration {
		syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	for took() < 150*time.Millisecond {
	}
	fmt.Println(took())
	os.Stdin.Read(make([]byte, 1))
}

// lie is a server that speaks enough of Redis's protocol, and answers the 50th GET
// with a text that nobody wrote.
func lie(port string) {
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
					text := texts[words[1]]
					if gets++; gets == 50 {
						text = "nobody wrote this, not even here"
					}
					fmt.Fprintf(c, "$%d\r\n%s\r\n", len(text), text)
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
