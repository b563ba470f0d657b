package check

import (
	"fmt"
	"os"
	"strings"
	"time"
)

// searchCases are those of q, but for folding.
func searchCases() []Case {
	const anywhere = "q is a text that may stand anywhere in the contents, also within a word and over several"
	return []Case{
		{
			ID: firstQuery, Title: "LIST with q is answered the files that hold the text",
			Statements: []string{"11.2-8", "11.2-7"}, After: []string{"STTP-5.4-LIST-002"},
			Ask: making("a.txt", "Buy milk", "b.txt", "Buy bread", "c.txt", "oat milk, two litres", "milk.txt", "Call Ann") + listing(
				"/?q=milk", "a.txt, c.txt", "/?q=Buy", "a.txt, b.txt", "/?q=Ann", "milk.txt", "/?q=sugar", "", "", "a.txt, b.txt, c.txt, milk.txt"),
			Hints: []Hint{{WrongContents, "the files whose contents hold the text, and no others; names do not count"}},
		},
		{
			ID: "STTP-11.2-FIND-002", Title: "The text may stand anywhere in the contents",
			Statements: []string{"11.2-8"},
			Ask: making("a.txt", "milk and bread", "b.txt", "bread and milk", "c.txt", "bread, milk, eggs", "d.txt", "buttermilkshake", "e.txt", "mi lk", "f.txt", "aaaab", "g.txt", "ababaca") + listing(
				"/?q=milk", "a.txt, b.txt, c.txt, d.txt", "/?q=milks", "d.txt", "/?q=d%20and", "b.txt", "/?q=k%20and%20b", "a.txt", "/?q=read,%20m", "c.txt",
				"/?q=buttermilkshake", "d.txt", "/?q=i%20l", "e.txt", "/?q=aaab", "f.txt", "/?q=abac", "g.txt"),
			Hints: []Hint{{WrongContents, anywhere}, {CutShort, anywhere}},
		},
		{
			ID: "STTP-11.2-FIND-003", Title: "A text of one or two characters is found",
			Statements: []string{"11.2-8"},
			Ask: making("a.txt", "x", "b.txt", "yx", "c.txt", "milk", "d.txt", "é", "e.txt", "日本語", "f.txt", `""`) + listing(
				"/?q=x", "a.txt, b.txt", "/?q=y", "b.txt", "/?q=yx", "b.txt", "/?q=il", "c.txt", "/?q=%C3%A9", "d.txt", "/?q=%E6%9C%AC", "e.txt", "/?q=%E6%9C%AC%E8%AA%9E", "e.txt", "/?q=z", "", "/?q=xy", ""),
			Hints: []Hint{
				{WrongContents, "an index of three characters each (trigrams) does not know texts of one or two: look at the contents themselves"},
				{CutShort, "an index of three characters each (trigrams) does not know texts of one or two: look at the contents themselves"},
			},
		},
		{
			ID: "STTP-11.2-FIND-004", Title: "A text that hundreds of snippets hold is found in all of them",
			Statements: []string{"11.2-8", "11.2-13"}, Limit: raceLimit,
			Accepts: "the names of all 300 files with the word, sorted, and with another word those of three", Netcat: `for i in $(seq 100 399); do printf "CREATE /try/$i.txt milk $i\n\n" | nc HOST PORT >/dev/null; done; printf 'LIST /try/?q=milk\n\n' | nc HOST PORT | tr , '\n' | wc -l`,
			Run:   findMany,
			Hints: []Hint{{WrongContents, "are only the first so many candidates looked at? A bound on them must not leave out what is to be found"}, {CutShort, "are only the first so many candidates looked at? A bound on them must not leave out what is to be found"}},
		},
		{
			ID: "STTP-11.2-FIND-005", Title: "With q the list holds no directory, and nothing that is in one",
			Statements: []string{"11.2-8", "11.2-12"},
			Ask: making("a.txt", "milk", "milk/b.txt", "milk", "sub/milk.txt", "milk", "sub/deep/c.txt", "milk") + listing(
				"/?q=milk", "a.txt", "/sub?q=milk", "milk.txt", "/sub/deep/?q=milk", "c.txt", "/milk?q=bread", ""),
			Hints: []Hint{{WrongContents, "a directory has no contents, so it does not hold a text; subdirectories are looked into with recursive=true alone"}},
		},
		{
			ID: "STTP-11.2-FIND-006", Title: "Nothing in q is a wildcard, a quote or an operator",
			Statements: []string{"11.2-8"},
			Ask:        plainTextTalk(),
			Hints: []Hint{
				{WrongContents, "q is the text itself: in SQL bind it as a parameter and escape % and _ of LIKE; do not put it into a full-text query, where quotes, *, ^, -, :, AND, OR, NOT and NEAR mean something; and make no regular expression of it"},
				{CutShort, "q is the text itself: in SQL bind it as a parameter and escape % and _ of LIKE; do not put it into a full-text query; and make no regular expression of it"},
				{GotStatus(500), "is the text put into a query of a database as it stands? Bind it as a parameter"},
			},
		},
		{
			ID: "STTP-11.2-FIND-007", Title: "Spaces and tabs in q are compared like any other character",
			Statements: []string{"11.2-8"},
			Ask: making("a.txt", "one two", "b.txt", "one  two", "c.txt", `" one"`, "d.txt", "one{09}two", "e.txt", "onetwo") + listing(
				"/?q=one%20two", "a.txt", "/?q=one%20%20two", "b.txt", "/?q=%20", "a.txt, b.txt, c.txt", "/?q=%20one", "c.txt", "/?q=onetwo", "e.txt", "/?q=one%20", "a.txt, b.txt", "/?q=one%09", "d.txt"),
			Hints: []Hint{{WrongContents, "nothing is trimmed or joined: two spaces are two, and those at the ends of q count as well"}, {GotStatus(300), "one space alone is a text, too"}},
		},
		{
			ID: "STTP-11.2-FIND-008", Title: "A text as long as a snippet is found, and one that only begins like it is not",
			Statements: []string{"11.2-8"},
			Ask: making("a.txt", "{milk*40}", "b.txt", "{milk*39}mil", "c.txt", "{é*160}") + listing(
				"/?q={milk*40}", "a.txt", "/?q={milk*39}mil", "a.txt, b.txt", "/?q={milk*39}milx", "", "/?q={%C3%A9*160}", "c.txt", "/?q=k{milk*39}", "a.txt"),
		},
		{
			ID: "STTP-11.2-FIND-009", Title: "A file that is no snippet holds no text, though other lists show it",
			Statements: []string{"11.2-9", "9.2-4"}, Needs: Files | Linux,
			Accepts: "with q the files that are snippets alone; with name, and without a query, all", Netcat: `printf 'milk\nmilk\n' > DOCROOT/try/two.txt; printf 'LIST /try/?q=milk\n\n' | nc HOST PORT`,
			Run:   findSpoilt,
			Hints: []Hint{{WrongContents, "read a file as SHOW does: what it would answer 500 is no snippet, and its text is in no result; one LF or CR LF at the end does not count"}},
		},
	}
}

