package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const long = `sttp-client asks a server of the Short Text Transfer Protocol (STTP) for one thing:

  create URL CONTENT   make a file, and the directories it needs
  show URL             print what a file holds, and a newline
  list URL             print the names in a directory, one a line
  update URL CONTENT   replace what a file holds
  delete URL           remove a file

or for many:

  search URL TEXT      print the names of the files that hold a text
  push DIR URL         make a directory on the server hold what DIR holds
  pull URL DIR         make DIR hold what a directory on the server holds

sttp-client list --help, search --help, push --help and pull --help say more.

URL is sttp://host[:port]/path; the port is 8080 if none is given. What a URL
cannot hold is percent-encoded (# is %23); %2F is not taken, because no name
holds a slash. An argument that begins with / is a path as it stands; then the
server is that of --address and --port or, if neither is given, of the variable
STTP_SERVER=sttp://host[:port].

CONTENT is one argument and exactly the text, so put it in quotes. With - it is
read from standard input, without the newline at its end. After --, content may
begin with -, and - is itself. On a terminal, control and format characters are
printed escaped.

Exit codes:
  0  success
  1  the server refused the request (300, 310), or the output cannot be written;
     with push and pull, some files could not be copied
  2  the command line is wrong; nothing was sent
  3  no connection, a lost one, a timeout or an interrupt; nothing was changed
     (but push and pull have told what they had done before)
  4  not found (400, 410)
  5  the server failed (500, 510), or does not speak STTP
  6  a change was sent, and whether it was carried out is not known
The message of a 500 to a change may say that its outcome is unknown; show tells.

With --json, standard output gets one object, also for a failure: "action",
"server", "path", "status" (if the server answered), "contents" (of show),
"names" (of list and search), "snippets" (of search --show), "message" (of 300
and 500), "error" (of a failure), "exit" (the exit code) and "ms" (how long the
call took, in milliseconds). push and pull have counts instead, see their help.
Only a wrong option is told on standard error alone.`

const longList = `sttp-client list URL prints the names in a directory, one a line: those of
directories with a slash at their end.

With --name or --recursive only files are listed, and with --recursive those of
the whole tree, as they are named from the directory on. --name takes a pattern
for the file's own name: * is any text, ? any character, [a-z] one of several.

A server refuses a list of more than 1 MiB. With --all it is asked for page by
page, and names are printed as they come; --limit is then for all pages together,
and --timeout for each of them.

A server that has no queries refuses all of these options.`

const longSearch = `sttp-client search URL TEXT prints the names of the files that hold TEXT, upper
and lower case alike, in the directory and, unless --recursive=false, below it. A
name is printed as it is named from the directory on, one a line, sorted bytewise;
with --show its contents follow behind a tab.

The server is asked for page by page; --limit is for all pages together, and
--timeout for each reply. With --json and --show, the object has "snippets", an
array of objects with "name" and "contents".

A server that has no queries refuses to search.`

const longPush = `sttp-client push DIR URL makes the directory at URL hold what DIR holds, with all
directories below. What is there already and the same is left alone, so push again
after an interrupt, or to bring over what has changed.

A file becomes a snippet without the one newline at its end. What is no snippet (two
lines, more than 160 characters, not UTF-8, control characters) or has a name that
no snippet has is listed with the reason, and the exit code is 1. So are symbolic
links, which are not followed. Names that begin with a dot are listed too, but are
no failure. Directories without files are left out: a server has none.

--delete also DELETES ON THE SERVER, WITHOUT ASKING, every file below URL that is
not in DIR: if DIR is empty, all of them. Try it with --dry-run first, which tells
what would be created, updated and deleted, and changes nothing. A file stays if
something in DIR has its name that is no snippet; and all stay if a directory in
DIR cannot be read.

` + longBoth

const longPull = `sttp-client pull URL DIR makes DIR, which is made if it is missing, hold what the
directory at URL holds, with all directories below. A file holds exactly its
snippet, without a newline at its end, as on a server's disk. One that holds the
snippet already, with or without a newline, is left alone; another one is replaced
at once, by a new file that gets its name.

A name that no file here can have, and one whose place is taken by a directory, a
symbolic link or a file with a name in other case (where the file system takes both
for one), is listed with the reason, nothing is made of it, and the exit code is 1.
Nothing is written outside of DIR, and no link within is followed.

--delete also DELETES IN DIR, WITHOUT ASKING, every snippet that is not on the
server, and directories that are empty then. Try it with --dry-run first, which
tells what would be created, updated and deleted, and changes nothing. Files that no
server could hold (two lines, a name that begins with a dot) stay.

` + longBoth

