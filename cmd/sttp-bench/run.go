package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newRunCommand(p *program) *cobra.Command {
	return &cobra.Command{Use: "run", RunE: func(*cobra.Command, []string) error { return errors.New("not written yet") }}
}
