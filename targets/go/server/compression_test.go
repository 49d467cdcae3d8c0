package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"
)

func gzipped(t *testing.T, body string) string {
	t.Helper()
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	if _, err := io.WriteString(writer, body); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	return buffer.String()
}

// with adds headers to a whole request.
func with(request string, headers ...string) string {
	head, body, _ := strings.Cut(request, "\r\n\r\n")
	return strings.Join(append([]string{head}, headers...), "\r\n") + "\r\n\r\n" + body
}

func TestPackedBodiesAreUnpacked(t *testing.T) {
	client := dial(t)
	large := `"` + strings.Repeat("x", 1<<20-2) + `"`
	for _, body := range []string{`{"a":[1]}`, large} {
		client.send(with(post("/echo", gzipped(t, body)), "Content-Encoding: GZip"))
		client.wantValue(client.answer(), body)
		client.send(with(chunked("/echo", gzipped(t, body), 7), "content-encoding: gzip"))
		client.wantValue(client.answer(), body)
		client.send(with(post("/echo", body), "Content-Encoding: Identity"))
		client.wantValue(client.answer(), body)
	}
	client.send(with(post("/tx", gzipped(t, transfer("t", "acct-0000", "acct-0001", "1"))), "Content-Encoding: gzip"))
	client.wantValue(client.answer(), `{"id":"t","status":"committed","block":1,"index":0}`)
	for _, body := range []string{"", "{}", gzipped(t, "{}")[1:], gzipped(t, "{}") + "x", gzipped(t, "{")} {
		client.wantRefused(with(post("/echo", body), "Content-Encoding: gzip"), 400, "")
	}
	client.wantEcho("1")
}

func TestAPackedBodyThatBecomesTooLargeIs413(t *testing.T) {
	for _, length := range []int{1<<20 + 1, 64 << 20} {
		client := dial(t)
		client.send(with(post("/echo", gzipped(t, strings.Repeat(" ", length))), "Content-Encoding: gzip"))
		client.wantErrorAndClose(413)
	}
}

func TestAnotherEncodingIs415(t *testing.T) {
	client := dial(t)
	for _, path := range []string{"/echo", "/tx", "/tx/batch", "/login"} {
		for _, request := range []string{post(path, "{}"), chunked(path, strings.Repeat("x", 1<<20), 10_000)} {
			client.send(with(request, "Content-Encoding: br"))
			answer := client.answer()
			if answer.StatusCode != 415 || answer.Header.Get("Accept-Encoding") != "gzip" || answer.Close {
				t.Errorf("%s: %v", path, answer)
			}
		}
	}
	client.wantEcho("1")
	client.send(with(fmt.Sprintf("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n", 1<<20+1),
		"Content-Encoding: br"))
	client.wantErrorAndClose(413)
}

func TestLongAnswersArePacked(t *testing.T) {
	client := dial(t)
	client.wantPosted("/tx/batch", "["+transfer("t", "acct-0000", "acct-0001", "1")+","+
		transfer("u", "acct-0000", "acct-0001", "1")+"]",
		`[{"id":"t","status":"committed","block":1,"index":0},{"id":"u","status":"committed","block":1,"index":1}]`)
	long := `"` + strings.Repeat("x", 300) + `"`
	for _, test := range []struct {
		request, accept string
		packed          bool
	}{
		{post("/echo", long), "gzip", true},
		{post("/echo", `"`+strings.Repeat("x", 1<<20-2)+`"`), "br, GZIP;q=0.1", true},
		{post("/echo", `"`+strings.Repeat("x", 254)+`"`), "gzip", true},
		{post("/echo", `"`+strings.Repeat("x", 253)+`"`), "gzip", false},
		{post("/echo", long), "*", false},
		{post("/echo", long), "gzip;q=0", false},
		{get("GET", "/blocks"), "gzip", true},
		{get("GET", "/"+strings.Repeat("x", 300)), "gzip", true},
		{get("GET", "/healthz"), "gzip", false},
	} {
		client.send(test.request)
		plain := client.answer()
		client.send(with(test.request, "Accept-Encoding: "+test.accept))
		answer := client.answer()
		body := answer.body
		if packed := answer.Header.Get("Content-Encoding") == "gzip"; packed != test.packed {
			t.Errorf("%.60q, %s: %s %v", test.request, test.accept, answer.Status, answer.Header)
		} else if packed {
			body = client.unpacked(answer)
		}
		if answer.StatusCode != plain.StatusCode || !bytes.Equal(body, plain.body) ||
			plain.Header.Get("Content-Encoding") != "" {
			t.Errorf("%.60q, %s: %s, %.60q instead of %.60q", test.request, test.accept, answer.Status, body, plain.body)
		}
	}
	client.send(with(get("HEAD", "/blocks"), "Accept-Encoding: gzip"))
	if answer := client.answerTo("HEAD"); answer.Header.Get("Content-Encoding") != "gzip" || answer.ContentLength < 100 {
		t.Errorf("%v", answer.Header)
	}
}

// unpacked gives the body of an answer that must be packed and smaller than it was.
func (c *client) unpacked(answer response) []byte {
	c.t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(answer.body))
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := io.ReadAll(reader)
	if err != nil {
		c.t.Fatal(err)
	}
	if answer.Header.Get("Vary") != "Accept-Encoding" || len(answer.body) >= len(body) {
		c.t.Errorf("%d bytes instead of %d, %v", len(answer.body), len(body), answer.Header)
	}
	return body
}
