package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// asServer makes the test's own program behave as the server, so that processes can be tested without a build.
const asServer = "TEST_RUN_AS_SERVER"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		return
	}
	for name, value := range map[string]string{"NODE_SECRET": testSecret, "NODE_USERS": testUsers} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// process is a running server.
type process struct {
	t       *testing.T
	command *exec.Cmd
	line    string
	address string
}

// start runs the server as a process of its own, perhaps through a command that becomes it.
func start(t *testing.T, prefix ...string) *process {
	t.Helper()
	words := append(prefix, os.Args[0], "--port", "0")
	command := exec.Command(words[0], words[1:]...)
	command.Env = append(os.Environ(), asServer+"=1")
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Both fail if the test has waited already.
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address := strings.Fields(strings.TrimPrefix(line, "listening on http://"))[0]
	return &process{t, command, line, address}
}

func (p *process) signal(signal os.Signal) {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatal(err)
	}
}

// wantExit asserts that the process ends by itself with this code.
func (p *process) wantExit(code int) {
	p.t.Helper()
	timer := time.AfterFunc(patience, func() { p.command.Process.Kill() })
	defer timer.Stop()
	_ = p.command.Wait()
	if got := p.command.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d instead of %d", got, code)
	}
}

// inFlight sends a request but for the last byte of its body, and makes sure that the server has begun to read it.
func inFlight(t *testing.T, address string) *client {
	t.Helper()
	client := connect(t, address)
	client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
	if answer := client.answer(); answer.StatusCode != 100 {
		t.Fatalf("%v", answer)
	}
	client.send("[1,2")
	return client
}

func TestASignalFinishesWhatIsInFlight(t *testing.T) {
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		server := start(t)
		idle := connect(t, server.address)
		idle.wantEcho("1")
		busy := inFlight(t, server.address)

		server.signal(signal)
		idle.wantClose()
		for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
			conn, err := net.Dial("tcp", server.address)
			if err != nil {
				break
			}
			conn.Close()
			if time.Now().After(deadline) {
				t.Fatal("the server still accepts")
			}
		}
		busy.send("]")
		answer := busy.answer()
		busy.wantValue(answer, "[1,2]")
		if !answer.Close {
			t.Error("the answer does not announce the end")
		}
		busy.wantClose()
		server.wantExit(0)
	}
}

func TestARequestThatDoesNotEndIsCutOff(t *testing.T) {
	server := start(t)
	inFlight(t, server.address)
	connect(t, server.address)
	since := time.Now()
	server.signal(syscall.SIGTERM)
	server.wantExit(0)
	if took := time.Since(since); took < 4*time.Second || took > 9*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAPortInUseIsAnError(t *testing.T) {
	server := start(t)
	_, port, err := net.SplitHostPort(server.address)
	if err != nil {
		t.Fatal(err)
	}
	wantNoStart(t, server.address, port)
	connect(t, server.address).wantEcho("1")
}

func TestTheAffinityMaskDecidesHowManyThreadsRunGo(t *testing.T) {
	if _, err := exec.LookPath("taskset"); err != nil {
		t.Skip("no taskset")
	}
	t.Setenv("GOMAXPROCS", "")
	server := start(t, "taskset", "-c", "0")
	if !strings.HasSuffix(server.line, "with GOMAXPROCS 1\n") {
		t.Error(server.line)
	}
	connect(t, server.address).wantEcho("1")
}

func TestRunningOutOfFilesIsSurvived(t *testing.T) {
	server := start(t, "sh", "-c", `ulimit -n 40; exec "$@" 2>/dev/null`, "sh")
	first := connect(t, server.address)
	first.wantEcho("1")
	// The kernel finishes these handshakes; the server cannot take all of them.
	crowd := make([]*client, 60)
	for index := range crowd {
		crowd[index] = connect(t, server.address)
	}
	time.Sleep(100 * time.Millisecond)
	first.wantEcho("2")
	for _, client := range crowd {
		client.conn.Close()
	}
	connect(t, server.address).wantEcho("3")
}

func TestClientsThatGoAwayLeaveNothingBehind(t *testing.T) {
	server := start(t)
	files := func() int {
		entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", server.command.Process.Pid))
		if err != nil {
			t.Skip("no /proc")
		}
		return len(entries)
	}
	connect(t, server.address).wantEcho("1")
	before := files()
	for _, start := range []string{
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n{\"half\":",
		"POST /nope HTTP/1.1\r\nHost: test\r\nContent-Length: 2000000\r\n\r\n{\"half\":",
		"POST /ec", "", post("/echo", "1"),
	} {
		for range 20 {
			client := connect(t, server.address)
			client.send(start)
			client.conn.Close()
		}
	}
	for deadline := time.Now().Add(patience); files() > before; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d files instead of %d", files(), before)
		}
	}
	connect(t, server.address).wantEcho("1")
}
