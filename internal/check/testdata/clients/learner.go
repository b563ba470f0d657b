// Learner is a client as somebody writes it who follows the guide and nothing
// else. With WRONG it has one mistake that learners make.
package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"strings"
	"time"
)

var wrong = os.Getenv("WRONG")

const usage = `learner [-v] [-a ADDRESS] [-p PORT] create|show|list|update|delete URL [content]`

func main() {
	address, port, verbose := "localhost", "8080", false
	args := os.Args[1:]
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch args[0] {
		case "-h", "--help":
			fmt.Println(usage)
			return
		case "-v", "--verbose":
			verbose = true
		case "-a", "--address":
			address, args = args[1], args[1:]
		case "-p", "--port":
			port, args = args[1], args[1:]
		}
		args = args[1:]
	}
	if len(args) < 2 {
		fail(usage)
	}
	action, path := strings.ToUpper(args[0]), args[1]
	if !strings.HasPrefix(path, "/") {
		u, err := url.Parse(path)
		if err != nil {
			fail(err)
		}
		address, path = u.Hostname(), u.Path
		if port = u.Port(); port == "" {
			port = "8080"
		}
	}
	if wrong == "lower" {
		action = args[0]
	}
	if wrong == "url" {
		path = args[1]
	}
	line := action + " " + path
	if len(args) > 2 {
		content := args[2]
		if wrong == "cut" {
			content, _, _ = strings.Cut(content, " ")
		}
		if wrong == "quotes" {
			content = `"` + content + `"`
		}
		line += " " + content
	}
	if verbose {
		fmt.Fprintln(os.Stderr, line)
	}
	reply, err := ask(net.JoinHostPort(address, port), line)
	if wrong == "retry" && (err != nil || reply == "") {
		reply, err = ask(net.JoinHostPort(address, port), line)
	}
	if err != nil {
		fail(err)
	}
	status, contents, _ := strings.Cut(reply, "\n")
	if wrong == "silent" {
		return
	}
	if wrong == "unquote" {
		contents = strings.ReplaceAll(contents, `"`, "")
	}
	if wrong != "status" && !strings.HasPrefix(status, "100 ") && !strings.HasPrefix(status, "200 ") && !strings.HasPrefix(status, "600 ") {
		fail(status)
	}
	fmt.Println(status)
	fmt.Print(contents)
}

// ask sends a request and returns all that the server sends.
func ask(server, line string) (string, error) {
	conn, err := net.DialTimeout("tcp", server, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	switch wrong {
	case "unended":
		fmt.Fprint(conn, line)
	case "waits":
		fmt.Fprint(conn, line+"\n")
	case "twice":
		fmt.Fprint(conn, line+"\n"+line+"\n\n")
	default:
		fmt.Fprint(conn, line+"\n\n")
	}
	if wrong != "endless" {
		conn.SetDeadline(time.Now().Add(time.Second))
	}
	var b strings.Builder
	_, err = io.Copy(&b, bufio.NewReader(conn))
	return b.String(), err
}

func fail(what any) {
	fmt.Fprintln(os.Stderr, "learner:", what)
	os.Exit(1)
}
