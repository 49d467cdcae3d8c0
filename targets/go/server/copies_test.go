package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The targets go and go-gin are two modules that share no code, so that each can be built alone and read whole. What
// knows neither net/http's handlers nor Gin's is the same in both, and so are the tests.
func TestWhatBothTargetsHaveIsTheSame(t *testing.T) {
	own, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	other, paired := map[string]string{"go": "go-gin", "go-gin": "go"}[filepath.Base(own)]
	if !paired {
		t.Skip("this folder has another name")
	}
	other = filepath.Join(filepath.Dir(own), other)
	if _, err := os.Stat(other); err != nil {
		t.Skip("the other target is not here")
	}
	mine, theirs := shared(t, own), shared(t, other)
	if len(mine) == 0 {
		t.Error("nothing is shared")
	}
	for path, text := range mine {
		if !bytes.Equal(text, theirs[path]) {
			t.Errorf("%s differs from the one of %s, or is not there", path, other)
		}
		delete(theirs, path)
	}
	for path := range theirs {
		t.Errorf("%s is only in %s", path, other)
	}
}

// shared reads the files that both targets have, by their path in the target's folder.
func shared(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	files := make(map[string][]byte)
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		isShared := strings.HasPrefix(path, "internal/") || strings.HasSuffix(path, "_test.go") ||
			path == "server/listener.go"
		if err != nil || entry.IsDir() || !isShared {
			return err
		}
		text, err := os.ReadFile(filepath.Join(folder, path))
		files[path] = text
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
