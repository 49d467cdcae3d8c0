package main

import (
	"testing"
	"time"
)

// short gives the default limits with one of them changed.
func short(change func(*limits)) limits {
	limits := defaultLimits
	change(&limits)
	return limits
}

// net/http closes without an answer, and takes a line that is cut off for a whole one: that is not HTTP, and 400.
func TestAHeaderThatDoesNotEndIsClosed(t *testing.T) {
	address := serve(t, short(func(l *limits) { l.header = 100 * time.Millisecond }))
	for _, start := range []string{"GET /healthz HTTP/1.1\r\n", "GET /healthz HTTP/1.1\r\nHost: test\r\n"} {
		client := connect(t, address)
		client.send(start)
		client.wantClose()
		used := connect(t, address)
		used.wantEcho("1")
		used.send(start)
		used.wantClose()
	}
	for _, start := range []string{"G", "GET /healthz HT"} {
		client := connect(t, address)
		client.send(start)
		wantFrameworksError(t, client, 400)
	}
}

func TestAConnectionMayWaitBeforeItsFirstRequestAndBetweenRequests(t *testing.T) {
	address := serve(t, short(func(l *limits) { l.header, l.body = 100*time.Millisecond, 100*time.Millisecond }))
	client := connect(t, address)
	for range 3 {
		time.Sleep(300 * time.Millisecond)
		client.wantEcho("1")
	}
}

func TestAnIdleConnectionIsClosedQuietly(t *testing.T) {
	address := serve(t, short(func(l *limits) { l.idle = 100 * time.Millisecond }))
	connect(t, address).wantClose()
	used := connect(t, address)
	used.wantEcho("1")
	used.wantClose()
}

func TestABodyThatStallsIs408(t *testing.T) {
	address := serve(t, short(func(l *limits) { l.body = 100 * time.Millisecond }))
	for _, start := range []string{
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n[1,",
		"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n",
	} {
		client := connect(t, address)
		client.wantEcho("1")
		client.send(start)
		client.wantErrorAndClose(408)
	}
	for path, status := range map[string]int{"/nope": 404, "/healthz": 405} {
		client := connect(t, address)
		client.send("POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n")
		client.wantErrorAndClose(status)
	}
}

func TestABodyThatDripsIs408AndTheAnswerCanBeRead(t *testing.T) {
	address := serve(t, short(func(l *limits) { l.body = 100 * time.Millisecond }))
	client := connect(t, address)
	client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n")
	for range 30 {
		time.Sleep(10 * time.Millisecond)
		client.send("1")
	}
	client.wantErrorAndClose(408)
}

func TestASlowBodyInTimeIsEchoed(t *testing.T) {
	client := connect(t, serve(t, short(func(l *limits) { l.header = 100 * time.Millisecond })))
	for range 2 {
		message := post("/echo", "[1,2]")
		client.send(message[:len(message)-3])
		time.Sleep(300 * time.Millisecond)
		client.send(message[len(message)-3:])
		client.wantValue(client.answer(), "[1,2]")
	}
}