// plainTextTalk is that of a text in which something could be taken for more than
// a character.
func plainTextTalk() string {
	texts := []string{
		"50% off", "50 euro off", "snake_case", "snakeXcase", `it's "quoted" here`, "its quoted here", "cats AND dogs", "cats dogs", "cats OR dogs", "NOT cats",
		"NEAR(cats dogs, 2)", "star*", "starling", "'; DROP TABLE snippets; --", "a^b", "ab -cat", "text:cat", `C:\temp`, "C:temp", "a.c", "abc", "[a-c]+", "(a|b)", "{x}", "x", "$HOME", "`id`", "\\E", "%s%n",
	}
	var b strings.Builder
	contents := strings.NewReplacer("{", "{7b}", "}", "{7d}")
	for i, text := range texts {
		b.WriteString(making(fmt.Sprintf("%02d", i), contents.Replace(text)))
	}
	for _, q := range []string{
		"%", "_", "0%", "e_c", `"`, "'", `"quoted"`, "''", "cats and", "cats or", "not cats", "near(", "star*", "sta*", "*", "'; DROP", "--", "^", "a^b", "-cat", "text:", `\`, `C:\t`,
		".", "a.c", "[a", "[a-c]", "+", "|", "(", "a|b", "{", "}", "$", "`", `\E`, "%s", "%n", "cats dogs", "dogs cats", "snake%", "0__",
	} {
		var found []string
		for i, text := range texts {
			if strings.Contains(strings.ToLower(text), strings.ToLower(q)) {
				found = append(found, fmt.Sprintf("%02d", i))
			}
		}
		b.WriteString(listing("/?q="+encoded(q), strings.Join(found, ", ")))
	}
	return b.String()
}

func findMany(t *T) {
	const many = 300
	var paths, names, few []string
	for i := range many {
		name := fmt.Sprintf("%d.txt", 100+i)
		names = append(names, name)
		paths = append(paths, t.dir+"/"+name)
	}
	defer removeTogether(t, paths)
	t.makeFiles(paths, "all have milk")
	for _, i := range []int{7, 150, 299} {
		few = append(few, names[i])
		t.Want("UPDATE {d}/"+names[i]+" milk and bread", "200 {d}/"+names[i]+" OK", "milk and bread")
	}
	t.Want("LIST {d}/?q=milk", "200 {d}/ OK", strings.Join(names, ", "))
	t.Want("LIST {d}/?q=bread", "200 {d}/ OK", strings.Join(few, ", "))
	t.Want("LIST {d}/?q=all%20have&limit=1000&after=398", "200 {d}/ OK", "398.txt")
}

