package check_test

import (
	"testing"

	"sttp/internal/check"
)

// ofConnections are the cases of sections 2.1 to 2.3 that a server can show.
var ofConnections = []string{"STTP-2.1-*", "STTP-2.2-*", "STTP-2.3-*"}

func TestOurServerPassesTheCasesOfConnectionsAndLines(t *testing.T) {
	address := ourServer(t)
	for _, profile := range []check.Profile{check.Strict, check.Guide} {
		report, err := check.Run(t.Context(), check.Options{Address: address, Profile: profile, Only: ofConnections})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range report.Results {
			if r.Outcome != check.Pass && r.Outcome != check.Chose {
				t.Errorf("%v: %s: %v: %s", profile, r.Case.ID, r.Outcome, r.Says)
			}
			t.Logf("%v: %s %v %v", profile, r.Case.ID, r.Outcome, r.Elapsed)
		}
		if len(report.LeftBehind) > 0 {
			t.Errorf("%v: left behind: %v", profile, report.LeftBehind)
		}
	}
}
