package check_test

import (
	"maps"

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

func init() { maps.Copy(findings, queryFindings()) }

// queryFindings are those of the faults of queries.
func queryFindings() map[zoo.Fault]finding {
	return map[zoo.Fault]finding{
		// The form of a query.
		zoo.QueryInReply:      {shows: check.WrongPath, fails: asked, also: "11.1-RESERVED-002 11.2-*", only: queries},
		zoo.QueryDash:         {shows: check.WrongPath, fails: "11.2-FORM-010 11.2-FORM-003", also: "11.2-FORM-* 11.2-ENCODE-* 11.2-NAME-005 11.2-CHANGE-005", only: queries},
		zoo.QueryLastMark:     {fails: "11.2-FORM-011 11.2-FORM-003", also: "11.2-ENCODE-004 11.2-NAME-* 11.2-DEEP-004", only: queries},
		zoo.QueryAnywhere:     {fails: "11.2-FORM-009 11.1-RESERVED-001", also: "11.1-RESERVED-002", only: queries},
		zoo.QueryLate:         {shows: check.GotStatus(400), fails: "11.2-FORM-013", only: queries},
		zoo.QueryMissing:      {shows: check.GotStatus(200), fails: "11.2-FORM-014", also: "11.2-FORM-010 11.2-FORM-013", only: queries},
		zoo.QueryPartsSkipped: {shows: check.GotStatus(200), fails: "11.2-FORM-003", only: queries},
		zoo.QueryUnknown:      {shows: check.GotStatus(200), fails: "11.2-FORM-004", also: "11.2-FORM-*", only: queries},
		zoo.QueryTwice:        {shows: check.GotStatus(200), fails: "11.2-FORM-005", only: queries},
		zoo.QueryEmpty:        {shows: check.GotStatus(200), fails: "11.2-FORM-007", also: "11.2-FORM-012 11.2-FORM-013", only: queries},
		zoo.QueryLong:         {shows: check.GotStatus(200), fails: "11.2-FORM-008", only: queries},
		zoo.LimitLax:          {shows: check.GotStatus(200), fails: "11.2-FORM-006", also: "11.2-FORM-01[03] 11.2-ENCODE-005 11.2-CHANGE-005", only: queries},
		zoo.QueryPercent:      {shows: check.GotStatus(200), fails: "11.2-ENCODE-005", only: queries},
		zoo.QueryRaw:          {shows: check.GotStatus(200), fails: "11.2-ENCODE-006", also: "11.2-FORM-003 11.2-NAME-005", only: queries},
		zoo.QueryNoText:       {shows: check.GotStatus(200), fails: "11.2-ENCODE-007", also: "11.2-ENCODE-006", only: queries},
		zoo.QueryPlus:         {fails: "11.2-ENCODE-002", also: "11.2-FORM-011 11.2-ENCODE-004 11.2-FIND-006", only: queries},
		zoo.QueryDecodedTwice: {fails: "11.2-ENCODE-003", also: "11.2-FIND-006 11.2-NAME-006", only: queries},

		// What it finds.
		zoo.QCases:           {fails: "11.2-FOLD-001", also: "11.2-*", only: queries},
		zoo.QASCII:           {fails: "11.2-FOLD-002", also: "11.2-FOLD-*", only: queries},
		zoo.QLower:           {fails: "11.2-FOLD-003", also: "11.2-FOLD-00[45]", only: queries},
		zoo.QFull:            {fails: "11.2-FOLD-004", also: "11.2-FOLD-003", only: queries},
		zoo.QWords:           {fails: "11.2-FIND-002", also: "11.2-*", only: queries},
		zoo.QLike:            {fails: "11.2-FIND-006", also: "11.2-ENCODE-00[34] 11.2-FOLD-00[1-5]", only: queries},
		zoo.QThree:           {fails: "11.2-FIND-003", also: "11.2-*", only: queries},
		zoo.QHundred:         {fails: "11.2-FIND-004", only: queries},
		zoo.QTrimmed:         {fails: "11.2-FIND-007", also: "11.2-FIND-00[2-9] 11.2-ENCODE-*", only: queries},
		zoo.QueryDirectories: {fails: "11.2-FIND-005 11.2-NAME-007", also: "11.2-*", only: queries},
		zoo.NamePart:         {fails: "11.2-NAME-001", also: "11.2-NAME-* 11.2-DEEP-004 11.2-ENCODE-001 11.2-PAGE-*", only: queries},
		zoo.NameBytes:        {fails: "11.2-NAME-002", also: "11.2-NAME-* 11.2-ENCODE-*", only: queries},
		zoo.NameNoBrackets:   {fails: "11.2-NAME-003", also: "11.2-NAME-004 11.2-NAME-005", only: queries},
		zoo.NameNoEscapes:    {fails: "11.2-NAME-004", also: "11.2-NAME-005", only: queries},
		zoo.NameUnchecked:    {shows: check.GotStatus(200), fails: "11.2-NAME-005", only: queries},
		zoo.NameFolds:        {fails: "11.2-NAME-006", also: "11.2-NAME-003", only: queries},
		zoo.NameWithDirs:     {fails: "11.2-DEEP-004", also: "11.2-FORM-002 11.2-PAGE-004 11.2-NAME-007 11.2-DEEP-006", only: queries},

		// Subtrees and pages.
		zoo.DeepWalk:      {fails: "11.2-DEEP-002", also: "11.2-DEEP-* 11.2-PAGE-* 11.2-FORM-002", only: queries},
		zoo.DeepBare:      {fails: "11.2-DEEP-001", also: "11.2-*", only: queries},
		zoo.DeepDirs:      {fails: "11.2-DEEP-001", also: "11.2-*", only: queries},
		zoo.DeepPrefix:    {fails: "11.2-DEEP-005", also: "11.2-*", only: queries},
		zoo.DeepUnbounded: {shows: check.GotStatus(200), fails: "11.2-LONG-001", only: queries},
		zoo.PageFiles:     {fails: "11.2-PAGE-001", also: "11.2-PAGE-* 11.2-DEEP-003 11.2-CHANGE-*", only: queries},
		zoo.AfterIncluded: {fails: "11.2-PAGE-002", also: "11.2-*", only: queries},
		zoo.AfterKnown:    {fails: "11.2-PAGE-002", also: "11.2-*", only: queries},
		zoo.LimitFirst:    {fails: "11.2-PAGE-004", also: "11.2-FORM-002 11.2-CHANGE-*", only: queries},
		zoo.LimitMore:     {fails: "11.2-PAGE-001", also: "11.2-*", only: queries},

		// What has changed meanwhile.
		zoo.StaleSearch: {fails: "11.2-CHANGE-002", also: "11.2-CHANGE-*", only: queries},
		zoo.CacheByQ:    {fails: "11.2-CHANGE-004", also: "11.2-*", only: queries},
		zoo.LateSearch:  {fails: asked, also: "11.1-RESERVED-002 11.2-*", only: queries},
		zoo.UpdateGap:   {shows: check.Stale, fails: "11.2-RACE-002", also: "11.2-RACE-001", only: queries},
	}
}
