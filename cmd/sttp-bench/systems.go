package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"sttp/internal/bench"
	"sttp/internal/bench/peers"
	"sttp/internal/cli"
	"sttp/internal/config"
)

// systemNames are the systems that need no command.
func systemNames() []string { return []string{"sttp", "redis", "memcached", "nginx"} }

// check finds what is wrong with the options of peers, but for the systems.
func (o *peersOptions) check(out output) error {
	switch {
	case o.Rounds < 1 || o.Rounds > peers.MaxRounds:
		return cli.Usagef("as in --rounds 5", "there can be 1 to %d rounds, not %d", peers.MaxRounds, o.Rounds)
	case o.Duration < peers.MinDuration || o.Duration > peers.MaxDuration:
		return cli.Usagef("as in --duration 2s", "a measurement takes %v to %v, not %v", peers.MinDuration, peers.MaxDuration, o.Duration)
	case o.Connections < 1 || o.Connections > peers.MaxConnections:
		return cli.Usagef("as in --connections 50", "there can be 1 to %d connections, not %d", peers.MaxConnections, o.Connections)
	case o.markdown == stdoutName && (out.json == stdoutName || out.html == stdoutName):
		return cli.Usagef("write the other one to a file, as in --html=report.html", "only one report can go to standard output")
	}
	if o.Directory != "" {
		if info, err := os.Stat(o.Directory); err != nil || !info.IsDir() {
			return cli.Usagef("name a directory that is there", "--dir: %s is no directory", o.Directory)
		}
	}
	if o.markdown != "" && o.markdown != stdoutName {
		document, err := os.ReadFile(o.markdown)
		if err == nil {
			_, err = peers.Insert(document, "")
		}
		if err != nil {
			return cli.Usagef("the table goes between these lines", "--markdown %s: %w", o.markdown, err)
		}
	}
	return o.checkWorkloads()
}

func (o *peersOptions) checkWorkloads() error {
	var names []string
	for _, w := range peers.Workloads() {
		names = append(names, w.Name)
	}
	for _, name := range o.Only {
		if !slices.Contains(names, name) {
			return unknown("workload", name, names)
		}
	}
	return nil
}

// unknown returns the error of a name that is none of those there are.
func unknown(what, name string, names []string) error {
	hint := "there are " + strings.Join(names, ", ")
	if meant, ok := cli.DidYouMean(name, names); ok {
		hint = "did you mean " + meant + "? " + hint
	}
	return cli.Usagef(hint, "unknown %s %q", what, name)
}

// complete turns the arguments and --add into the systems to measure.
func (o *peersOptions) complete(args []string) error {
	if o.server == "" {
		o.server = ownServer()
	}
	if len(args) == 0 {
		args = systemNames()
	}
	for _, arg := range args {
		s, err := o.system(arg)
		if err != nil {
			return err
		}
		o.Systems = append(o.Systems, s)
	}
	for _, added := range o.add {
		s, err := o.added(added)
		if err != nil {
			return err
		}
		o.Systems = append(o.Systems, s)
	}
	seen := map[string]bool{}
	for _, s := range o.Systems {
		if seen[s.Name] {
			return cli.Usagef("give each a name of its own, as in --add 'other=COMMAND'", "the system %q is there twice", s.Name)
		}
		seen[s.Name] = true
	}
	return nil
}

// ownServer returns the sttp-server that lies beside this program, else what to
// look up in the PATH.
func ownServer() string {
	const server = "sttp-server"
	if own, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(own), server+filepath.Ext(own))
		if info, err := os.Stat(beside); err == nil && !info.IsDir() {
			return beside
		}
	}
	return server
}

// system returns what an argument names.
func (o *peersOptions) system(arg string) (peers.System, error) {
	name, settings, given := strings.Cut(arg, ":")
	switch {
	case name == "sttp":
		return o.sttp(arg, settings, given)
	case !slices.Contains(systemNames(), name):
		return peers.System{}, unknown("system", name, systemNames())
	case given:
		return peers.System{}, cli.Usagef("as in --add '"+name+"2="+name+":COMMAND with {port}'", "only sttp takes settings, and not %s", name)
	}
	switch name {
	case "redis":
		return peers.Redis(), nil
	case "memcached":
		return peers.Memcached(), nil
	}
	return peers.Nginx(), nil
}

// sttp returns sttp-server with settings as in "cache.enabled=false,…".
func (o *peersOptions) sttp(name, text string, given bool) (peers.System, error) {
	if !given {
		return peers.STTP(name, o.server, nil), nil
	}
	all := pflag.NewFlagSet("", pflag.ContinueOnError)
	loaded := config.AddFlags(all)
	var keys []string
	all.VisitAll(func(f *pflag.Flag) { keys = append(keys, f.Name) })
	var settings []peers.Setting
	for part := range strings.SplitSeq(text, ",") {
		key, value, ok := strings.Cut(part, "=")
		flag := strings.NewReplacer(".", "-", "_", "-").Replace(key)
		switch {
		case !ok:
			return peers.System{}, cli.Usagef("as in sttp:cache.enabled=false,log.level=error", "the setting %q has no value", part)
		case slices.Contains([]string{"config", "port", "listen-address", "docroot", "storage-sqlite-path"}, flag):
			return peers.System{}, cli.Usagef("leave it out", "%s is for sttp-bench to choose", key)
		case all.Lookup(flag) == nil:
			hint := "see sttp-server --help"
			if meant, ok := cli.DidYouMean(flag, keys); ok {
				hint = "did you mean " + meant + "?"
			}
			return peers.System{}, cli.Usagef(hint, "sttp-server has no setting %q", key)
		}
		if err := all.Set(flag, value); err != nil {
			return peers.System{}, cli.Usagef("see sttp-server --help", "%q: %w", part, err)
		}
		settings = append(settings, peers.Setting{Key: key, Value: value})
	}
	if _, err := loaded.Load(nil); err != nil {
		return peers.System{}, cli.Usagef("see sttp-server --help", "%w", err)
	}
	return peers.STTP(name, o.server, settings), nil
}

// added returns the system of an --add.
func (o *peersOptions) added(text string) (peers.System, error) {
	const example = "as in --add 'proxy=my-proxy --listen {port} --to {upstream}'"
	name, command, ok := strings.Cut(text, "=")
	if !ok || name == "" || command == "" {
		return peers.System{}, cli.Usagef(example, "--add %q is not NAME=COMMAND", text)
	}
	if strings.ContainsFunc(name, cli.Disturbing) {
		return peers.System{}, cli.Usagef(example, "--add: the name %q does not print", name)
	}
	dialects := map[string]bench.Dialect{"sttp": nil, "redis": bench.Redis{}, "memcached": bench.Memcached{}, "http": bench.HTTP{}}
	protocol, rest, prefixed := strings.Cut(command, ":")
	dialect, known := dialects[protocol]
	switch meant, ok := cli.DidYouMean(protocol, []string{"sttp", "redis", "memcached", "http"}); {
	case prefixed && known:
		command = rest
	case prefixed && ok:
		return peers.System{}, cli.Usagef("did you mean "+meant+"?", "--add: unknown protocol %q", protocol)
	}
	s, err := peers.Command(name, dialect, command, peers.STTP("sttp", o.server, nil))
	if err != nil {
		return peers.System{}, cli.Usagef(example, "--add %s: %w", name, err)
	}
	return s, nil
}
