package zoo

// Fault is one thing that a server does wrong; its text says what.
type Fault string

// None is the fault of a server that is right.
const None Fault = ""

// Faults of replies.
const (
	ExtraNewline     Fault = "an empty line follows each reply"
	NoNewline        Fault = "contents lines have no LF"
	CarriageReturns  Fault = "lines of replies end with CR LF"
	WordsInLowerCase Fault = "the words of a status line are in lower case"
	MessageUnquoted  Fault = "messages are not quoted"
	MessageBroken    Fault = "quotes inside a message are not escaped"
	ContentsFirst    Fault = "the contents line comes before the status line"
	GluedReplies     Fault = "there is no LF between pipelined replies"
	DeletedIs200     Fault = "DELETE is answered 200"
	UpdateBare       Fault = "a 200 to UPDATE has no contents line"
	FileIn410        Fault = "410 and 510 name the file"
	Swapped          Fault = "400 and 410 are swapped"
	EchoesAnyPath    Fault = "a 300 repeats whatever stands for the path"
	QuotesInReplies  Fault = "SHOW answers the contents in quotes"
)

// Faults of connections and lines.
const (
	Greets            Fault = "greets on connect"
	WaitsForEnd       Fault = "answers when the client has ended its sending side"
	WaitsForEmpty     Fault = "answers when an empty line has come"
	OneAtATime        Fault = "serves one client at a time"
	OneRequest        Fault = "closes after the first reply"
	OneRead           Fault = "takes what one read returns for a request"
	FirstOfPacket     Fault = "answers only the first request of a packet"
	OutOfOrder        Fault = "answers pipelined requests in reverse order"
	EmptyLineIgnored  Fault = "an empty line does not end the session"
	EmptyLineAnswered Fault = "an empty line is answered"
	HalfLine          Fault = "a last line without LF is carried out"
	HalfLineSilent    Fault = "a last line without LF is not answered"
	HalfLineLocks     Fault = "half a line holds a lock that all need"
	NoLinger          Fault = "closes without reading what is left, which causes a reset"
	LingersOn         Fault = "reads without a bound when it has closed its side"
	WaitsForReader    Fault = "waits for ever for a client that does not read"
	CarriageKept      Fault = "the CR before the LF is kept"
	CarriagesDropped  Fault = "all CRs before the LF are dropped"
	ShortLines        Fault = "lines of more than 4,096 bytes are refused"
	LongLines         Fault = "lines of any length are read"
	ClosesOnError     Fault = "closes after every 300"
	HTTPBody          Fault = "carries out a DELETE from the body of an HTTP request"
	HostIgnored       Fault = "a line that begins with Host: does not end the connection"
	DiesOnJunk        Fault = "ends when a line is not UTF-8"
	LineTimePerByte   Fault = "each byte starts the time for a line anew"
	IdleTold          Fault = "an idle client is told that it was closed"
)

// Faults of parsing and of the order of checks.
const (
	LowerCaseActions  Fault = "actions in lower case are carried out"
	ManySpaces        Fault = "any number of spaces may stand before the path"
	TrailingSpaces    Fault = "spaces at the end of a line are kept"
	CutAtSpace        Fault = "contents end at the first space"
	QuotesKept        Fault = "quotes around contents are kept"
	QuotesTrimmed     Fault = "quotes at the ends of contents are always taken away"
	EscapesKept       Fault = "escapes inside quotes are kept"
	EmptyRefused      Fault = "the empty snippet is refused"
	EmptyAccepted     Fault = "CREATE and UPDATE need no contents"
	SurplusIgnored    Fault = "contents of SHOW, LIST and DELETE are ignored"
	ControlsKept      Fault = "control characters are accepted in contents"
	TabsRefused       Fault = "tabs are refused in contents"
	NotUTF8           Fault = "contents need not be UTF-8"
	BytesCounted      Fault = "bytes are counted instead of characters"
	Names31           Fault = "names of 32 characters are refused"
	Names33           Fault = "names of 33 characters are accepted"
	Contents159       Fault = "contents of 160 characters are refused"
	Contents161       Fault = "contents of 161 characters are accepted"
	ContentsCut       Fault = "contents that are too long are cut to 160 characters"
	LongDirectories   Fault = "310 is answered for directories"
	LaxPaths          Fault = "paths may hold ?, \\ and format characters"
	DotNames          Fault = "names may begin with a dot"
	DoubleSlash       Fault = "two slashes count as one"
	ASCIIPaths        Fault = "paths hold ASCII only"
	PercentDecoded    Fault = "percent signs in paths are decoded"
	CaseIgnored       Fault = "upper and lower case are the same in paths"
	Traversal         Fault = "two dots lead out of the docroot"
	ReversedOrder     Fault = "the order of checks is reversed"
	NameAfterContents Fault = "contents are checked before the length of the name"
)

