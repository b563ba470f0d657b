package sttp_test

import (
	"errors"
	"fmt"
	"testing"

	"sttp"
)

func path(t *testing.T, s string) sttp.Path {
	t.Helper()
	p, err := sttp.ParsePath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAPathIsTakenApart(t *testing.T) {
	tests := []struct{ path, dir, base, asDir, parent string }{
		{"/", "/", "", "/", ""},
		{"/a", "/", "a", "/a/", ""},
		{"/a/", "/a/", "", "/a/", "/"},
		{"/a/b.txt", "/a/", "b.txt", "/a/b.txt/", ""},
		{"/a/b/", "/a/b/", "", "/a/b/", "/a/"},
	}
	for _, test := range tests {
		p := path(t, test.path)
		parent, _ := p.Parent()
		if parent.IsZero() != (test.parent == "") || (test.parent != "" && parent.String() != test.parent) {
			t.Errorf("the parent of %s is %s", p, parent)
		}
		if p.Dir().String() != test.dir || p.Base() != test.base || p.AsDir().String() != test.asDir {
			t.Errorf("%s has the directory %s, the base %s and is %s as a directory", p, p.Dir(), p.Base(), p.AsDir())
		}
		if p.IsDir() != (test.base == "") || p.Clone() != p {
			t.Errorf("%s: IsDir %v, clone %s", p, p.IsDir(), p.Clone())
		}
	}
	if zero := (sttp.Path{}); zero.String() != "-" || !zero.IsZero() || zero.AsDir() != zero {
		t.Errorf("the zero Path is shown as %s", zero)
	}
}

func TestErrorsAreToldApartByStatus(t *testing.T) {
	values := []error{sttp.ErrClient, sttp.ErrFilenameTooLong, sttp.ErrNotFound, sttp.ErrPathNotFound, sttp.ErrServer, sttp.ErrCannotCreatePath}
	refused := 0
	for _, status := range sttp.Statuses() {
		err := sttp.Response{Status: status, Path: path(t, "/a"), Message: "why"}.Err()
		if (err == nil) != status.Success() {
			t.Errorf("%v becomes the error %v", status, err)
		}
		if err == nil {
			continue
		}
		matches := 0
		for _, value := range values {
			if errors.Is(fmt.Errorf("wrapped: %w", err), value) {
				matches++
			}
		}
		if matches != 1 {
			t.Errorf("%v matches %d of the values", err, matches)
		}
		refused++
	}
	if refused != len(values) {
		t.Errorf("%d statuses are errors, and there are %d values", refused, len(values))
	}
	particular := sttp.Response{Status: sttp.StatusNotFound, Path: path(t, "/a")}.Err()
	if value := (&sttp.Error{Status: sttp.StatusNotFound}); value.Is(particular) {
		t.Error("the value matches a particular error")
	}
}

func TestAnErrorReadsAsItsStatusLine(t *testing.T) {
	tests := map[string]*sttp.Error{
		"400 /a NOT FOUND":                {Status: sttp.StatusNotFound, Path: path(t, "/a")},
		"300 - CLIENT ERROR: say it":      {Status: sttp.StatusClientError, Message: "say it"},
		"510 /a/ CANNOT CREATE PATH":      {Status: sttp.StatusCannotCreatePath, Path: path(t, "/a/")},
		"000 - ":                          {},
		"500 /a SERVER ERROR: disk fault": {Status: sttp.StatusServerError, Path: path(t, "/a"), Message: "disk fault"},
	}
	for want, err := range tests {
		if err.Error() != want {
			t.Errorf("it reads %q, want %q", err, want)
		}
		if back := err.Response().Err(); back.Error() != want {
			t.Errorf("as a response and back it reads %q, want %q", back, want)
		}
	}
}

func TestActionsAreNamedAsOnTheWire(t *testing.T) {
	for _, action := range sttp.Actions() {
		back, ok := sttp.ParseAction(action.String())
		if !ok || back != action {
			t.Errorf("%v is parsed as %v", action, back)
		}
	}
	for _, name := range []string{"", "show", "SHOWS", "-"} {
		if action, ok := sttp.ParseAction(name); ok {
			t.Errorf("%q is parsed as %v", name, action)
		}
	}
	if _, err := sttp.NewRequest(sttp.Action(9), "/a", "", false); !errors.Is(err, sttp.ErrClient) {
		t.Errorf("an action that is none is answered %v", err)
	}
}
