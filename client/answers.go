package client

import "sttp"

// answers tells whether resp can be the answer to req. What cannot be shows
// that replies and requests are out of step, or that the peer is no STTP server
// (docs/protocol.md, section 6.3): a success of another action, or another path.
// 410 and 510 name the directory, which plain servers write without the slash;
// a refusal may also name no path.
func answers(resp sttp.Response, req sttp.Request) bool {
	switch resp.Status {
	case sttp.StatusCreated:
		return req.Action == sttp.Create && resp.Path == req.Path
	case sttp.StatusDeleted:
		return req.Action == sttp.Delete && resp.Path == req.Path
	case sttp.StatusOK:
		return req.Action != sttp.Create && req.Action != sttp.Delete && resp.Path == req.Path
	case sttp.StatusPathNotFound, sttp.StatusCannotCreatePath:
		dir := resp.Path.AsDir()
		if dir == req.Path.Dir() || (req.Action == sttp.List && dir == req.Path.AsDir()) {
			return true
		}
	}
	return resp.Path.IsZero() || resp.Path == req.Path
}
