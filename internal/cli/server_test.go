package cli_test

import (
	"errors"
	"testing"

	"sttp/internal/cli"
)

func TestAnArgumentNamesAServer(t *testing.T) {
	for arg, want := range map[string]string{
		"sttp://localhost:8080":   "localhost:8080",
		"sttp://localhost":        "localhost:8080",
		"sttp://localhost/":       "localhost:8080",
		"STTP://localhost:1":      "localhost:1",
		"localhost":               "localhost:8080",
		"localhost:65535":         "localhost:65535",
		"192.0.2.1:9":             "192.0.2.1:9",
		"[::1]":                   "[::1]:8080",
		"sttp://[::1]:9":          "[::1]:9",
		"sttp://[fe80::1%25eth0]": "[fe80::1%eth0]:8080",
	} {
		if got, err := cli.ServerAddress("prog", arg); got != want || err != nil {
			t.Errorf("%q names %q, %v; want %q", arg, got, err, want)
		}
	}
}

func TestAnArgumentThatNamesNoServerIsRefusedWithAHint(t *testing.T) {
	const example, port = "as in: prog sttp://localhost:8080", "a port is a number from 1 to 65535"
	for arg, want := range map[string]struct{ says, hint string }{
		"":                        {`"sttp://" names no host`, example},
		"sttp://":                 {`"sttp://" names no host`, example},
		":8080":                   {`"sttp://:8080" names no host`, example},
		"sttp://me@localhost":     {`"sttp://me@localhost" names no host`, example},
		"http://localhost":        {`"http://localhost" is a URL of http, not of STTP`, example},
		"sttp://localhost/notes":  {`"sttp://localhost/notes" names more than a server; what is made lies below a directory of its own`, example},
		"sttp://localhost?q=milk": {`"sttp://localhost?q=milk" names more than a server; what is made lies below a directory of its own`, example},
		"sttp://localhost#top":    {`"sttp://localhost#top" names more than a server; what is made lies below a directory of its own`, example},
		"sttp://local host":       {`"sttp://local host" is no URL of a server`, example},
		"localhost:http":          {`"sttp://localhost:http" is no URL of a server`, example},
		"localhost:0":             {`"sttp://localhost:0" has a wrong port`, port},
		"localhost:65536":         {`"sttp://localhost:65536" has a wrong port`, port},
	} {
		got, err := cli.ServerAddress("prog", arg)
		var f *cli.Failure
		if !errors.As(err, &f) {
			t.Errorf("%q names %q", arg, got)
			continue
		}
		if f.Code != cli.ExitUsage || f.Error() != want.says || f.Hint != want.hint {
			t.Errorf("%q: exit code %d, %q, hint %q; want %q, hint %q", arg, f.Code, f, f.Hint, want.says, want.hint)
		}
	}
}
