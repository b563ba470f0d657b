package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{Use: name, SilenceErrors: true, SilenceUsage: true, RunE: func(*cobra.Command, []string) error { return errors.New("not written yet") }}
	cmd.AddCommand(newRunCommand(p), newBreakCommand(p), newCompareCommand(p), newPeersCommand(p))
	return cmd
}
