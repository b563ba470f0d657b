package check_test

import (
	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// Cases that tell enough of a server that nearly no reply of is right.
const (
	all      = "*"
	basics   = "5.2-CREATE-001 5.3-SHOW-001 5.4-LIST-001 5.5-UPDATE-001 5.6-DELETE-001 5.7-MISSING-001 "
	starts   = "2.1-TCP-* 2.1-CONN-001 5.2-CREATE-001 5.3-SHOW-001 "
	together = starts + "2.1-CONN-* 2.1-PIPE-* 2.1-JUNK-* 2.2-LINE-* 2.3-EMPTY-* "
	timed    = "2.4-LINGER-008 2.6-TIME-* 2.6-IDLE-* 2.6-READ-* "
)

// findings say for each fault how it shows itself.
var findings = map[zoo.Fault]finding{
	// Replies.
	zoo.ExtraNewline:     {shows: check.ExtraNewline, fails: "5.2-CREATE-001 5.7-MISSING-001", also: all, only: basics},
	zoo.NoNewline:        {shows: check.NoNewline, fails: "5.3-SHOW-001 3.4-ROOT-001", also: all, only: basics + "3.4-ROOT-001"},
	zoo.CarriageReturns:  {shows: check.CarriageReturn, fails: "5.2-CREATE-001 5.7-MISSING-001 2.2-LINE-001", also: all, only: basics + "2.2-LINE-001"},
	zoo.WordsInLowerCase: {shows: check.WrongWords, fails: "5.2-CREATE-001 5.7-MISSING-001", also: all, only: basics},
	zoo.MessageUnquoted:  {shows: check.MessageUnquoted, fails: "4.3-MISSING-001 5.1-LINE-001 6.1-REPLY-001", also: "5.1-LINE-* 6.1-REPLY-*", only: basics + "4.3-MISSING-001 5.1-LINE-* 6.1-REPLY-*"},
	zoo.MessageBroken: {
		shows: check.MessageRaw, fails: "4.3-MISSING-001 6.4-MESSAGE-*",
		also: "4.3-MISSING-* 4.1-REFUSED-005 4.2-QUOTE-* 5.8-REFUSAL-001 6.* 7.1-* 2.2-LINE-*",
	},
	zoo.ContentsFirst: {shows: check.NotAReply, fails: "5.3-SHOW-001 5.4-LIST-001", also: all, only: basics},
	zoo.GluedReplies: {
		fails: "2.1-PIPE-001", also: "2.1-JUNK-* 2.3-EMPTY-* 2.4-AFTER-* 2.5-HTTP-* 6.1-REPLY-003", only: together + basics,
	},
	zoo.DeletedIs200: {
		shows: check.GotStatus(200), fails: "5.6-DELETE-001",
		also: "2.1-CONN-003 2.1-PIPE-00[67] 2.2-LINE-001 2.5-HTTP-009 5.1-LINE-006 5.4-LIST-013 5.8-CACHE-* 6.1-REPLY-* 6.3-PATH-001",
	},
	zoo.UpdateBare: {
		shows: check.MissingContents, fails: "5.5-UPDATE-001", also: "2.1-CONN-003 2.1-PIPE-006 5.8-CACHE-009 6.1-REPLY-*",
	},
	zoo.FileIn410: {
		shows: check.WrongPath, fails: "5.2-CREATE-008 5.7-MISSING-001 5.7-MISSING-007 6.3-PATH-002",
		also: "2.1-CONN-003 2.1-PARALLEL-* 2.2-LINE-* 2.2-LONG-* 2.3-PART-004 5.5-UPDATE-006 5.7-MISSING-* 5.8-REFUSAL-003 5.8-CACHE-006 6.1-REPLY-*",
	},
	zoo.Swapped:         {shows: check.GotStatus(400), fails: "5.4-LIST-014 5.7-MISSING-001 5.7-MISSING-004 5.6-DELETE-003", also: all, only: basics + "5.4-LIST-014 5.6-DELETE-003 5.7-MISSING-00[14]"},
	zoo.EchoesAnyPath:   {shows: check.WrongPath, fails: "3.1-PATH-001 5.1-LINE-002", also: "3.1-PATH-* 3.1-LENGTH-* 5.1-LINE-* 6.3-PATH-*", only: basics + "3.1-PATH-* 3.1-LENGTH-* 5.1-LINE-* 6.3-PATH-*"},
	zoo.QuotesInReplies: {shows: check.QuotesKept, fails: "5.3-SHOW-001", also: all, only: basics},

	// Connections and lines.
	zoo.Greets:            {shows: check.ExtraBytes, fails: "2.1-TCP-006", also: all, only: starts},
	zoo.WaitsForEnd:       {shows: check.NoReply, fails: "2.1-TCP-002", also: "2.1-TCP-003 2.1-CONN-001", only: starts},
	zoo.WaitsForEmpty:     {shows: check.NoReply, fails: "2.1-TCP-003", also: "2.1-CONN-001", only: starts},
	zoo.OneAtATime:        {shows: check.NotServed, fails: "2.1-PARALLEL-001 2.1-PARALLEL-002 2.1-PARALLEL-003", also: "2.1-CONN-004", only: starts + "2.1-PARALLEL-*"},
	zoo.OneRequest:        {shows: check.ClosedEarly, fails: "2.1-CONN-001", also: "2.1-JUNK-*", only: together},
	zoo.OneRead:           {fails: "2.1-CONN-005 2.1-PIPE-001 2.2-LINE-005", also: "2.1-* 2.2-* 2.3-EMPTY-*", only: together},
	zoo.FirstOfPacket:     {shows: check.NoReply, fails: "2.1-PIPE-001", also: "2.1-CONN-005 2.1-JUNK-* 2.3-EMPTY-*", only: together},
	zoo.OutOfOrder:        {fails: "2.1-PIPE-001", also: "2.1-JUNK-* 2.3-EMPTY-003", only: together},
	zoo.EmptyLineIgnored:  {shows: check.StaysOpen, fails: "2.3-EMPTY-001", also: "2.3-ROBUST-005 2.4-AFTER-001 2.4-LINGER-*"},
	zoo.EmptyLineAnswered: {shows: check.ExtraBytes, fails: "2.3-EMPTY-001 5.2-CREATE-001", also: all, only: basics + "2.3-EMPTY-001"},
	zoo.HalfLine:          {fails: "2.3-PART-001 2.3-PART-003 2.3-PART-004", also: "2.3-ROBUST-002"},
	zoo.HalfLineSilent:    {shows: check.ClosedEarly, fails: "2.3-PART-001", also: "2.3-PART-* 2.3-ROBUST-002"},
	zoo.HalfLineLocks:     {shows: check.NotServed, fails: "2.1-PARALLEL-002", also: "2.1-ROBUST-*"},
	zoo.NoLinger: {
		shows: check.WasReset, fails: "2.4-LINGER-001 2.4-LINGER-004",
		also: "2.2-LONG-* 2.3-ROBUST-* 2.4-AFTER-* 2.4-LINGER-*",
	},
	zoo.LingersOn:        {fails: "2.4-LINGER-007"},
	zoo.CarriageKept:     {shows: check.GotStatus(300), fails: "2.2-LINE-002"},
	zoo.CarriagesDropped: {fails: "2.2-LINE-003"},
	zoo.ShortLines:       {fails: "2.2-LONG-001", also: "2.2-LONG-* 6.1-LENGTH-001"},
	zoo.LongLines:        {fails: "2.2-LONG-005", also: "2.2-LONG-* 2.4-AFTER-002 2.4-LINGER-*", only: starts + "2.2-LINE-* 2.2-LONG-* 2.4-LINGER-*"},
	zoo.ClosesOnError: {
		shows: check.ClosedEarly, fails: "2.2-LINE-009",
		also: "2.1-JUNK-* 2.1-PIPE-* 2.2-LINE-* 2.2-LONG-003 2.4-AFTER-004 2.5-HTTP-* 6.1-REPLY-003",
	},
	zoo.HTTPBody:        {fails: "2.5-METHOD-* 2.5-HTTP-005", also: "2.3-EMPTY-* 2.5-*", only: starts + "2.3-EMPTY-* 2.5-*"},
	zoo.HostIgnored:     {shows: check.StaysOpen, fails: "2.5-HTTP-001 2.5-HTTP-002 2.5-HTTP-003 2.5-HTTP-004", also: "2.4-AFTER-004"},
	zoo.DiesOnJunk:      {fails: "2.1-JUNK-*", also: "2.1-JUNK-*", only: starts + "2.1-JUNK-*"},
	zoo.LineTimePerByte: {shows: check.StaysOpen, fails: "2.6-TIME-001", only: timed, slow: true},
	zoo.IdleTold:        {shows: check.ExtraBytes, fails: "2.6-IDLE-001", also: "2.6-IDLE-002", only: timed, slow: true},
	zoo.WaitsForReader:  {shows: check.StaysOpen, fails: "2.6-READ-001", only: timed, slow: true, long: true},

	// Parsing and the order of checks.
	zoo.LowerCaseActions: {fails: "5.1-LINE-004", also: "2.2-LINE-010"},
	zoo.ManySpaces:       {fails: "5.1-LINE-005", also: "2.1-PIPE-004 2.2-LINE-010"},
	zoo.TrailingSpaces:   {fails: "4.2-SPACES-001", also: "2.2-LONG-001 4.1-TEXT-007 5.1-LINE-006"},
	zoo.CutAtSpace:       {shows: check.CutShort, fails: "5.3-SHOW-001", also: all, only: basics},
	zoo.QuotesKept: {
		shows: check.QuotesKept, fails: "4.2-QUOTE-001 5.3-SHOW-002 5.5-UPDATE-002",
		also: "2.2-LINE-010 4.1-REFUSED-005 4.2-QUOTE-* 6.1-REPLY-003",
	},
	zoo.QuotesTrimmed: {
		fails: "4.2-BARE-002 4.2-BARE-003 4.2-QUOTE-005",
		also:  "2.2-LINE-010 4.1-REFUSED-005 4.1-TEXT-* 4.2-QUOTE-* 4.4-BARE-001",
	},
	zoo.EscapesKept:    {fails: "4.2-QUOTE-005", also: "2.2-LINE-010 4.1-REFUSED-005 4.1-TEXT-007 4.2-QUOTE-* 4.4-BARE-001"},
	zoo.EmptyRefused:   {shows: check.GotStatus(300), fails: "4.2-QUOTE-003", also: "4.4-BARE-001 6.1-REPLY-003"},
	zoo.EmptyAccepted:  {shows: check.GotStatus(100), fails: "4.3-MISSING-001 4.3-MISSING-002 4.3-MISSING-003", also: "2.2-LINE-009 5.8-REFUSAL-001 6.* 7.1-ORDER-*"},
	zoo.SurplusIgnored: {fails: "4.3-SURPLUS-001 4.3-SURPLUS-002 4.3-SURPLUS-003", also: "2.1-PIPE-004 2.2-LINE-010 2.5-HTTP-004 4.3-SURPLUS-004 5.8-REFUSAL-002 6.* 7.1-ORDER-*"},
	zoo.ControlsKept:   {fails: "4.1-REFUSED-002", also: "2.1-JUNK-* 2.2-LINE-003 4.1-REFUSED-005 7.1-ORDER-*"},
	zoo.TabsRefused:    {fails: "4.1-TEXT-011", also: "4.1-TEXT-010 4.2-QUOTE-004"},
	zoo.NotUTF8:        {fails: "4.1-REFUSED-001", also: "2.1-JUNK-* 2.2-LINE-010 4.1-REFUSED-005 6.3-PATH-003 7.1-ORDER-*"},
	zoo.BytesCounted:   {fails: "3.3-NAME-004 4.1-TEXT-003", also: "3.3-NAME-006 4.1-TEXT-*"},
	zoo.Names31:        {shows: check.GotStatus(310), fails: "3.3-NAME-001", also: "3.3-NAME-*"},
	zoo.Names33:        {fails: "3.3-NAME-002", also: "2.2-LINE-010 3.3-NAME-* 5.2-CREATE-011 6.1-REPLY-003 7.1-ORDER-*"},
	zoo.Contents159:    {fails: "4.1-TEXT-001", also: "4.1-TEXT-* 4.2-QUOTE-004 5.5-UPDATE-004 5.8-RACE-002"},
	zoo.Contents161:    {fails: "4.1-TEXT-002 4.1-TEXT-004", also: tooLong},
	zoo.ContentsCut:    {fails: "4.1-TEXT-002 4.1-TEXT-004", also: tooLong},
	zoo.LongDirectories: {
		shows: check.GotStatus(310), fails: "3.3-NAME-008", also: "3.1-LENGTH-* 7.1-ORDER-*",
	},
	zoo.LaxPaths:          {fails: "3.1-PATH-006 3.1-PATH-007 11.1-RESERVED-001", also: "3.1-PATH-01* 11.1-RESERVED-002 6.3-PATH-004 7.1-ORDER-011"},
	zoo.DotNames:          {fails: "3.1-PATH-009", also: "2.2-LINE-010 3.1-PATH-011 6.3-PATH-004 7.1-ORDER-011"},
	zoo.DoubleSlash:       {fails: "3.1-PATH-002", also: "3.1-PATH-011 6.3-PATH-004 7.1-ORDER-01[01]"},
	zoo.ASCIIPaths:        {fails: "3.1-ACCEPT-002", also: "3.1-ACCEPT-003 3.1-LENGTH-* 3.2-COMPARE-* 3.3-NAME-* 5.4-LIST-006 6.3-PATH-*"},
	zoo.PercentDecoded:    {fails: "3.2-COMPARE-003", also: "6.3-PATH-001"},
	zoo.CaseIgnored:       {fails: "3.2-COMPARE-001", also: "3.2-COMPARE-* 5.4-LIST-003"},
	zoo.Traversal:         {fails: "3.1-TRAVERSAL-001 3.1-TRAVERSAL-003 3.1-PATH-008", also: "2.2-LINE-010 3.1-PATH-009 3.1-PATH-011 6.3-PATH-004 7.1-ORDER-011"},
	zoo.ReversedOrder:     {fails: "7.1-ORDER-008 7.1-ORDER-009", also: "7.1-ORDER-*", only: basics + "7.1-ORDER-*"},
	zoo.NameAfterContents: {shows: check.GotStatus(300), fails: "7.1-ORDER-004 7.1-ORDER-005"},

	// What is stored.
	zoo.CreateOverwrites: {shows: check.GotStatus(100), fails: "5.2-CREATE-006 5.2-CREATE-007", also: "2.1-PIPE-006 6.1-REPLY-* 5.8-RACE-* 5.8-CACHE-008"},
	zoo.ShallowCreate:    {shows: check.GotStatus(510), fails: "5.2-CREATE-003", also: "5.2-CREATE-*", only: basics + "5.2-CREATE-*"},
	zoo.UpdateCreates:    {shows: check.GotStatus(200), fails: "5.5-UPDATE-005 5.5-UPDATE-006", also: "2.1-PIPE-006 5.7-MISSING-* 5.8-CACHE-007 6.3-PATH-002"},
	zoo.UpdateAppends:    {fails: "5.5-UPDATE-001", also: "2.1-CONN-003 2.1-PIPE-006 5.8-CACHE-009 6.1-REPLY-*"},
	zoo.DeleteForgets:    {shows: check.GotStatus(600), fails: "5.6-DELETE-003 5.7-MISSING-006 5.7-MISSING-003", also: "2.1-PIPE-006 5.7-MISSING-* 5.8-REFUSAL-003 6.3-PATH-002"},
	zoo.EmptyDirsStay:    {shows: check.GotStatus(200), fails: "5.7-DIR-006", also: "2.1-CONN-003 5.7-MISSING-010 6.1-REPLY-003 5.8-CACHE-*"},
	zoo.ShowLists:        {fails: "5.7-DIR-001"},
	zoo.DeleteSubtree:    {fails: "5.7-DIR-004"},
	zoo.ListUnsorted:     {fails: "5.4-LIST-002 5.4-LIST-004", also: lists},
	zoo.ListNoSpace:      {fails: "5.4-LIST-002 5.4-LIST-004", also: lists},
	zoo.ListNoSlash:      {fails: "5.4-LIST-004", also: lists},
	zoo.ListRecursive:    {fails: "5.4-LIST-004", also: lists},
	zoo.ListOfFile:       {fails: "5.4-LIST-015"},
	zoo.ListUnbounded:    {fails: "5.4-LIST-017"},
	zoo.CacheByName:      {fails: "5.3-SHOW-004 5.8-CACHE-004", also: "4.1-TEXT-009 5.8-CACHE-*"},
	zoo.StaleUpdate:      {fails: "5.8-CACHE-001", also: "2.1-PIPE-006 4.4-BARE-001 5.8-CACHE-*"},
	zoo.StaleDelete:      {fails: "5.8-CACHE-002", also: "2.1-PIPE-006 5.8-CACHE-*"},
	zoo.StaleListCreate:  {fails: "5.4-LIST-011 5.8-CACHE-010", also: "2.1-PIPE-007 5.8-CACHE-*"},
	zoo.StaleListDelete:  {fails: "5.4-LIST-013 5.8-CACHE-011", also: "2.1-PIPE-007 5.8-CACHE-*"},
	zoo.NegativeCache:    {fails: "5.8-CACHE-006", also: "2.1-PARALLEL-* 2.1-PIPE-006 2.2-LINE-* 2.2-LONG-* 5.8-CACHE-* 2.3-*"},
	zoo.TornUpdate:       {fails: "5.8-RACE-002", also: "5.8-RACE-*"},
	zoo.TwoWinners:       {shows: check.GotStatus(100), fails: "5.2-RACE-001", also: "5.8-RACE-*"},
	zoo.LateUpdate:       {fails: "5.5-UPDATE-001", also: "2.1-PIPE-006 6.1-REPLY-*"},
}

// tooLong are the cases that show contents that are too long, lists those that
// LIST a directory with more than one name.
const (
	tooLong = "2.2-LINE-010 4.1-REFUSED-* 4.1-TEXT-* 5.2-CREATE-011 5.8-REFUSAL-001 6.1-LENGTH-001 6.3-PATH-003 6.4-MESSAGE-* 7.1-ORDER-*"
	lists   = "2.1-PIPE-007 5.4-LIST-* 5.4-RACE-* 5.7-DIR-008 5.8-CACHE-* 5.8-RACE-006"
)
