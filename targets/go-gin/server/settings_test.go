package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestASettingThatMakesNoSenseIsAnError(t *testing.T) {
	for _, setting := range []string{
		"LEDGER_ACK=Sealed", "LEDGER_ACK=", "NODE_SECRET=", "NODE_SECRET=" + testSecret[:31], "NODE_USERS=" + testUsers + ",",
	} {
		name, _, _ := strings.Cut(setting, "=")
		wantNoStart(t, name, "0", setting)
	}
}

func TestASecretMustBeThere(t *testing.T) {
	if err := os.Unsetenv("NODE_SECRET"); err != nil {
		t.Fatal(err)
	}
	defer os.Setenv("NODE_SECRET", testSecret)
	wantNoStart(t, "NODE_SECRET", "0")
}

func TestTheUsersMayBeMissing(t *testing.T) {
	t.Setenv("NODE_USERS", "")
	connect(t, start(t).address).wantUnauthorized(credentials("bench", testPassword))
}

// wantNoStart asserts that a server ends with exit code 1 and says a word on standard error alone.
func wantNoStart(t *testing.T, word, port string, environment ...string) {
	t.Helper()
	command := exec.Command(os.Args[0], "--port", port)
	command.Env = append(append(os.Environ(), asServer+"=1"), environment...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	var exit *exec.ExitError
	if err := command.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("%v: %v instead of exit code 1", environment, err)
	}
	if stdout.Len() > 0 || !strings.Contains(stderr.String(), word) {
		t.Errorf("%v: stdout %q, stderr %q", environment, &stdout, &stderr)
	}
}
