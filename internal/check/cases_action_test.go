package check_test

import (
	"testing"

	"sttp/internal/check"
)

// ourGroups are the patterns of the cases of sections 5.2 to 5.8.
var ourGroups = []string{
	"STTP-5.2-*", "STTP-5.3-*", "STTP-5.4-*", "STTP-5.5-*", "STTP-5.6-*", "STTP-5.7-*", "STTP-5.8-*",
}

func TestOurServerPassesTheCasesOfTheActions(t *testing.T) {
	for _, profile := range []check.Profile{check.Strict, check.Guide} {
		t.Run(profile.String(), func(t *testing.T) {
			report, err := check.Run(t.Context(), check.Options{Address: ourServer(t), Profile: profile, Only: ourGroups})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				t.Logf("%-24s %-8v %8v %s", r.Case.ID, r.Outcome, r.Elapsed.Round(100_000), r.Says)
				if r.Outcome != check.Pass && r.Outcome != check.Chose {
					t.Errorf("%s: %v: %s\n%+v", r.Case.ID, r.Outcome, r.Says, r.Exchange)
				}
			}
			if len(report.LeftBehind) > 0 {
				t.Errorf("the checker left behind %v", report.LeftBehind)
			}
			t.Logf("%d cases in %v", len(report.Results), report.Elapsed)
		})
	}
}