const longBoth = `An interrupt waits for the replies to what was sent, for two seconds, tells what was
done and ends with exit code 3. --timeout is how long the server may be silent.

With --json, the object has "action", "server", "path", "directory", "dry_run", the
counts "created", "updated", "unchanged", "deleted", "skipped" (no snippets), "hidden",
"failed" and "unknown" (changes that may or may not have been carried out), "files"
(an array of objects with "name", "outcome" and "error": what was not copied, and
with --dry-run what would be changed; 10,000 at most), "error", "exit" and "ms".`

const examples = `  sttp-client create sttp://localhost/notes/milk.txt 'Buy milk'
  sttp-client show sttp://localhost:8080/notes/milk.txt
  sttp-client -v list 'sttp://[::1]:8080/notes/'
  date | sttp-client update /notes/milk.txt - --address localhost --port 8080
  STTP_SERVER=sttp://localhost:8080 sttp-client delete /notes/milk.txt
  sttp-client search sttp://localhost/notes/ milk --show
  sttp-client push --dry-run ./notes sttp://localhost/notes/
  source <(sttp-client completion bash)`

// topic is the help on one action.
type topic struct{ use, long, examples string }

var topics = map[string]topic{
	"list": {"list URL", longList, `  sttp-client list sttp://localhost/notes/ --name '*.txt'
  sttp-client list sttp://localhost/notes/ --recursive --all | wc -l
  sttp-client list sttp://localhost/notes/ --limit 100 --after milk.txt`},
	"search": {"search URL TEXT", longSearch, `  sttp-client search sttp://localhost/notes/ milk
  sttp-client search sttp://localhost/ 'oat milk' --show --limit 20
  sttp-client search sttp://localhost/notes/ milk --name '*.txt' --recursive=false`},
	"push": {"push DIR URL", longPush, `  sttp-client push ./notes sttp://localhost/notes/
  sttp-client push ./notes sttp://localhost/notes/ --delete --dry-run`},
	"pull": {"pull URL DIR", longPull, `  sttp-client pull sttp://localhost/notes/ ./notes
  sttp-client pull sttp://localhost/ ./copy --json --connections 8`},
}

// optionGroup is options that only some actions have; none if all have them.
type optionGroup struct {
	flags *pflag.FlagSet
	words []string
}

// has tells whether an action has the options.
func (g optionGroup) has(word string) bool {
	return len(g.words) == 0 || slices.Contains(g.words, word)
}

func (g optionGroup) title() string {
	if len(g.words) == 0 {
		return "Options:"
	}
	return "Options of " + strings.Join(g.words, " and ") + ":"
}

// help prints the help on what args begin with, or on everything.
func (p *program) help(args []string) error {
	var b strings.Builder
	for _, arg := range args {
		if t, ok := topics[strings.ToLower(arg)]; ok {
			word := strings.ToLower(arg)
			fmt.Fprintf(&b, "%s\n\nUsage:\n  %s [OPTIONS] %s\n\nExamples:\n%s\n", t.long, name, t.use, t.examples)
			p.writeOptions(&b, func(g optionGroup) bool { return g.has(word) })
			return p.print(b.String())
		}
	}
	fmt.Fprintf(&b, "%s\n\nUsage:\n  %s [OPTIONS] ACTION URL [CONTENT]\n\nExamples:\n%s\n", long, name, examples)
	p.writeOptions(&b, func(optionGroup) bool { return true })
	return p.print(b.String())
}

func (p *program) writeOptions(w io.Writer, which func(optionGroup) bool) {
	for _, g := range p.groups {
		if which(g) {
			fmt.Fprintf(w, "\n%s\n%s", g.title(), g.flags.FlagUsages())
		}
	}
}

// setHelp makes cmd print p's help; that of its own commands stays as it is.
func (p *program) setHelp(cmd *cobra.Command) {
	usual := cmd.HelpFunc()
	cmd.SetHelpFunc(func(of *cobra.Command, args []string) {
		if of == cmd {
			p.printed = p.help(args)
			return
		}
		usual(of, args)
	})
}