// makeFiles makes files that hold the same, many at a time where the server lets
// it. It ends the case if one of them cannot be made.
func (t *T) makeFiles(paths []string, contents string) {
	if !t.facts.KeepsOpen {
		for _, path := range paths {
			t.Want("CREATE "+path+" "+contents, "100 "+path+" CREATED")
		}
		return
	}
	began := time.Now()
	refused, done := pipelined(t, "CREATE", paths, " "+contents, began.Add(hugeBudget))
	switch {
	case refused != "":
		t.FailWith(&Problem{Symptom: GotStatus(splitStatusLine(refused).status), Says: "one of many pipelined CREATEs was not answered 100", Got: refused})
	case done < len(paths) && time.Since(began) < hugeBudget:
		t.Fail(NoReply, "one of many pipelined CREATEs got no reply within %v", hugeReply(t))
	case done < len(paths):
		t.Undecided("the server made %d of %d files in %v, which is too few", done, len(paths), time.Since(began).Round(time.Second))
	}
}

func findSpoilt(t *T) {
	p := t.FilesProcess()
	t.Want("CREATE {d}/a.txt Buy milk", "100 {d}/a.txt CREATED")
	for i, text := range []string{
		"milk\nmilk", "milk\n\n", "milk\r", "milk \x1b[0m", "milk \xff", strings.Repeat("milk", 41), "milk \x00", strings.Repeat("milk ", 1<<20),
	} {
		t.write(p, fmt.Sprintf("no-%d.txt", i), text)
	}
	t.write(p, "yes-1.txt", "Milk\n")
	t.write(p, "yes-2.txt", "MILK\r\n")
	t.must(os.Symlink("a.txt", t.file(p, "z-link.txt")))
	const all = "a.txt, no-0.txt, no-1.txt, no-2.txt, no-3.txt, no-4.txt, no-5.txt, no-6.txt, no-7.txt, yes-1.txt, yes-2.txt"
	t.Want("LIST {d}/?q=milk", "200 {d}/ OK", "a.txt, yes-1.txt, yes-2.txt")
	t.Want("LIST {d}/?q=m&recursive=true", "200 {d}/ OK", "a.txt, yes-1.txt, yes-2.txt")
	t.Want("LIST {d}/?name=*.txt", "200 {d}/ OK", all)
	t.Want("LIST {d}/?limit=1000", "200 {d}/ OK", all)
	t.Want("LIST {d}", "200 {d} OK", all)
}

