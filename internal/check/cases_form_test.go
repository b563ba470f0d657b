package check_test

import (
	"testing"

	"sttp/internal/check"
)

// formCases match the cases of the form of requests and replies.
var formCases = []string{"STTP-3.*", "STTP-4.*", "STTP-5.1-*", "STTP-6.*", "STTP-7.1-*", "STTP-11.1-*"}

func TestOurServerPassesTheCasesOfForm(t *testing.T) {
	for _, profile := range []check.Profile{check.Strict, check.Guide} {
		t.Run(profile.String(), func(t *testing.T) {
			report, err := check.Run(t.Context(), check.Options{Address: ourServer(t), Profile: profile, Only: formCases})
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range report.Results {
				t.Logf("%s %v %v", r.Case.ID, r.Outcome, r.Elapsed)
				if r.Outcome != check.Pass && r.Outcome != check.Chose {
					t.Errorf("%s: %v: %s\n%+v", r.Case.ID, r.Outcome, r.Says, r.Problem)
				}
			}
			if len(report.LeftBehind) > 0 {
				t.Errorf("left behind: %q", report.LeftBehind)
			}
		})
	}
}