// Faults of what is stored.
const (
	CreateOverwrites Fault = "CREATE overwrites"
	ShallowCreate    Fault = "CREATE makes no directory below the third"
	UpdateCreates    Fault = "UPDATE creates"
	UpdateAppends    Fault = "UPDATE appends"
	DeleteForgets    Fault = "DELETE of a missing file is answered 600"
	EmptyDirsStay    Fault = "empty directories stay"
	ShowLists        Fault = "SHOW of a directory lists it"
	DeleteSubtree    Fault = "DELETE of a directory removes all that is in it"
	ListUnsorted     Fault = "LIST is not sorted"
	ListNoSpace      Fault = "LIST joins without a space"
	ListNoSlash      Fault = "LIST shows directories without a slash"
	ListRecursive    Fault = "LIST shows what is in subdirectories too"
	ListOfFile       Fault = "LIST of a file shows the file"
	ListUnbounded    Fault = "LIST answers more than 1 MiB"
	CacheByName      Fault = "the cache is keyed by the name of the file alone"
	StaleUpdate      Fault = "the cache is stale after an UPDATE"
	StaleDelete      Fault = "the cache is stale after a DELETE"
	StaleListCreate  Fault = "the cached LIST is stale after a CREATE"
	StaleListDelete  Fault = "the cached LIST is stale after a DELETE"
	NegativeCache    Fault = "a missing file is remembered as missing"
	TornUpdate       Fault = "readers see half of an UPDATE"
	TwoWinners       Fault = "two CREATEs of one file can both win"
	LateUpdate       Fault = "UPDATE is acknowledged before it can be seen"
)

// Faults of the form of queries.
const (
	QueryInReply      Fault = "the reply to a query repeats it with the path"
	QueryDash         Fault = "a wrong query is answered with - for the path"
	QueryLastMark     Fault = "the query begins at the last question mark"
	QueryAnywhere     Fault = "a query on another action is cut off"
	QueryLate         Fault = "a missing directory is told before a wrong query"
	QueryMissing      Fault = "a query in a missing directory finds nothing"
	QueryPartsSkipped Fault = "what is no parameter is passed over"
	QueryUnknown      Fault = "parameters that are not known are passed over"
	QueryTwice        Fault = "of a parameter that is there twice the last counts"
	QueryEmpty        Fault = "an empty q finds everything"
	QueryLong         Fault = "values may be of any length"
	QueryPercent      Fault = "a percent sign may stand for itself"
	QueryRaw          Fault = "characters need not be encoded"
	QueryNoText       Fault = "values may be any bytes"
	QueryPlus         Fault = "a plus is a space"
	QueryDecodedTwice Fault = "values are decoded twice"
	LimitLax          Fault = "a limit may be any number"
)

