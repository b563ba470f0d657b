package peers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"sttp/internal/bench"
)

// System is a kind of server that can be measured. Make it with STTP, Redis,
// Memcached, Nginx or Command.
type System struct {
	Name string

	dialect bench.Dialect // nil is STTP
	program string        // to look up in the PATH, or a path
	version []string      // arguments by which the program tells its version
	install string        // what to do if the program is not there

	// command returns what to start, once what it needs in setup.dir is made.
	command func(s setup) ([]string, error)
	// describe tells of the command and settings, with {port}, {dir} and
	// {connections}.
	describe string

	durable  bool    // its changes survive a power cut, if setup.durable asks for it
	pages    bool    // snippets are files below dir/pages
	upstream *System // that {upstream} stands for, nil if there is none
}

// setup is what a server is started with.
type setup struct {
	program     string
	dir         string // of the server alone
	port        string
	upstream    string // host:port
	connections int    // that it has to bear
	durable     bool
}

// most returns how many connections a server is to allow: those that are measured,
// and old ones that are about to end.
func (s setup) most() string { return strconv.Itoa(s.connections + 1000) }

// found returns the path of the program. Debian keeps nginx where only root's PATH
// leads.
func (s System) found() (string, error) {
	candidates := []string{s.program}
	if filepath.Base(s.program) == s.program {
		candidates = append(candidates, filepath.Join("/usr/sbin", s.program), filepath.Join("/usr/local/sbin", s.program))
	}
	for _, candidate := range candidates {
		if file, err := exec.LookPath(candidate); err == nil {
			return filepath.Abs(file)
		}
	}
	return "", fmt.Errorf("%s is not installed; %s", s.program, s.install)
}

// Redis is redis-server, which keeps everything in memory and, where changes are
// to be durable, syncs its log before it answers.
func Redis() System {
	usual := []string{"--bind", "127.0.0.1", "--save", "", "--daemonize", "no"}
	return System{
		Name: "redis", dialect: bench.Redis{}, program: "redis-server", version: []string{"--version"}, durable: true,
		install:  "as in: apt-get install redis-server",
		describe: "redis-server --port {port} --dir {dir} --maxclients {connections} " + words(usual) + " --appendonly no; for durable changes --appendonly yes --appendfsync always",
		command: func(s setup) ([]string, error) {
			argv := append([]string{s.program, "--port", s.port, "--dir", s.dir, "--maxclients", s.most()}, usual...)
			if s.durable {
				return append(argv, "--appendonly", "yes", "--appendfsync", "always"), nil
			}
			return append(argv, "--appendonly", "no"), nil
		},
	}
}

// Memcached is memcached as it is set up by default: 64 MiB and four threads.
func Memcached() System {
	usual := []string{"-l", "127.0.0.1", "-U", "0", "-m", "64", "-t", "4"}
	return System{
		Name: "memcached", dialect: bench.Memcached{}, program: "memcached", version: []string{"--version"},
		install:  "as in: apt-get install memcached",
		describe: "memcached -p {port} -c {connections} " + words(usual),
		command: func(s setup) ([]string, error) {
			argv := append([]string{s.program, "-p", s.port, "-c", s.most()}, usual...)
			if os.Geteuid() == 0 {
				argv = append(argv, "-u", "root") // it does not run as root without being told
			}
			return argv, nil
		},
	}
}

// Nginx is nginx with a worker for each processor, which serves the snippets as
// files. It keeps them open, as the others keep them in memory, and never closes a
// connection by itself.
func Nginx() System {
	return System{
		Name: "nginx", dialect: bench.HTTP{}, program: "nginx", version: []string{"-v"}, pages: true,
		install:  "as in: apt-get install nginx-light",
		describe: "nginx -p {dir} -c nginx.conf with " + strings.Join(strings.Fields(nginxSettings("{port}", "{connections}")), " "),
		command: func(s setup) ([]string, error) {
			settings := nginxSettings(s.port, s.most())
			if os.Geteuid() == 0 { // its workers could not read the directory
				me, err := user.Current()
				if err != nil {
					return nil, err
				}
				group, err := user.LookupGroupId(me.Gid)
				if err != nil {
					return nil, err
				}
				settings = "user " + me.Username + " " + group.Name + ";\n" + settings
			}
			file := filepath.Join(s.dir, "nginx.conf")
			return []string{s.program, "-p", s.dir, "-e", "stderr", "-c", file}, os.WriteFile(file, []byte(settings), 0o644)
		},
	}
}