// foldingCases are those of upper and lower case.
func foldingCases() []Case {
	const simple = "compare after Unicode's simple case folding (the lines C and S of CaseFolding.txt), character by character; "
	return []Case{
		{
			ID: "STTP-11.2-FOLD-001", Title: "Upper and lower case of ASCII are the same in q",
			Statements: []string{"11.2-8"},
			Ask: making("a.txt", "Buy MILK", "b.txt", "buy milk", "c.txt", "bUY mILK", "d.txt", "[milk]", "e.txt", "{7b}milk{7d}", "f.txt", "a@b", "g.txt", "a{60}b") + listing(
				"/?q=milk", "a.txt, b.txt, c.txt, d.txt, e.txt", "/?q=MILK", "a.txt, b.txt, c.txt, d.txt, e.txt", "/?q=Buy%20Milk", "a.txt, b.txt, c.txt",
				"/?q=%5BMilk", "d.txt", "/?q=%7BMilk", "e.txt", "/?q=A@B", "f.txt", "/?q=A%60B", "g.txt"),
			Hints: []Hint{{WrongContents, "q finds the text whether it is written in upper or lower case; only letters have cases, so [ and { stay apart"}, {CutShort, "q finds the text whether it is written in upper or lower case"}},
		},
		{
			ID: "STTP-11.2-FOLD-002", Title: "Upper and lower case are the same in q in every script that has them",
			Statements: []string{"11.2-8"},
			Ask:        foldTalk([]string{"\u00c9\u00e9", "\u0178\u00ff", "\u0141\u0142", "\u01c4\u01c5\u01c6", "\u0416\u0436", "\u0406\u0456", "\u0393\u03b3", "\u038a\u03af", "\u0531\u0561", "\u1c90\u10d0", "\u13a0\uab70", "\u2c00\u2c30", "\u2167\u2177", "\u24b6\u24d0", "\uff21\uff41", "\U00010400\U00010428", "\U0001e900\U0001e922", "\u2c6f\u0250", "\u2c7e\u023f"}),
			Hints: []Hint{
				{WrongContents, simple + "a database's own idea of case may be ASCII alone (SQLite's LIKE and lower(), LC_ALL=C)"},
				{CutShort, simple + "a database's own idea of case may be ASCII alone (SQLite's LIKE and lower(), LC_ALL=C)"},
			},
		},
		{
			ID: "STTP-11.2-FOLD-003", Title: "Characters with one folding are the same in q, also where none is the other's lower case",
			Statements: []string{"11.2-8"}, After: []string{"STTP-11.2-FOLD-002"},
			Ask: foldTalk([]string{"Ss\u017f", "Kk\u212a", "\u00c5\u00e5\u212b", "\u03a9\u03c9\u2126", "\u03a3\u03c3\u03c2", "\u039c\u00b5\u03bc", "\u1e9e\u00df", "\u0398\u03b8\u03d1\u03f4", "\u0392\u03b2\u03d0", "\u03a0\u03c0\u03d6", "\u0399\u03b9\u0345\u1fbe", "\u1e60\u1e61\u1e9b", "\u0412\u0432\u1c80"}),
			Hints: []Hint{
				{WrongContents, simple + "lower case is not the same: the long s, the sigma at the end of a word, the micro sign and others stay as they are in lower case. In Go strings.EqualFold and unicode.SimpleFold know them"},
				{CutShort, simple + "lower case is not the same: the long s, the sigma at the end of a word and others stay as they are in lower case"},
			},
		},
		{
			ID: "STTP-11.2-FOLD-004", Title: "Characters that differ in more than case are not the same in q",
			Statements: []string{"11.2-8"}, After: []string{"STTP-11.2-FOLD-002"},
			Ask: making("a", "strasse", "b", "stra{c3}{9f}e", "c", "caf{c3}{a9}", "d", "cafe{cc}{81}", "e", "cafe", "f", "\ufb01nal", "g", "final", "h", "\u0130stanbul", "i", "istanbul", "j", "\u0131stanbul", "k", "\uff26\uff55\uff4c\uff4c", "l", "full", "m", "x\u00b2", "n", "x2", "o", "oe", "p", "\u0153") + listing(
				"/?q=ss", "a", "/?q=%C3%9F", "b", "/?q=caf%C3%A9", "c", "/?q=cafe%CC%81", "d", "/?q=cafe", "d, e", "/?q=%EF%AC%81", "f", "/?q=fi", "g",
				"/?q=%C4%B0", "h", "/?q=ist", "i", "/?q=%C4%B1", "j", "/?q=%EF%BC%A6", "k", "/?q=full", "l", "/?q=%C2%B2", "m", "/?q=x2", "n", "/?q=oe", "o", "/?q=%C5%92", "p"),
			Hints: []Hint{{WrongContents, simple + "ß is not ss, and é is neither e nor an e with an accent behind it: nothing is normalised, and full case folding, a collation or accents that do not count find too much. İ and ı have no case folding but in Turkish"}},
		},
		{
			ID: "STTP-11.2-FOLD-005", Title: "A text is found where folding changes how many bytes it has",
			Statements: []string{"11.2-8"}, After: []string{"STTP-11.2-FOLD-003"},
			Ask: making("a", "5 \u212a and 6 k", "b", "{\u212a*160}", "c", "{k*160}", "d", "\u2c65\u023a", "e", "\u212bngstr\u00f6m k") + listing(
				"/?q=k%20and%206%20%E2%84%AA", "a", "/?q={k*160}", "b, c", "/?q={%E2%84%AA*160}", "b, c", "/?q=%C8%BA%E2%B1%A5", "d", "/?q=%C3%A5NGSTR%C3%96M%20K", "e"),
			Hints: []Hint{{WrongContents, "the Kelvin sign has three bytes, and k has one: find the text among characters, and do not use a place in the folded text as one in the other"}, {CutShort, "the Kelvin sign has three bytes, and k has one: a buffer for the folded text may have to be larger or smaller than the text"}},
		},
	}
}

// foldTalk is the talk in which each of these texts stands for characters that
// are the same: each is found by all.
func foldTalk(classes []string) string {
	var talk strings.Builder
	for i, class := range classes {
		var names []string
		for j, r := range []rune(class) {
			name := fmt.Sprintf("%02d-%d", i, j)
			names = append(names, name)
			talk.WriteString(making(name, fmt.Sprintf("x%cy %d", r, i)))
		}
		for _, r := range class {
			talk.WriteString(listing("/?q=X"+encoded(string(r))+"Y", strings.Join(names, ", ")))
		}
	}
	return talk.String()
}