// Faults of what a query finds.
const (
	QueryDirectories Fault = "directories are shown beside the files that are searched"
	QCases           Fault = "q tells upper and lower case apart"
	QASCII           Fault = "q folds ASCII alone"
	QLower           Fault = "q compares lower case"
	QFull            Fault = "q takes ß for ss"
	QWords           Fault = "q finds whole words"
	QLike            Fault = "% and _ are wildcards in q"
	QThree           Fault = "q of one or two characters finds nothing"
	QHundred         Fault = "q looks at a hundred files"
	QTrimmed         Fault = "spaces at the ends of q are dropped"
	NamePart         Fault = "a pattern may match a part of a name"
	NameBytes        Fault = "? in a pattern matches one byte"
	NameNoBrackets   Fault = "brackets in a pattern stand for themselves"
	NameNoEscapes    Fault = "backslashes in a pattern stand for themselves"
	NameUnchecked    Fault = "a pattern that breaks the rules is not refused"
	NameFolds        Fault = "a pattern matches without regard to case"
	NameWithDirs     Fault = "a pattern has to match the directories as well"
	DeepWalk         Fault = "a subtree is shown in the order of a walk"
	DeepBare         Fault = "a subtree is shown without its directories' names"
	DeepDirs         Fault = "a subtree is shown with its directories"
	DeepPrefix       Fault = "a subtree is whatever begins with its name"
	DeepUnbounded    Fault = "a query answers more than 1 MiB"
	PageFiles        Fault = "pages hold files alone"
	AfterIncluded    Fault = "a page begins with the last name of the one before"
	AfterKnown       Fault = "after has to be a name that is there"
	LimitFirst       Fault = "limit counts what other parameters leave out"
	LimitMore        Fault = "a page has one name too many"
	StaleSearch      Fault = "what was found is kept beyond an UPDATE"
	CacheByQ         Fault = "what was found is kept by q alone"
	LateSearch       Fault = "a search finds what has changed a moment later"
	UpdateGap        Fault = "a file is not found while it is updated"
)

// Faults returns all faults.
func Faults() []Fault {
	return []Fault{
		ExtraNewline, NoNewline, CarriageReturns, WordsInLowerCase, MessageUnquoted, MessageBroken, ContentsFirst,
		GluedReplies, DeletedIs200, UpdateBare, FileIn410, Swapped, EchoesAnyPath, QuotesInReplies,
		Greets, WaitsForEnd, WaitsForEmpty, OneAtATime, OneRequest, OneRead, FirstOfPacket, OutOfOrder, EmptyLineIgnored,
		EmptyLineAnswered, HalfLine, HalfLineSilent, HalfLineLocks, NoLinger, LingersOn, WaitsForReader, CarriageKept, CarriagesDropped,
		ShortLines, LongLines, ClosesOnError, HTTPBody, HostIgnored, DiesOnJunk, LineTimePerByte, IdleTold,
		LowerCaseActions, ManySpaces, TrailingSpaces, CutAtSpace, QuotesKept, QuotesTrimmed, EscapesKept, EmptyRefused,
		EmptyAccepted, SurplusIgnored, ControlsKept, TabsRefused, NotUTF8, BytesCounted, Names31, Names33,
		Contents159, Contents161, ContentsCut, LongDirectories, LaxPaths, DotNames, DoubleSlash, ASCIIPaths,
		PercentDecoded, CaseIgnored, Traversal, ReversedOrder, NameAfterContents,
		CreateOverwrites, ShallowCreate, UpdateCreates, UpdateAppends, DeleteForgets, EmptyDirsStay, ShowLists,
		DeleteSubtree, ListUnsorted, ListNoSpace, ListNoSlash, ListRecursive, ListOfFile, ListUnbounded, CacheByName,
		StaleUpdate, StaleDelete, StaleListCreate, StaleListDelete, NegativeCache, TornUpdate, TwoWinners, LateUpdate,
		QueryInReply, QueryDash, QueryLastMark, QueryAnywhere, QueryLate, QueryMissing, QueryPartsSkipped, QueryUnknown,
		QueryTwice, QueryEmpty, QueryLong, QueryPercent, QueryRaw, QueryNoText, QueryPlus, QueryDecodedTwice, LimitLax,
		QueryDirectories, QCases, QASCII, QLower, QFull, QWords, QLike, QThree, QHundred, QTrimmed,
		NamePart, NameBytes, NameNoBrackets, NameNoEscapes, NameUnchecked, NameFolds, NameWithDirs,
		DeepWalk, DeepBare, DeepDirs, DeepPrefix, DeepUnbounded, PageFiles, AfterIncluded, AfterKnown, LimitFirst, LimitMore,
		StaleSearch, CacheByQ, LateSearch, UpdateGap,
	}
}
