package client_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"sttp"
	"sttp/client"
)

func TestAReadWhoseReplyHasBegunIsNotSentAgain(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) {
		answer(nc, "400 /a.txt NOT FOUND\n")
		answer(nc, "4")
	})
	c := connect(t, r, client.Options{})
	if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
		t.Fatal(err)
	}
	if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("error %v, want ErrUnexpectedEOF", err)
	}
	if n := r.accepted.Load(); n != 1 {
		t.Errorf("%d connections were opened, want 1", n)
	}
}

func TestA500WithoutAPathOnAUsedConnectionLeavesLaterChangesUnknown(t *testing.T) {
	r := respond(t, func(nc net.Conn, _ int) {
		in := bufio.NewReader(nc)
		in.ReadString('\n')
		io.WriteString(nc, "400 /a.txt NOT FOUND\n")
		in.ReadString('\n')
		in.ReadString('\n')
		io.WriteString(nc, "500 - SERVER ERROR \"it broke\"\n")
	})
	c := connect(t, r, client.Options{})
	if _, err := c.Show(within(t), "/a.txt"); !errors.Is(err, sttp.ErrNotFound) {
		t.Fatal(err)
	}
	reqs := []sttp.Request{request(t, sttp.Create, "/a.txt"), request(t, sttp.Create, "/b.txt")}
	resps, err := c.Pipeline(within(t), reqs)
	var partial *client.PipelineError
	if !errors.As(err, &partial) || !errors.Is(err, client.ErrOutcomeUnknown) || partial.Sent != 2 || len(resps) != 1 {
		t.Errorf("replies %v, error %v, want the 500 and an unknown outcome", resps, err)
	}
	if n := r.accepted.Load(); n != 1 {
		t.Errorf("%d connections were opened, want 1", n)
	}
}

func TestAConnectionThatIsThereOnlyAfterCloseIsClosed(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	dialling := make(chan struct{})
	c := client.New("slow", client.Options{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		close(dialling)
		<-ctx.Done()
		return near, nil // it was there before the dialer was told to end
	}})
	call := make(chan error, 1)
	go func() { call <- c.Create(within(t), "/a.txt", "x") }()
	<-dialling
	c.Close()
	if err := <-call; !errors.Is(err, client.ErrClosed) || errors.Is(err, client.ErrOutcomeUnknown) {
		t.Errorf("error %v, want ErrClosed alone", err)
	}
	far.SetReadDeadline(time.Now().Add(patience))
	if n, err := far.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("read %d bytes, error %v, want the end", n, err)
	}
}
