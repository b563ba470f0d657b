package server

import (
	"context"
	"strings"
	"testing"

	"sttp"
)

// echo answers every request with a 200.
type echo struct{}

func (echo) Handle(_ context.Context, req sttp.Request) sttp.Response {
	return sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: "text"}
}

// A long list must not stay alive because the batch after it was a smaller one.
func TestWhatIsGivenBackToThePoolHoldsNoReplies(t *testing.T) {
	s, w := session{handler: echo{}}, &work{}
	in := strings.Repeat("SHOW /a\n", batchSize-1) + "LIST /\nSHOW /b\n"
	if used, _ := s.feed(t.Context(), []byte(in), w); used != len(in) || s.requests != batchSize+1 {
		t.Fatalf("%d bytes and %d requests were answered", used, s.requests)
	}
	w.reset()
	for i, resp := range w.resps {
		if resp != (sttp.Response{}) {
			t.Fatalf("the reply %d is still held: %+v", i, resp)
		}
	}
}
