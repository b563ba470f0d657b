package check

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// startOnTerminal starts the command with a terminal of its own. What it prints
// goes to w, with the line ends that were meant. The function that is returned
// waits for the last of it.
func startOnTerminal(cmd *exec.Cmd, w io.Writer) (wait func(), err error) {
	screen, terminal, err := openTerminal()
	if err != nil {
		return nil, err
	}
	defer terminal.Close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = terminal, terminal, terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		screen.Close()
		return nil, err
	}
	copied := make(chan struct{})
	go func() {
		defer close(copied)
		io.Copy(w, screen) // ends with EIO when nobody has the terminal open
	}()
	return func() {
		screen.SetReadDeadline(time.Now().Add(time.Second))
		<-copied
		screen.Close()
	}, nil
}

// openTerminal returns both sides of a new terminal, which prints what is
// written to it unchanged.
func openTerminal() (screen, terminal *os.File, err error) {
	screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	terminal, err = otherSide(screen)
	if err != nil {
		screen.Close()
	}
	return screen, terminal, err
}

func otherSide(screen *os.File) (*os.File, error) {
	raw, err := screen.SyscallConn()
	if err != nil {
		return nil, err
	}
	var number int
	var failed error
	err = raw.Control(func(fd uintptr) {
		if failed = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); failed == nil {
			number, failed = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || failed != nil {
		return nil, fmt.Errorf("no terminal: %w", failed)
	}
	// Not by package os, which would make it non-blocking for the client too.
	name := fmt.Sprintf("/dev/pts/%d", number)
	fd, err := unix.Open(name, unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := printUnchanged(fd); err != nil {
		unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), name), nil
}

func printUnchanged(fd int) error {
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return err
	}
	mode.Oflag &^= unix.OPOST
	return unix.IoctlSetTermios(fd, unix.TCSETS, mode)
}
