package check

import "time"

// clientCases are those of a client instead of a server.
func clientCases() []Case {
	var all []Case
	for _, group := range [][]Case{clientCallCases(), clientPathCases(), clientContentCases(), clientReplyCases()} {
		all = append(all, group...)
	}
	for i := range all {
		c := &all[i]
		c.Story, c.Needs, c.Limit = "client", c.Needs|Client, max(c.Limit, clientCaseLimit)
		if !c.Slow && c.ID != clientBasic && c.Section() > "2.1" {
			c.After = append(c.After, clientBasic)
		}
	}
	return all
}

const (
	// clientCaseLimit is how long a case may take that calls a client many
	// times: some need half a second to start.
	clientCaseLimit = 30 * time.Second
	// clientBasic is the case without which others say nothing.
	clientBasic = "STTP-2.2-CLIENT-001"

	clientURL = "sttp://HOST:PORT" + clientPath
)

// clientTry returns a line for a shell that plays the server with netcat, and
// calls the client.
func clientTry(reply string, args ...string) string {
	return "printf " + printfQuote(reply) + " | nc -N -l HOST PORT & sleep 1; " + commandLine("CLIENT", args)
}

var clientOK = "200 " + clientPath + " OK\n"

// clientCallCases are about calling the client, and about its session.
func clientCallCases() []Case {
	show := []string{"show", clientURL}
	return []Case{
		{
			ID: "STTP-2.1-CLIENT-001", Title: "A client that is given a URL without a port connects to port 8080",
			Statements: []string{"2.1-1"}, Strict: Must, Guide: Must,
			Run: runDefaultPort("show", "sttp://HOST"+clientPath), Accepts: "the request arrives at port 8080",
			Netcat: "nc -l 127.0.0.1 8080 & sleep 1; CLIENT show sttp://127.0.0.1" + clientPath,
			Hints:  []Hint{{NothingSent, "if the URL has no port, the port is 8080; a function that splits host and port may fail if there is no colon"}},
		},
		{
			ID: "STTP-2.1-CLIENT-002", Title: "In the older form, without -p, the port is 8080 as well",
			Statements: []string{"2.1-1"}, Strict: Robust, Guide: Must,
			Run: runDefaultPort("-a", "HOST", "show", clientPath), Accepts: "the request arrives at port 8080 of the address",
			Netcat: "nc -l 127.0.0.1 8080 & sleep 1; CLIENT -a 127.0.0.1 show " + clientPath,
			Hints:  []Hint{{NothingSent, "an argument that begins with / is a path; the server is then the one of -a or --address (localhost if it is not given) and -p or --port (8080)"}},
		},
		{
			ID: "STTP-2.1-CLIENT-003", Title: "A client may send more before it has the reply",
			Statements: []string{"2.1-4"}, Strict: Choice, Guide: Unchecked,
			Run: runPipelining, Accepts: "anything; the report says what the client sends before the reply",
			Netcat: clientTry(clientOK+obeyContents+"\n", show...),
		},
		{
			ID: "STTP-2.1-CLIENT-004", Title: "A client says that no server is there, and fails",
			Statements: []string{"2.1-1"}, Strict: Robust, Guide: Robust,
			Run: runNobody, Accepts: "an exit code that is not 0 and a message, at once",
			Netcat: commandLine("CLIENT", show),
			Hints:  []Hint{{WrongExit, "the connection was refused: tell the user on standard error, and end with an exit code that is not 0"}},
		},
		{
			ID: "STTP-2.1-CLIENT-005", Title: "A client does not wait for ever for a server that says nothing",
			Statements: []string{"2.1-1"}, Strict: Robust, Guide: Unchecked, Slow: true,
			Run: runSilence, Accepts: "an exit code that is not 0 within 15 seconds",
			Netcat: "nc -l HOST PORT & sleep 1; " + commandLine("CLIENT", show),
			Hints:  []Hint{{ClientHangs, "set a deadline for the whole call when the connection is made, 5 seconds for instance; tell the user when it has passed"}},
		},
		{
			ID: clientBasic, Title: "A client called with show and a URL sends SHOW and the path, one line that ends with LF",
			Statements: []string{"2.2-1", "5.1-1", "5.1-2"}, Strict: Must, Guide: Must,
			Run: runSends("SHOW "+clientPath, show), Accepts: "that line, and perhaps an empty one after it",
			Netcat: clientTry(clientOK+obeyContents+"\n", show...),
		},
		{
			ID: "STTP-2.2-CLIENT-002", Title: "A client resolves the name of the host in a URL",
			Statements: []string{"2.2-1"}, Strict: Robust, Guide: Must,
			Run: runSends("SHOW "+clientPath, []string{"show", "sttp://localhost:PORT" + clientPath}), Accepts: "the request arrives",
			Netcat: clientTry(clientOK+obeyContents+"\n", "show", "sttp://localhost:PORT"+clientPath),
			Hints:  []Hint{{NothingSent, "a host can be a name: look it up, or give it to a function that does (in Go net.Dial, in Python socket.create_connection)"}},
		},
		{
			ID: "STTP-2.2-CLIENT-003", Title: "In the older form, a path with -a and -p, the same is sent",
			Statements: []string{"2.2-1"}, Strict: Robust, Guide: Must,
			Run: runSends("SHOW "+clientPath, []string{"-a", "HOST", "-p", "PORT", "show", clientPath},
				[]string{"--address", "HOST", "--port", "PORT", "show", clientPath}),
			Accepts: "the request arrives",
			Netcat:  clientTry(clientOK+obeyContents+"\n", "-a", "HOST", "-p", "PORT", "show", clientPath),
			Hints:   []Hint{{NothingSent, "an argument that begins with / is a path; the server is then the one of -a or --address, and -p or --port"}},
		},
		{
			ID: "STTP-2.2-CLIENT-004", Title: "With -v or --verbose the same is sent",
			Statements: []string{"2.2-1"}, Strict: Robust, Guide: Must,
			Run:     runSends("SHOW "+clientPath, []string{"-v", "show", clientURL}, []string{"--verbose", "show", clientURL}),
			Accepts: "the request arrives", Netcat: clientTry(clientOK+obeyContents+"\n", "-v", "show", clientURL),
			Hints: []Hint{{NothingSent, "options come before the action: CLIENT -v show URL; both -v and --verbose are taken"}},
		},
		{
			ID: "STTP-2.2-CLIENT-005", Title: "With -h or --help a client explains itself",
			Statements: []string{"2.2-1"}, Strict: Robust, Guide: Must,
			Run: runHelp, Accepts: "something is printed; in profile strict the exit code is 0", Netcat: "CLIENT -h; CLIENT --help",
			Hints: []Hint{{NotShown, "print how the client is called: its options, the actions, and an example of a URL"},
				{WrongExit, "help that was asked for is no failure: exit code 0"}},
		},
		{
			ID: "STTP-2.3-CLIENT-001", Title: "A client ends its session with an empty line or by ending its side",
			Statements: []string{"2.3-5"}, Strict: Should, Guide: Should,
			Run: runEnd, Accepts: "an empty line after the request, or the end of what the client sends; no reset",
			Netcat: clientTry(clientOK+obeyContents+"\n", show...),
			Hints:  []Hint{{WasReset, "the client closes the connection before it has read all that the server sent: read to the end first"}},
		},
		{
			ID: "STTP-2.3-CLIENT-002", Title: "A client reads until the server closes",
			Statements: []string{"2.3-5"}, Strict: Should, Guide: Unchecked, After: []string{"STTP-2.3-CLIENT-001"},
			Run: runStay, Accepts: "the client is still there when the server closes, a sixth of a second after the session's end",
			Netcat: clientTry(clientOK+obeyContents+"\n", show...),
		},
		{
			ID: "STTP-5.1-CLIENT-001", Title: "Each action in lower case is sent in upper case, with one space before the path",
			Statements: []string{"5.1-1", "5.1-2"}, Strict: Must, Guide: Must,
			Run: func(t *T) {
				runSends("SHOW "+clientPath, show)(t)
				runSends("LIST /notes", []string{"list", "sttp://HOST:PORT/notes"})(t)
				runSends("DELETE "+clientPath, []string{"delete", clientURL})(t)
				runSends("CREATE "+clientPath+" milk", []string{"create", clientURL, "milk"})(t)
				runSends("UPDATE "+clientPath+" tea", []string{"update", clientURL, "tea"})(t)
			},
			Accepts: "the line as the protocol has it, the contents bare or in quotes",
			Netcat:  clientTry("100 "+clientPath+" CREATED\n", "create", clientURL, "milk"),
		},
		{
			ID: "STTP-5.9-CLIENT-001", Title: "A client does not repeat a change of which no reply came",
			Statements: []string{"5.9-7"}, Strict: Should, Guide: Unchecked,
			Run: runNoRepetition, Accepts: "one request, whether the server closes the connection or resets it",
			Netcat: "printf '' | nc -N -l HOST PORT & sleep 1; " + commandLine("CLIENT", []string{"create", clientURL, "milk"}),
			Hints:  []Hint{{SentAgain, "the server may have carried out the first one: do not retry CREATE, UPDATE or DELETE, tell the user that the outcome is not known"}},
		},
	}
}

