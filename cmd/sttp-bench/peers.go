package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newPeersCommand(p *program) *cobra.Command {
	return &cobra.Command{Use: "peers", RunE: func(*cobra.Command, []string) error { return errors.New("not written yet") }}
}
