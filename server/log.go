package server

import (
	"log/slog"
	"time"

	"sttp"
)

// logRequests logs each request. Those that were answered together share the
// duration of their batch. What is logged of a client is a valid path, which
// holds no white space, control or format characters.
func (c *conn) logRequests(reqs []sttp.Request, resps []sttp.Response, took time.Duration) {
	for i, req := range reqs {
		c.server.log.LogAttrs(c.server.ctx, slog.LevelDebug, "request",
			slog.Uint64("conn", c.id),
			slog.String("action", req.Action.String()),
			slog.String("path", req.Path.String()),
			slog.Int("status", int(resps[i].Status)),
			slog.String("message", resps[i].Message),
			slog.Duration("duration", took))
	}
}
