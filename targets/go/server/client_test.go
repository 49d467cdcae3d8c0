package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

// patience is long enough for any step on a loaded machine; no test waits for it unless it fails.
const patience = 20 * time.Second

// client sends exactly the bytes that it is given, and reads one answer at a time.
type client struct {
	t      *testing.T
	conn   *net.TCPConn
	reader *bufio.Reader
}

// response is one answer with its body.
type response struct {
	*http.Response
	body []byte
}

// serve starts a server in this process, ended with the test, and gives its address.
func serve(t *testing.T, limits limits) string {
	t.Helper()
	return serveWith(t, limits, testSettings(t, "sealed"))
}

// testSettings are those of a server whose receipts come at one time or the other.
func testSettings(t *testing.T, acknowledgement string) settings {
	t.Helper()
	settings, err := resolve(acknowledgement, testSecret, testUsers)
	if err != nil {
		t.Fatal(err)
	}
	return settings
}

func serveWith(t *testing.T, limits limits, settings settings) string {
	t.Helper()
	listener, err := listen("127.0.0.1", 0, limits)
	if err != nil {
		t.Fatal(err)
	}
	server := newServer(limits, settings)
	ended := make(chan error)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-ended; err != http.ErrServerClosed {
			t.Error(err)
		}
	})
	return listener.Addr().String()
}

// dial connects to a new server with the default limits.
func dial(t *testing.T) *client {
	t.Helper()
	return connect(t, serve(t, defaultLimits))
}

func connect(t *testing.T, address string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	return &client{t, conn.(*net.TCPConn), bufio.NewReader(conn)}
}

func (c *client) send(bytes string) {
	c.t.Helper()
	if _, err := io.WriteString(c.conn, bytes); err != nil {
		c.t.Fatal("sending:", err)
	}
}

// answer reads the answer to anything but HEAD, and asserts that its length was announced.
func (c *client) answer() response {
	c.t.Helper()
	return c.answerTo("GET")
}

func (c *client) answerTo(method string) response {
	c.t.Helper()
	answer, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		c.t.Fatal("reading an answer:", err)
	}
	if answer.StatusCode != http.StatusContinue && answer.ContentLength < 0 {
		c.t.Errorf("an answer without Content-Length: %v", answer)
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		c.t.Fatal("reading an answer's body:", err)
	}
	return response{answer, body}
}

// echo sends a body and reads the answer.
func (c *client) echo(body string) response {
	c.t.Helper()
	c.send(post("/echo", body))
	return c.answer()
}

// wantEcho asserts that a body comes back as the same value, on a connection that stays.
func (c *client) wantEcho(body string) {
	c.t.Helper()
	answer := c.echo(body)
	c.wantValue(answer, body)
	if answer.Close {
		c.t.Errorf("%.60s: the connection does not stay", body)
	}
}

// wantValue asserts that an answer is this JSON value.
func (c *client) wantValue(answer response, text string) {
	c.t.Helper()
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Content-Type") != "application/json" {
		c.t.Fatalf("%.60s: %s %v %s", text, answer.Status, answer.Header, answer.body)
	}
	var want, got any
	if err := json.Unmarshal([]byte(text), &want); err != nil {
		c.t.Fatal(err)
	}
	if err := json.Unmarshal(answer.body, &got); err != nil {
		c.t.Fatalf("%.60s: %v in %.60s", text, err, answer.body)
	}
	if !reflect.DeepEqual(want, got) {
		c.t.Errorf("%.60s came back as %.60s", text, answer.body)
	}
}

// wantError reads an answer, asserts that it is an error in the form of the contract, and gives its message.
func (c *client) wantError(status int) string {
	c.t.Helper()
	answer := c.answer()
	if answer.StatusCode != status || answer.Header.Get("Content-Type") != "application/json" {
		c.t.Fatalf("not %d: %s %v %s", status, answer.Status, answer.Header, answer.body)
	}
	var fields map[string]string
	if err := json.Unmarshal(answer.body, &fields); err != nil || len(fields) != 1 || fields["error"] == "" {
		c.t.Errorf("not an error: %s (%v)", answer.body, err)
	}
	return fields["error"]
}

// wantErrorAndClose asserts that an answer is an error, and the last thing that comes.
func (c *client) wantErrorAndClose(status int) string {
	c.t.Helper()
	message := c.wantError(status)
	c.wantClose()
	return message
}

// wantClose asserts that the connection ends in an orderly way with nothing more to read.
func (c *client) wantClose() {
	c.t.Helper()
	rest, err := io.ReadAll(c.reader)
	if err != nil || len(rest) > 0 {
		c.t.Errorf("not an orderly end: %v, %.60q", err, rest)
	}
}

func (c *client) finishSending() {
	c.t.Helper()
	if err := c.conn.CloseWrite(); err != nil {
		c.t.Fatal(err)
	}
}

// post is a whole POST with an announced length.
func post(path, body string) string {
	return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s", path, len(body), body)
}

// get is a whole request without a body.
func get(method, path string) string {
	return method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n"
}

// chunked is a whole POST with a body in chunks.
func chunked(path, body string, size int) string {
	var message strings.Builder
	fmt.Fprintf(&message, "POST %s HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n", path)
	for len(body) > 0 {
		chunk := body[:min(size, len(body))]
		body = body[len(chunk):]
		fmt.Fprintf(&message, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	message.WriteString("0\r\n\r\n")
	return message.String()
}