// clientPathCases are about paths that no client may send.
func clientPathCases() []Case {
	const accepts = "nothing is sent, or another path that keeps the rules"
	return []Case{
		{
			ID: "STTP-3.1-CLIENT-001", Title: "A client sends no path with an empty or a dot segment, with a backslash or a question mark, or without its first slash",
			Statements: []string{"3.1-1", "3.1-2", "3.1-6", "3.1-7"}, Strict: Must, Guide: Unchecked,
			Run: runBadPathForm, Accepts: accepts,
			Netcat: clientTry("300 - CLIENT ERROR \"\"\n", "show", "sttp://HOST:PORT/notes//milk.txt"),
		},
		{
			ID: "STTP-3.1-CLIENT-002", Title: "A client sends no path that is not UTF-8",
			Statements: []string{"3.1-3"}, Strict: Must, Guide: Unchecked,
			Run: runBadPaths("show", "/notes/{ff}milk.txt", "/notes/%FFmilk.txt", "/notes/{eda080}.txt"), Accepts: accepts,
			Netcat: clientTry("300 - CLIENT ERROR \"\"\n", "show", "sttp://HOST:PORT/notes/%FFmilk.txt"),
		},
		{
			ID: "STTP-3.1-CLIENT-003", Title: "A client sends no path with white space, control or format characters, and never two lines for one URL",
			Statements: []string{"3.1-4", "3.1-5", "2.2-1"}, Strict: Must, Guide: Unchecked,
			Run: runBadPaths("show", "/notes/my milk.txt", "/notes/my%20milk.txt", "/notes/a{09}b.txt", "/notes/a%C2%A0b.txt", "/notes/a\u3000b.txt",
				"/notes/a.txt%0ADELETE%20/notes/b.txt", "/notes/a.txt\nDELETE /notes/b.txt", "/notes/a%0D.txt", "/notes/a%00b.txt", "/notes/a{1b}b.txt", "/notes/a\u202eb.txt", "/notes/a%E2%80%8Bb.txt"),
			Accepts: accepts,
			Netcat:  clientTry("300 - CLIENT ERROR \"\"\n", "show", "sttp://HOST:PORT/notes/a.txt%0ADELETE%20/notes/b.txt"),
			Hints:   []Hint{{BreaksRule, "after percent signs are decoded, look at the path once more: a line break in it would make a second request of one URL"}},
		},
		{
			ID: "STTP-3.1-CLIENT-004", Title: "A client sends no path that is too long, nor the name of a directory that is",
			Statements: []string{"3.1-8", "3.1-9", "3.1-10"}, Strict: Must, Guide: Unchecked,
			Run: runBadLengths, Accepts: accepts,
			Netcat: clientTry("300 - CLIENT ERROR \"\"\n", "list") + " sttp://HOST:PORT/$(printf %0256d 0)",
			Hints:  []Hint{{BreaksRule, "count bytes: a path has at most 1,024 of them, the name of a directory 255"}},
		},
		{
			ID: "STTP-3.3-CLIENT-001", Title: "A client sends no name of a file that has more than 32 characters",
			Statements: []string{"3.3-1"}, Strict: Must, Guide: Unchecked,
			Run: runBadPaths("show", "/notes/{a*33}", "/notes/{ж*29}.txt"), Accepts: "nothing is sent, or another path that keeps the rules",
			Netcat: clientTry("310 - FILENAME TOO LONG\n", "show", "sttp://HOST:PORT/notes/abcdefghijklmnopqrstuvwxyz0123456"),
		},
	}
}