// nginxSettings returns a settings file for nginx, in which other names are
// relative to the directory given with -p.
func nginxSettings(port, connections string) string {
	return `daemon off;
worker_processes auto;
pid nginx.pid;
error_log stderr warn;
events { worker_connections ` + connections + `; }
http {
	access_log off;
	default_type text/plain;
	sendfile on;
	tcp_nopush on;
	keepalive_timeout 1h;
	keepalive_requests 1000000000;
	open_file_cache max=100000 inactive=1h;
	open_file_cache_valid 1h;
	client_body_temp_path temp;
	proxy_temp_path temp;
	fastcgi_temp_path temp;
	uwsgi_temp_path temp;
	scgi_temp_path temp;
	server {
		listen 127.0.0.1:` + port + ` backlog=4096;
		root pages;
	}
}
`
}

// Command is a server that a line of shell starts, in which {port}, {dir} and
// {upstream} are replaced: a port to listen on at 127.0.0.1, a directory of its
// own, and host:port of a server like upstream that is started behind it. It is
// taken to do what it can to make changes durable. A server of HTTP serves the
// files below {dir}/pages, since there is no other way to give it snippets.
func Command(name string, dialect bench.Dialect, line string, upstream System) (System, error) {
	if !strings.Contains(line, "{port}") {
		return System{}, errors.New("the command has no {port}, where it has to listen")
	}
	if name == "" {
		return System{}, errors.New("the system has no name")
	}
	s := System{
		Name: name, dialect: dialect, program: "/bin/sh", install: "a command needs it",
		describe: line, durable: true, pages: dialect == bench.Dialect(bench.HTTP{}),
		command: func(s setup) ([]string, error) {
			line := strings.NewReplacer("{port}", s.port, "{dir}", word(s.dir), "{upstream}", s.upstream).Replace(line)
			return []string{s.program, "-c", line}, nil
		},
	}
	if strings.Contains(line, "{upstream}") {
		s.upstream = &upstream
	}
	return s, nil
}

// words returns a command line as a shell takes it.
func words(argv []string) string {
	quoted := make([]string, len(argv))
	for i, s := range argv {
		quoted[i] = word(s)
	}
	return strings.Join(quoted, " ")
}

// word returns text as one word of a shell.
func word(text string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("/._-+:@%=,{}", r) || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// Setting is one setting of sttp-server, as in its settings file:
// "cache.enabled" and "false".
type Setting struct{ Key, Value string }

// flag returns the setting as a flag.
func (s Setting) flag() string {
	return "--" + strings.NewReplacer(".", "-", "_", "-").Replace(s.Key) + "=" + s.Value
}

// STTP is sttp-server, with its own defaults but for two: its cache has room for
// all snippets, as the others have them all in memory, and its log is quiet.
// settings come before those. program is the file, or what to look up in the PATH.
func STTP(name, program string, settings []Setting) System {
	all := []Setting{{"log.level", "warn"}, {"cache.max_files", "10000"}}
	for _, s := range settings {
		i := slices.IndexFunc(all, func(t Setting) bool {
			return t.flag()[:strings.IndexByte(t.flag(), '=')] == s.flag()[:strings.IndexByte(s.flag(), '=')]
		})
		if i < 0 {
			all = append(all, s)
		} else {
			all[i] = s
		}
	}
	usual := []string{"--listen-address=127.0.0.1"}
	durable, storage, place := true, "--docroot=", "files"
	for _, s := range all {
		usual = append(usual, s.flag())
		durable = durable && s.flag() != "--storage-durability=async"
		if s.flag() == "--storage-engine=sqlite" {
			storage, place = "--storage-sqlite-path=", "sttp.db"
		}
	}
	return System{
		Name: name, program: program, version: []string{"--version"}, durable: durable,
		install:  "make build builds it; --server FILE says where it is",
		describe: "sttp-server --port={port} " + storage + "{dir}/" + place + " " + words(usual),
		command: func(s setup) ([]string, error) {
			return append([]string{s.program, "--port=" + s.port, storage + filepath.Join(s.dir, place)}, usual...), nil
		},
	}
}

// Describe returns how the server is started, with its settings.
func (sys System) Describe() string { return sys.describe }
