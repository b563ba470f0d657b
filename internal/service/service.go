// Package service is a Store as a Handler: it asks the store for what a request
// wants, and turns what the store returns into a response (docs/protocol.md,
// section 5).
package service

import (
	"context"
	"errors"
	"log/slog"
	"strings"

	"sttp"
	"sttp/internal/fault"
	"sttp/store"
)

// Handler answers requests from a Store. Make it with New.
type Handler struct {
	store store.Store
	log   *slog.Logger
}

// New returns a Handler for s. Why the storage failed goes to log and never to
// the client.
func New(s store.Store, log *slog.Logger) *Handler { return &Handler{store: s, log: log} }

// Handle answers one request.
func (h *Handler) Handle(ctx context.Context, req sttp.Request) sttp.Response {
	switch req.Action {
	case sttp.Create:
		err := h.store.Create(ctx, req.Path, req.Contents)
		return h.answer(req, err, sttp.Response{Status: sttp.StatusCreated, Path: req.Path})
	case sttp.Show:
		contents, err := h.store.Show(ctx, req.Path)
		return h.answer(req, err, sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: contents.String()})
	case sttp.List:
		names, err := h.store.List(ctx, req.Path.AsDir(), req.Query)
		return h.answer(req, err, sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: strings.Join(names, ", ")})
	case sttp.Update:
		err := h.store.Update(ctx, req.Path, req.Contents)
		return h.answer(req, err, sttp.Response{Status: sttp.StatusOK, Path: req.Path, Contents: req.Contents.String()})
	case sttp.Delete:
		err := h.store.Delete(ctx, req.Path)
		return h.answer(req, err, sttp.Response{Status: sttp.StatusDeleted, Path: req.Path})
	}
	return sttp.ClientError(req.Path, "the actions are CREATE, SHOW, LIST, UPDATE and DELETE").Response()
}

// answer returns done, or what err means to the client.
func (h *Handler) answer(req sttp.Request, err error, done sttp.Response) sttp.Response {
	if err == nil {
		return done
	}
	for _, r := range refusals {
		if errors.Is(err, r.err) && !(fault.Is(fault.ServiceKnowsBetter) && r.err == store.ErrOutcomeUnknown) {
			return h.refuse(req, err, r)
		}
	}
	return h.refuse(req, err, refusal{status: sttp.StatusServerError, message: "the storage failed, and nothing was changed", log: true})
}

// refusal is what an error of the store means to the client.
type refusal struct {
	err     error
	status  sttp.Status
	message string // of 300 and 500
	log     bool   // the operator wants to know
}

// The one table from store errors to statuses. The first that matches counts,
// so an unknown outcome is never called anything milder.
var refusals = []refusal{
	{store.ErrOutcomeUnknown, sttp.StatusServerError, "outcome unknown: the change may or may not have been made", true},
	{store.ErrOccupied, sttp.StatusServerError, "something that is not served has this name, and nothing was changed; choose another", true},
	{store.ErrInTheWay, sttp.StatusCannotCreatePath, "", false},
	{store.ErrCannotCreatePath, sttp.StatusCannotCreatePath, "", true},
	{store.ErrNotFound, sttp.StatusNotFound, "", false},
	{store.ErrPathNotFound, sttp.StatusPathNotFound, "", false},
	{store.ErrExists, sttp.StatusClientError, "the file exists already; replace its contents with UPDATE", false},
	{store.ErrIsDirectory, sttp.StatusClientError, "this is a directory; list it with LIST", false},
	{store.ErrNotDirectory, sttp.StatusClientError, "this is a file; read it with SHOW", false},
	{store.ErrListTooLong, sttp.StatusClientError, "the list has more than 1 MiB; ask for it page by page, as in LIST /notes/?limit=1000, then ?limit=1000&after=<the last name>", false},
	{store.ErrNotSnippet, sttp.StatusServerError, "what is stored there is no line of text of at most 160 characters; replace it with UPDATE", true},
	{store.ErrNoSpace, sttp.StatusServerError, "no space is left on the server, and nothing was changed", true},
	{store.ErrClosed, sttp.StatusServerError, "the server is shutting down", false},
	{context.Canceled, sttp.StatusServerError, "the server is shutting down", false},
}

func (h *Handler) refuse(req sttp.Request, err error, r refusal) sttp.Response {
	if r.log {
		h.log.Error("the storage could not do what was asked", "action", req.Action.String(), "path", req.Path.String(), "error", err)
	}
	resp := sttp.Response{Status: r.status, Path: req.Path, Message: r.message}
	if r.status == sttp.StatusPathNotFound || r.status == sttp.StatusCannotCreatePath {
		resp.Path = req.Path.Dir()
	}
	return resp
}
