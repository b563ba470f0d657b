package check_test

import (
	"sttp/internal/check"
	"sttp/internal/check/zoo"
)

// queries are the cases that a fault of queries may concern, but for those that
// make very many files or have many clients. asked is the first of them, which
// the others depend on.
const (
	queries = "11.1-RESERVED-* 11.2-FORM-* 11.2-ENCODE-* 11.2-FIND-00[1-35-9] 11.2-FOLD-* 11.2-NAME-* 11.2-DEEP-* 11.2-PAGE-00[1-5] 11.2-CHANGE-*"
	asked   = "11.2-FIND-001"
)

func init() {
	for fault, f := range queryFindings() {
		f.queries = true
		findings[fault] = f
	}
}

// queryFindings are those of the faults of queries.
func queryFindings() map[zoo.Fault]finding {
	return map[zoo.Fault]finding{
		// The form of a query.
		zoo.QueryInReply:      {shows: check.WrongPath, fails: asked, also: "11.1-RESERVED-002 11.2-*"},
		zoo.QueryDash:         {shows: check.WrongPath, fails: "11.2-FORM-010 11.2-FORM-003", also: "11.2-FORM-* 11.2-ENCODE-* 11.2-NAME-005 11.2-CHANGE-005"},
		zoo.QueryLastMark:     {fails: "11.2-FORM-011 11.2-FORM-003", also: "11.2-ENCODE-004 11.2-NAME-* 11.2-DEEP-004"},
		zoo.QueryAnywhere:     {fails: "11.2-FORM-009 11.1-RESERVED-001", also: "11.1-RESERVED-002"},
		zoo.QueryLate:         {shows: check.GotStatus(400), fails: "11.2-FORM-013"},
		zoo.QueryMissing:      {shows: check.GotStatus(200), fails: "11.2-FORM-014", also: "11.2-FORM-010 11.2-FORM-013"},
		zoo.QueryPartsSkipped: {shows: check.GotStatus(200), fails: "11.2-FORM-003"},
		zoo.QueryUnknown:      {shows: check.GotStatus(200), fails: "11.2-FORM-004", also: "11.2-FORM-*"},
		zoo.QueryTwice:        {shows: check.GotStatus(200), fails: "11.2-FORM-005"},
		zoo.QueryEmpty:        {shows: check.GotStatus(200), fails: "11.2-FORM-007", also: "11.2-FORM-012 11.2-FORM-013"},
		zoo.QueryLong:         {shows: check.GotStatus(200), fails: "11.2-FORM-008"},
		zoo.LimitLax:          {shows: check.GotStatus(200), fails: "11.2-FORM-006", also: "11.2-FORM-01[03] 11.2-ENCODE-005 11.2-CHANGE-005"},
		zoo.QueryPercent:      {shows: check.GotStatus(200), fails: "11.2-ENCODE-005"},
		zoo.QueryRaw:          {shows: check.GotStatus(200), fails: "11.2-ENCODE-006", also: "11.2-FORM-003 11.2-NAME-005"},
		zoo.QueryNoText:       {shows: check.GotStatus(200), fails: "11.2-ENCODE-007", also: "11.2-ENCODE-006"},
		zoo.QueryPlus:         {fails: "11.2-ENCODE-002", also: "11.2-FORM-011 11.2-ENCODE-004 11.2-FIND-006"},
		zoo.QueryDecodedTwice: {fails: "11.2-ENCODE-003", also: "11.2-FIND-006 11.2-NAME-006"},

		// What it finds.
		zoo.QCases:           {fails: "11.2-FOLD-001", also: "11.2-*"},
		zoo.QASCII:           {fails: "11.2-FOLD-002", also: "11.2-FOLD-*"},
		zoo.QLower:           {fails: "11.2-FOLD-003", also: "11.2-FOLD-00[45]"},
		zoo.QFull:            {fails: "11.2-FOLD-004", also: "11.2-FOLD-003"},
		zoo.QWords:           {fails: "11.2-FIND-002", also: "11.2-*"},
		zoo.QLike:            {fails: "11.2-FIND-006", also: "11.2-ENCODE-00[34] 11.2-FOLD-00[1-5]"},
		zoo.QThree:           {fails: "11.2-FIND-003", also: "11.2-*"},
		zoo.QHundred:         {fails: "11.2-FIND-004"},
		zoo.QTrimmed:         {fails: "11.2-FIND-007", also: "11.2-FIND-00[2-9] 11.2-ENCODE-*"},
		zoo.QueryDirectories: {fails: "11.2-FIND-005 11.2-NAME-007", also: "11.2-*"},
		zoo.NamePart:         {fails: "11.2-NAME-001", also: "11.2-NAME-* 11.2-DEEP-004 11.2-ENCODE-001 11.2-PAGE-*"},
		zoo.NameBytes:        {fails: "11.2-NAME-002", also: "11.2-NAME-* 11.2-ENCODE-*"},
		zoo.NameNoBrackets:   {fails: "11.2-NAME-003", also: "11.2-NAME-004 11.2-NAME-005"},
		zoo.NameNoEscapes:    {fails: "11.2-NAME-004", also: "11.2-NAME-005"},
		zoo.NameUnchecked:    {shows: check.GotStatus(200), fails: "11.2-NAME-005"},
		zoo.NameFolds:        {fails: "11.2-NAME-006", also: "11.2-NAME-003"},
		zoo.NameWithDirs:     {fails: "11.2-DEEP-004", also: "11.2-FORM-002 11.2-PAGE-004 11.2-NAME-007 11.2-DEEP-006"},

		// Subtrees and pages.
		zoo.DeepWalk:      {fails: "11.2-DEEP-002", also: "11.2-DEEP-* 11.2-PAGE-* 11.2-FORM-002"},
		zoo.DeepBare:      {fails: "11.2-DEEP-001", also: "11.2-*"},
		zoo.DeepDirs:      {fails: "11.2-DEEP-001", also: "11.2-*"},
		zoo.DeepPrefix:    {fails: "11.2-DEEP-005", also: "11.2-*"},
		zoo.DeepUnbounded: {shows: check.GotStatus(200), fails: "11.2-LONG-001"},
		zoo.PageFiles:     {fails: "11.2-PAGE-001", also: "11.2-PAGE-* 11.2-DEEP-003 11.2-CHANGE-*"},
		zoo.AfterIncluded: {fails: "11.2-PAGE-002", also: "11.2-*"},
		zoo.AfterKnown:    {fails: "11.2-PAGE-002", also: "11.2-*"},
		zoo.LimitFirst:    {fails: "11.2-PAGE-004", also: "11.2-FORM-002 11.2-CHANGE-*"},
		zoo.LimitMore:     {fails: "11.2-PAGE-001", also: "11.2-*"},

		// What has changed meanwhile.
		zoo.StaleSearch: {fails: "11.2-CHANGE-002", also: "11.2-CHANGE-*"},
		zoo.CacheByQ:    {fails: "11.2-CHANGE-004", also: "11.2-*"},
		zoo.LateSearch:  {fails: asked, also: "11.1-RESERVED-002 11.2-*"},
		zoo.UpdateGap:   {shows: check.Stale, fails: "11.2-RACE-002", also: "11.2-RACE-001"},
	}
}
