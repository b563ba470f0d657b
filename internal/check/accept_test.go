package check_test

import (
	"slices"
	"testing"

	"sttp/internal/check"
)

// Every line of appendix B of docs/protocol.md that is about the form of a
// reply. The directory is /d.
func TestAReplyIsJudgedByTheProfile(t *testing.T) {
	both, guide, neither := []check.Profile{check.Guide, check.Strict}, []check.Profile{check.Guide}, []check.Profile{}
	silent := check.Facts{UpdateContents: false}
	for _, c := range []struct {
		about         string
		request, want string
		also          []int
		got           string
		accepted      []check.Profile
	}{
		{"a reply as it should be", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /d/a CREATED\n", both},
		{"another path", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /a CREATED\n", neither},
		{"no path", "DELETE /d/a", "600 /d/a DELETED\n", nil, "600 DELETED\n", neither},
		{"lower case", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /d/a created\n", neither},
		{"CR LF", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /d/a CREATED\r\n", neither},
		{"no LF", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /d/a CREATED", neither},
		{"two replies", "CREATE /d/a x", "100 /d/a CREATED\n", nil, "100 /d/a CREATED\n100 /d/a CREATED\n", neither},
		{"an empty line more", "SHOW /d/a", "200 /d/a OK\nx\n", nil, "200 /d/a OK\nx\n\n", neither},
		{"contents of their own", "SHOW /d/a", "200 /d/a OK\nx\n", nil, "200 /d/a OK\ny\n", neither},
		{"no contents", "SHOW /d/a", "200 /d/a OK\nx\n", nil, "200 /d/a OK\n", neither},

		{"an UPDATE without contents", "UPDATE /d/a x", "200 /d/a OK\nx\n", nil, "200 /d/a OK\n", guide},
		{"an UPDATE with the old contents", "UPDATE /d/a x", "200 /d/a OK\nx\n", nil, "200 /d/a OK\nold\n", neither},

		{"any message", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 - CLIENT ERROR \"say \\\"hi\\\"\"\n", both},
		{"a 300 that names the path", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 a CLIENT ERROR \"no\"\n", guide},
		{"a 300 without a path", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 CLIENT ERROR \"no\"\n", guide},
		{"a 300 with two spaces for no path", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300  CLIENT ERROR \"no\"\n", guide},
		{"a message without quotes", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 - CLIENT ERROR no\n", neither},
		{"a message with a bare quote", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 - CLIENT ERROR \"no \"here\"\"\n", neither},
		{"a message with a control character", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 - CLIENT ERROR \"a\tb\"\n", neither},
		{"a 300 without a path and words", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 \"no such action\"\n", neither},
		{"a 500 with the words of a 300", "SHOW /a", "500 /a SERVER ERROR \"…\"\n", nil, "500 /a CLIENT ERROR \"no\"\n", neither},
		{"no message", "SHOW a", "300 - CLIENT ERROR \"…\"\n", nil, "300 - CLIENT ERROR\n", neither},

		{"another status", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", nil, "400 /d/no/a NOT FOUND\n", neither},
		{"a status that the guide takes too", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", []int{400}, "400 /d/no/a NOT FOUND\n", guide},
		{"that status in a wrong form", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", []int{400}, "400 /d/no NOT FOUND\n", neither},
		{"a 410 without the slash", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", nil, "410 /d/no PATH NOT FOUND\n", guide},
		{"a 410 with the file", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", nil, "410 /d/no/a PATH NOT FOUND\n", neither},
		{"a 510 without the slash", "CREATE /d/a/b x", "510 /d/a/ CANNOT CREATE PATH\n", nil, "510 /d/a CANNOT CREATE PATH\n", guide},
		{"a 410 with a line more", "SHOW /d/no/a", "410 /d/no/ PATH NOT FOUND\n", nil, "410 /d/no PATH NOT FOUND\n\n", neither},
		{"a success where any will do", "CREATE /d/a x", "300 /d/a CLIENT ERROR \"…\"\n", []int{100, 200}, "200 /d/a OK\nx\n", guide},

		{"a list in another order", "LIST /d", "200 /d OK\na, b, c\n", nil, "200 /d OK\nc, a, b\n", guide},
		{"a list with a name twice", "LIST /d", "200 /d OK\na, b\n", nil, "200 /d OK\na, b, b\n", neither},
		{"a list without a file", "LIST /d", "200 /d OK\na, b\n", nil, "200 /d OK\na\n", neither},
		{"a list with a comma alone", "LIST /d", "200 /d OK\na, b\n", nil, "200 /d OK\na,b\n", neither},
		{"a directory without its slash", "LIST /d", "200 /d OK\na, sub/\n", nil, "200 /d OK\na, sub\n", guide},
		{"a directory left out", "LIST /d", "200 /d OK\na, sub/\n", nil, "200 /d OK\na\n", guide},
		{"only directories, left out", "LIST /d", "200 /d OK\nsub/\n", nil, "200 /d OK\n\n", guide},
		{"an empty list without its line", "LIST /d", "200 /d OK\n\n", nil, "200 /d OK\n", guide},
		{"an empty list that is not found", "LIST /d", "200 /d OK\n\n", nil, "400 /d NOT FOUND\n", guide},
		{"a list that is not found", "LIST /d", "200 /d OK\na\n", nil, "400 /d NOT FOUND\n", neither},
		{"nothing at all", "LIST /d", "200 /d OK\na\n", nil, "", neither},
	} {
		for _, p := range []check.Profile{check.Guide, check.Strict} {
			problem := check.Judge(p, silent, c.request, c.want, c.also, c.got)
			if accepted := problem == nil; accepted != slices.Contains(c.accepted, p) {
				t.Errorf("%s: %v accepts %q: %v (%+v)", c.about, p, c.got, accepted, problem)
			}
		}
	}
}

func TestAServerWhoseUpdatesHaveContentsSendsThemAlways(t *testing.T) {
	facts := check.Facts{UpdateContents: true}
	if check.Judge(check.Guide, facts, "UPDATE /d/a x", "200 /d/a OK\nx\n", nil, "200 /d/a OK\n") == nil {
		t.Error("a missing line is accepted of a server that sent it before")
	}
}

func TestWhatIsWrongWithAReplyIsNamed(t *testing.T) {
	const shown, missing, refused = "200 /d/a OK\nBuy milk\n", "410 /d/ PATH NOT FOUND\n", "300 /d/a CLIENT ERROR \"…\"\n"
	for _, c := range []struct {
		want, got string
		symptom   check.Symptom
		at        int
	}{
		{shown, "", check.NoReply, 0},
		{shown, shown + "\n", check.ExtraNewline, len(shown)},
		{shown, "200 /d/a OK\n\nBuy milk\n", check.ExtraNewline, 12},
		{shown, "200 /d/a OK\nBuy milk", check.NoNewline, 20},
		{shown, "200 /d/a OK\r\nBuy milk\r\n", check.CarriageReturn, 11},
		{shown, "200 /d/a OK\n", check.MissingContents, 12},
		{shown, "200 /d/a OK\n\"Buy milk\"\n", check.QuotesKept, 12},
		{shown, "200 /d/a OK\nBuy\n", check.CutShort, 15},
		{shown, "200 /d/a OK\nBuy tea\n", check.WrongContents, 16},
		{shown, "200 /d/a OK\nBuy milk\nmore\n", check.ExtraBytes, 21},
		{shown, "400 /d/a NOT FOUND\n", check.GotStatus(400), 0},
		{shown, "OK Buy milk\n", check.NotAReply, 0},
		{shown, "2000 /d/a OK\nBuy milk\n", check.NotAReply, 3},
		{shown, "20x /d/a OK\nBuy milk\n", check.NotAReply, 2},
		{shown, "+20 /d/a OK\nBuy milk\n", check.NotAReply, 0},
		{shown, "200 /a OK\nBuy milk\n", check.WrongPath, 5},
		{shown, "200 /d/a Ok\nBuy milk\n", check.WrongWords, 10},
		{missing, missing + "x\n", check.ExtraBytes, len(missing)},
		{missing, "410 /d/a PATH NOT FOUND\n", check.WrongPath, 7},
		{refused, "300 /d/a CLIENT ERROR no\n", check.MessageUnquoted, 22},
		{refused, "300 /d/a CLIENT ERROR \"say \"no\"\"\n", check.MessageRaw, 22},
		{refused, "300 /d/a CLIENT ERROR \"no\"\nx\n", check.ExtraBytes, 27},
		{refused, "300 - CLIENT ERROR \"no\"\n", check.WrongPath, 4},
	} {
		p := check.Judge(check.Strict, check.Facts{}, "SHOW /d/a", c.want, nil, c.got)
		if p == nil || p.Symptom != c.symptom || p.At != c.at {
			t.Errorf("%q for %q: %+v, want %q at %d", c.got, c.want, p, c.symptom, c.at)
		}
	}
}

// What a server sends is judged without a panic, the place of the difference
// lies within it, and guide accepts whatever strict does.
func FuzzJudge(f *testing.F) {
	f.Add("SHOW /d/a", "200 /d/a OK\nBuy milk\n", "200 /d/a OK\nBuy milk\n\n", true)
	f.Add("LIST /d", "200 /d OK\na, b/\n", "200 /d OK\nb, a\n", false)
	f.Add("SHOW", "300 - CLIENT ERROR \"…\"\n", "300 CLIENT ERROR \"\\\"\"\n", false)
	f.Add("CREATE /d/a/b x", "510 /d/a/ CANNOT CREATE PATH\n", "410 /d/a PATH NOT FOUND", true)
	f.Fuzz(func(t *testing.T, request, want, got string, contents bool) {
		facts, also := check.Facts{UpdateContents: contents}, []int{100, 200, 400, 410}
		strict := check.Judge(check.Strict, facts, request, want, also, got)
		guide := check.Judge(check.Guide, facts, request, want, also, got)
		if strict == nil && guide != nil {
			t.Errorf("guide does not accept %q for %q", got, want)
		}
		for _, p := range []*check.Problem{strict, guide} {
			if p != nil && (p.At < 0 || p.At > len(got) || p.Symptom == "") {
				t.Errorf("%q for %q: %+v", got, want, p)
			}
		}
	})
}
