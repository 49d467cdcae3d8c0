package compression

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
)

const limit = 1 << 20

func packed(t *testing.T, body string) []byte {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := io.WriteString(writer, body); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.Bytes()
}

func noise(length int) string {
	text := make([]byte, length)
	random := rand.New(rand.NewPCG(1, 2))
	for index := range text {
		text[index] = byte(random.Uint32())
	}
	return string(text)
}

func TestBodiesAreUnpacked(t *testing.T) {
	for _, body := range []string{"", "x", strings.Repeat("x", limit), noise(limit), noise(100_000)} {
		if got, err := Unpack(packed(t, body), limit); err != nil || string(got) != body {
			t.Errorf("%d bytes came back as %d (%v)", len(body), len(got), err)
		}
	}
}

func TestBodiesThatAreNotGzip(t *testing.T) {
	whole := packed(t, `{"a":1}`)
	flipped := func(at int) []byte {
		changed := bytes.Clone(whole)
		changed[at] ^= 1
		return changed
	}
	for name, body := range map[string][]byte{
		"nothing": nil, "JSON": []byte(`{"a":1}`), "another file": flipped(0),
		"a header alone": whole[:10], "no checksum": whole[:len(whole)-8], "no last byte": whole[:len(whole)-1],
		"a wrong checksum": flipped(len(whole) - 5), "a wrong length": flipped(len(whole) - 1),
		"more": append(bytes.Clone(whole), 0), "another member": append(bytes.Clone(whole), whole...),
	} {
		if got, err := Unpack(body, limit); err == nil || errors.Is(err, ErrTooLarge) || errors.Is(err, io.EOF) {
			t.Errorf("%s: %q (%v)", name, got, err)
		}
		// The reader that has failed is as good as new.
		if got, err := Unpack(whole, limit); err != nil || string(got) != `{"a":1}` {
			t.Errorf("after %s: %q (%v)", name, got, err)
		}
	}
}

func TestUnpackingStopsAtTheLimit(t *testing.T) {
	bomb := packed(t, strings.Repeat("x", 16<<20))
	for _, body := range [][]byte{packed(t, strings.Repeat("x", limit+1)), bomb, bomb[:len(bomb)-8]} {
		if got, err := Unpack(body, limit); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%d bytes (%v)", len(got), err)
		}
	}
}

func TestPacksAreWholeForMany(t *testing.T) {
	var group sync.WaitGroup
	for number := range 8 {
		group.Go(func() {
			for round := range 20 {
				body := strings.Repeat(string(rune('a'+number)), 1000*round)
				pack := NewPack([]byte(body))
				got, err := Unpack(pack.Bytes(), limit)
				pack.Release()
				if err != nil || string(got) != body {
					t.Errorf("%d, %d: %d bytes (%v)", number, round, len(got), err)
				}
			}
		})
	}
	group.Wait()
}

func TestAcceptEncoding(t *testing.T) {
	for header, accepted := range map[string]bool{
		"gzip": true, "GZip": true, "deflate, gzip": true, "br;q=1.0, gzip ; q=0.001": true, "gzip;Q=1": true,
		"gzip;q=0,gzip": true, "gzip;x=1": true, "\tgzip\t,": true,
		"": false, "*": false, "*;q=1": false, "identity": false, "gzip;q=0": false, "gzip; q=0.000": false,
		"x-gzip": false, "gzipped": false, "gzip;q=x": false, "gzip;q": false, "gzip;x=1;q=0": false, "br, deflate": false,
	} {
		if got := Accepted([]string{"br", header}); got != accepted {
			t.Errorf("%q: %v", header, got)
		}
	}
	if Accepted(nil) {
		t.Error("gzip is accepted without a header")
	}
}

func TestContentEncoding(t *testing.T) {
	for header, want := range map[string]bool{
		"gzip": true, "GZIP ": true, "identity": false, "Identity": false, "": false,
	} {
		if got, err := Packed([]string{header}); got != want || err != nil {
			t.Errorf("%q: %v (%v)", header, got, err)
		}
	}
	for _, headers := range [][]string{{"br"}, {"gzip, gzip"}, {"gzip", "gzip"}, {"x-gzip"}, {"*"}, {"gzip;q=1"}} {
		if _, err := Packed(headers); !errors.Is(err, ErrEncoding) {
			t.Errorf("%q: %v", headers, err)
		}
	}
	if got, err := Packed(nil); got || err != nil {
		t.Errorf("no header: %v (%v)", got, err)
	}
}
