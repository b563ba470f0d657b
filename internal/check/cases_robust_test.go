package check_test

import (
	"testing"

	"sttp/internal/check"
	"sttp/server"
)

var robustIDs = []string{"STTP-?.?-ROBUST-*", "STTP-?.?-JUNK-*", "STTP-5.2-CREATE-001", "STTP-5.3-SHOW-001"}

func TestOurServerStandsBadClients(t *testing.T) {
	for _, p := range []check.Profile{check.Guide, check.Strict} {
		t.Run(p.String(), func(t *testing.T) {
			expectAllHold(t, check.Options{Address: limitedServer(t, server.Options{}), Profile: p, Only: robustIDs})
		})
	}
}