// clientContentCases are about what a client sends and prints as contents.
func clientContentCases() []Case {
	create := func(text string) string {
		return clientTry("100 "+clientPath+" CREATED\n", "create", clientURL, text)
	}
	return []Case{
		{
			ID: "STTP-4.1-CLIENT-001", Title: "A client sends no contents of more than 160 characters, and does not cut them",
			Statements: []string{"4.1-1", "4.5-1"}, Strict: Must, Guide: Unchecked,
			Run: runBadContents("more than 160 characters are too many [4.1-1]", "{a*161}", "{ж*161}"), Accepts: "nothing is sent", Netcat: clientTry("100 "+clientPath+" CREATED\n", "create", clientURL) + ` "$(printf %0161d 0)"`,
			Hints: []Hint{{BreaksRule, "count code points before anything is sent; a text that is too long is refused, not cut"}},
		},
		{
			ID: "STTP-4.1-CLIENT-002", Title: "A client sends no contents that are not UTF-8",
			Statements: []string{"4.1-2"}, Strict: Must, Guide: Unchecked,
			Run: runBadContents("it is not UTF-8 [4.1-2]", "milk {ff}", "{c3}", "{eda080}"), Accepts: "nothing is sent", Netcat: clientTry("100 "+clientPath+" CREATED\n", "create", clientURL) + ` "$(printf 'milk \377')"`,
		},
		{
			ID: "STTP-4.1-CLIENT-003", Title: "A client sends no contents with control characters, and never two lines for one text",
			Statements: []string{"4.1-3", "2.2-1"}, Strict: Must, Guide: Should,
			Run:     runBadContents("control characters are not allowed in it [4.1-3]", "milk\nDELETE "+clientPath, "milk{0d}", "{1b}[31mmilk", "milk{7f}", "milk{c285}"),
			Accepts: "nothing is sent", Netcat: create("milk\nDELETE " + clientPath),
			Hints: []Hint{{BreaksRule, "a text with a line break would be two requests, the second one of the text's choosing: refuse contents with control characters other than the tab before anything is sent"}},
		},
		{
			ID: "STTP-4.4-CLIENT-001", Title: "A client prints what SHOW and LIST are answered",
			Statements: []string{"4.4-2"}, Strict: Must, Guide: Must,
			Run: runPlainShown, Accepts: "the contents, and every name, are printed somewhere",
			Netcat: clientTry(clientOK+obeyContents+"\n", "show", clientURL),
		},
		{
			ID: "STTP-4.4-CLIENT-002", Title: "A client takes a contents line as it stands, with its quotes, backslashes and spaces",
			Statements: []string{"4.4-2"}, Strict: Must, Guide: Unchecked, After: []string{"STTP-4.4-CLIENT-001"},
			Run:     runShown(`"Buy milk"`, `say \"hi\" in C:\\temp`, "  two spaces first, two last  ", `""`, "milk, bread", "a\tb", "Grüße, 東京", "300 "+clientPath+" CLIENT ERROR", "%s %41 &amp;"),
			Accepts: "exactly these characters are in what is printed",
			Netcat:  clientTry(clientOK+`"Buy milk"`+"\n", "show", clientURL),
			Hints:   []Hint{{NotShown, "quotes are for requests alone: nothing in a contents line is quoted, escaped, split or trimmed; only its LF is taken away"}},
		},
		{
			ID: "STTP-4.4-CLIENT-003", Title: "An action that was carried out is exit code 0, and contents are on standard output",
			Statements: []string{"4.4-2"}, Strict: Robust, Guide: Robust, After: []string{"STTP-4.4-CLIENT-001"},
			Run: runSuccess, Accepts: "exit code 0 for all five actions, contents on standard output",
			Netcat: clientTry(clientOK+obeyContents+"\n", "show", clientURL),
		},
		{
			ID: "STTP-4.5-CLIENT-001", Title: "A client sends the whole content, spaces and all",
			Statements: []string{"4.5-1"}, Strict: Must, Guide: Must,
			Run: runContents("Buy oat milk and bread", "Buy oat milk and tea"), Accepts: "contents, bare or quoted, that are stored as exactly the text",
			Netcat: create("Buy oat milk and bread"),
		},
		{
			ID: "STTP-4.5-CLIENT-002", Title: "What a client sends is stored as exactly the text, whatever quotes, backslashes, spaces and letters it has",
			Statements: []string{"4.5-1"}, Strict: Must, Guide: Unchecked, After: []string{"STTP-4.5-CLIENT-001"},
			Run: runContents("two  spaces", " leading", "trailing ", "  ", `"`, `""`, `"Buy milk"`, `"one" and "two"`, `say "hi"`, `"abc`, `abc"`, `"abc\"`, `"a\n"`,
				`C:\temp`, `C:\`, `"C:\\"`, `\"`, ` "\ `, "a\tb", "\ta", "a\t", "\u00a0a\u00a0", "Grüße, 東京 👩‍👧", "{ж*160}", "%41+b%0A", "$HOME * ~ 'x' # `y`", "/etc/passwd", "@milk", "CREATE"),
			Accepts: "contents, bare or quoted, that are stored as exactly the text",
			Netcat:  create(`"C:\\"`),
		},
		{
			ID: "STTP-4.5-CLIENT-003", Title: "A client can send the empty text",
			Statements: []string{"4.5-1"}, Strict: Must, Guide: Unchecked, After: []string{"STTP-4.5-CLIENT-001"},
			Run: runContents(""), Accepts: `the contents ""`, Netcat: create(""),
			Hints: []Hint{{NothingSent, "an argument that is there and empty is a content: look at the number of arguments, not at whether the text is empty"},
				{OtherContents, `the empty text is sent as ""`}, {WrongRequest, `the empty text is sent as ""`}},
		},
		{
			ID: "STTP-4.5-CLIENT-004", Title: "A client sends contents bare if they can be",
			Statements: []string{"4.5-2"}, Strict: Should, Guide: Unchecked, After: []string{"STTP-4.5-CLIENT-002"},
			Run: runBare, Accepts: "no quotes around texts that neither begin nor end with a space nor begin with a quote", Netcat: create(`say "hi"`),
			Hints: []Hint{{Unexpected, "simple servers store the quotes: quote only what is empty, begins or ends with a space, or begins with a quote"}},
		},
		{
			ID: "STTP-4.5-CLIENT-005", Title: "A client prints control and format characters to a terminal in an escaped form",
			Statements: []string{"4.5-3"}, Strict: Must, Guide: Unchecked, Needs: Linux, After: []string{"STTP-4.4-CLIENT-001"},
			Run: runTerminal, Accepts: "none of them is printed as it came, in contents, names and messages",
			Netcat: clientTry(clientOK+"milk\x1b]2;owned\a\n", "show", clientURL),
		},
	}
}

// clientReplyCases are about replies.
func clientReplyCases() []Case {
	try := func(reply string) string { return clientTry(reply, "show", clientURL) }
	return []Case{
		{
			ID: "STTP-6.2-CLIENT-001", Title: "A client takes a status line that it does not know for an error",
			Statements: []string{"6.2-2"}, Strict: Must, Guide: Unchecked,
			Run:     runError("201 "+clientPath+" OK\nBuy milk\n", "999 "+clientPath+" WHATEVER\n", "2000 "+clientPath+" OK\nBuy milk\n", "OK\nBuy milk\n", "HTTP/1.1 200 OK\r\n\r\n", "\n"),
			Accepts: "an exit code that is not 0", Netcat: try("201 " + clientPath + " OK\nBuy milk\n"),
			Hints: []Hint{{WrongExit, "a reply is a success only if its status is exactly 100, 200 or 600; what is not known is an error"}},
		},
		{
			ID: "STTP-6.2-CLIENT-002", Title: "A client tells the user of a refusal, and fails",
			Statements: []string{"6.2-2"}, Strict: Robust, Guide: Robust,
			Run: runRefusals, Accepts: "an exit code that is not 0, and something on standard error (in profile guide on standard output)",
			Netcat: try("400 " + clientPath + " NOT FOUND\n"),
		},
		{
			ID: "STTP-6.2-CLIENT-003", Title: "A client takes a missing reply and one that is cut short for an error",
			Statements: []string{"6.2-2"}, Strict: Robust, Guide: Unchecked,
			Run: runError("", "20", "200 "+clientPath+" OK", clientOK, clientOK+"Buy mi"), Accepts: "an exit code that is not 0",
			Netcat: try(clientOK + "Buy mi"),
			Hints:  []Hint{{WrongExit, "a line is whole only when its LF has come; the end of the connection before that is an error"}},
		},
		{
			ID: "STTP-6.3-CLIENT-001", Title: "A client takes a reply that names another path for an error",
			Statements: []string{"6.3-5"}, Strict: Should, Guide: Unchecked,
			Run: runOutOfStep, Accepts: "an exit code that is not 0", Netcat: try("200 /notes/other.txt OK\nnot yours\n"),
			Hints: []Hint{{WrongExit, "compare the path in the reply with that of the request: with another one, the reply answers something else"}},
		},
		{
			ID: "STTP-6.4-CLIENT-001", Title: "A client does the same whatever the text of a message is",
			Statements: []string{"6.4-5"}, Strict: Must, Guide: Unchecked,
			Run: runMessages, Accepts: "one exit code for each status", Netcat: try("300 " + clientPath + " CLIENT ERROR \"NOT FOUND\"\n"),
			Hints: []Hint{{WrongExit, "look at the three digits alone; messages are for people and may change at any time"}},
		},
		{
			ID: "STTP-6.5-CLIENT-001", Title: "A client gives up a status line and a contents line that have no end",
			Statements: []string{"6.5-1"}, Strict: Must, Guide: Unchecked,
			Run: runFlood, Accepts: "the client ends, with an exit code that is not 0, before it has taken 32 MiB",
			Netcat: "{ printf '200 '; yes | tr -d '\\n'; } | nc -N -l HOST PORT & sleep 1; " + commandLine("CLIENT", []string{"list", "sttp://HOST:PORT/notes"}),
			Hints:  []Hint{{ClientHangs, "the client reads on, or waits: when the bound is passed, close the connection and end"}},
		},
		{
			ID: "STTP-6.5-CLIENT-002", Title: "A client accepts a contents line of 1,048,576 bytes",
			Statements: []string{"6.5-2"}, Strict: Must, Guide: Unchecked, After: []string{"STTP-4.4-CLIENT-001"},
			Run: runLongList, Accepts: "exit code 0, and all names are printed",
			Netcat: "{ printf '200 /notes OK\\n'; printf 'snippet-%05d-with-a-long-name.txt, ' $(seq 30000); echo; } | nc -N -l HOST PORT & sleep 1; " + commandLine("CLIENT", []string{"list", "sttp://HOST:PORT/notes"}),
			Hints: []Hint{{WrongExit, "a scanner or buffer of fixed size gives up too early (in Go, bufio.Scanner at 64 KiB): read until the LF, up to 1 MiB"},
				{NotShown, "one read returns only what has arrived so far: read until the LF"}},
		},
	}
}
