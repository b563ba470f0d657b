package main

import (
	"errors"

	"github.com/spf13/cobra"
)

func newCompareCommand(p *program) *cobra.Command {
	return &cobra.Command{Use: "compare", RunE: func(*cobra.Command, []string) error { return errors.New("not written yet") }}
}
