package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newBreakCommand(p *program) *cobra.Command {
	return &cobra.Command{Use: "break", RunE: func(*cobra.Command, []string) error { return errors.New("not written yet") }}
}
