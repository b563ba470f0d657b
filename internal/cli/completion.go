package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// AddCompletion adds the command that prints completion scripts to root if args
// call it, and sees to it that its failures are told as all others are. The
// output of root has to be set before.
func AddCompletion(root *cobra.Command, args []string) {
	root.InitDefaultCompletionCmd(args...)
	for _, completion := range root.Commands() {
		if completion.Name() != "completion" {
			continue
		}
		var shells []string
		for _, shell := range completion.Commands() {
			shells = append(shells, shell.Name())
			script := shell.RunE
			shell.Args = alone
			shell.RunE = func(cmd *cobra.Command, args []string) error {
				if err := script(cmd, args); err != nil {
					return Unwritten(err)
				}
				return nil
			}
		}
		completion.Args = cobra.ArbitraryArgs
		completion.RunE = func(_ *cobra.Command, args []string) error { return noShell(args, shells) }
	}
}

// alone refuses arguments after the name of a shell.
func alone(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return Usagef("it is: "+cmd.CommandPath(), "unexpected argument %q", args[0])
}

// noShell returns the error of a completion whose arguments do not begin with
// one of the shells.
func noShell(args, shells []string) error {
	hint := "the shells are " + strings.Join(shells, ", ")
	if len(args) == 0 {
		return Usagef(hint, "completion needs a shell")
	}
	if meant, ok := DidYouMean(args[0], shells); ok {
		hint = "did you mean " + meant + "? " + hint
	}
	return Usagef(hint, "unknown shell %q", args[0])
}
