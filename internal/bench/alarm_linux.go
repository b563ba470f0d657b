package bench

import (
	"context"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// alarm wakes a goroutine at a time. The runtime's timers are up to a
// millisecond late where nothing else happens, since epoll counts in
// milliseconds; a timer that is a file wakes it within some ten microseconds and
// without spinning.
type alarm struct {
	fd   int
	file *os.File
	buf  [8]byte
}

func newAlarm() (*alarm, error) {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("timerfd_create", err)
	}
	return &alarm{fd: fd, file: os.NewFile(uintptr(fd), "timer")}, nil
}

// watch makes sleep return at once when ctx has ended. The function that it
// returns ends that.
func (a *alarm) watch(ctx context.Context) (stop func() bool) {
	return context.AfterFunc(ctx, func() { a.file.SetReadDeadline(time.Unix(1, 0)) })
}

// sleep returns after d, or when what watch watches has ended.
func (a *alarm) sleep(d time.Duration) {
	if d <= 0 {
		return
	}
	if err := unix.TimerfdSettime(a.fd, 0, &unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}, nil); err != nil {
		time.Sleep(d)
		return
	}
	a.file.Read(a.buf[:])
}

func (a *alarm) close() { a.file.Close() }
