package peers

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestTheProcessorTimeOfAProcessAndItsChildrenIsKnown(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	burner := "PEERS_TEST_ROLE=burner '" + self + "'"
	for name, line := range map[string]string{
		"itself":               "PEERS_TEST_ROLE=burner exec '" + self + "'",
		"a child":              burner + " <&0; :",
		"a grandchild":         "sh -c \"" + burner + "; :\"; :",
		"a child that ended":   burner + " </dev/null; cat",
		"one without a parent": "sh -c \"" + burner + " <&3 & \" 3<&0; cat",
		"a child with a group": "setsid env " + burner + " <&0; :",
		"two at the same time": burner + " & " + burner + "; cat",
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command("/bin/sh", "-c", line)
			cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
			stdin, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			stdout, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			defer cmd.Wait()
			defer syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
			defer stdin.Close()
			told, least := time.Duration(0), 80*time.Millisecond*time.Duration(strings.Count(line, "burner"))
			for out := bufio.NewScanner(stdout); told < least && out.Scan(); {
				took, err := time.ParseDuration(out.Text())
				if err != nil {
					t.Fatal(err)
				}
				told += took
			}
			got, ok := cpuTime(cmd.Process.Pid)
			if more := got - told; !ok || told < least || more < -3*tick || more > 10*tick {
				t.Errorf("%v (%v), and the process says %v", got, ok, told)
			}
		})
	}
}

func TestThereIsNoProcessorTimeOfNoProcess(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	if cpu, ok := cpuTime(cmd.Process.Pid); ok || cpu != 0 {
		t.Errorf("%v, %v", cpu, ok)
	}
}

func TestAStatIsReadWhateverTheNameOfTheProcess(t *testing.T) {
	rest := " S 12 34 34 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 100"
	want := stat{pid: 56, parent: 12, group: 34, cpu: (5 + 6 + 7 + 8) * tick}
	for _, name := range []string{"sh", "a b", ") S 1 1", "", "(", "\n"} {
		if got, ok := parseStat([]byte("56 (" + name + ")" + rest)); !ok || got != want {
			t.Errorf("%q: %+v, %v", name, got, ok)
		}
	}
	for _, text := range []string{"", "56", "56 (sh", ")(", "56 (sh) S 1 2", "x (sh)" + rest, "56 (sh) S 12 34 34 0 -1 4194304 1 2 3 4 5 six 7 8"} {
		if got, ok := parseStat([]byte(text)); ok {
			t.Errorf("%q: %+v", text, got)
		}
	}
}
