package main

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

const okBody = `{"status":"ok"}`

func TestHealthz(t *testing.T) {
	client := dial(t)
	for _, path := range []string{"/healthz", "/healthz?verbose=1"} {
		client.send(get("GET", path))
		client.wantValue(client.answer(), okBody)
	}
	client.send("GET /healthz HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\n\r\n{}")
	client.wantValue(client.answer(), okBody)
	client.wantEcho("1")
}

func TestHeadAnswersLikeGetWithoutABody(t *testing.T) {
	client := dial(t)
	client.send(get("HEAD", "/healthz"))
	answer := client.answerTo("HEAD")
	if answer.StatusCode != 200 || answer.ContentLength != int64(len(okBody)) ||
		answer.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", answer)
	}
	client.send(get("HEAD", "/echo"))
	if answer := client.answerTo("HEAD"); answer.StatusCode != 405 || answer.Header.Get("Allow") != "POST" {
		t.Errorf("%v", answer)
	}
	client.send(get("HEAD", "/nope"))
	if answer := client.answerTo("HEAD"); answer.StatusCode != 404 {
		t.Errorf("%v", answer)
	}
	client.wantEcho("1")
}

func TestAnUnknownPathIs404(t *testing.T) {
	client := dial(t)
	for _, path := range []string{
		"/", "/echo/", "//echo", "/./echo", "/x/../echo", "/ECHO", "/%65cho", "/echo%2F", "/echo/x", "/healthz/", "/health",
		"/nope\"", "/%ff", "*", "http://test/nope",
	} {
		for _, request := range []string{get("GET", path), get("OPTIONS", path), post(path, "{}")} {
			client.send(request)
			client.wantError(404)
		}
	}
	client.send(chunked("/nope", strings.Repeat("x", 1<<20), 10_000))
	client.wantError(404)
	client.send(post("/echo?x=1", "1"))
	client.wantValue(client.answer(), "1")
}

func TestAWrongMethodIs405(t *testing.T) {
	client := dial(t)
	for _, test := range []struct{ method, path, allowed string }{
		{"GET", "/echo", "POST"},
		{"PUT", "/echo", "POST"},
		{"OPTIONS", "/echo", "POST"},
		{"BREW", "/echo", "POST"},
		{"POST", "/healthz", "GET, HEAD"},
		{"DELETE", "/healthz", "GET, HEAD"},
		{"OPTIONS", "/healthz?x", "GET, HEAD"},
	} {
		body := strings.Repeat("x", 1<<20)
		client.send(fmt.Sprintf("%s %s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s",
			test.method, test.path, len(body), body))
		answer := client.answer()
		if answer.StatusCode != 405 || answer.Header.Get("Allow") != test.allowed || answer.Close ||
			!strings.Contains(string(answer.body), test.method) {
			t.Errorf("%v: %v %s", test, answer, answer.body)
		}
	}
	client.wantEcho("[]")
}

func TestAConnectionServesManyRequests(t *testing.T) {
	client := dial(t)
	for number := range 1000 {
		client.wantEcho(fmt.Sprint(number))
	}
}

func TestPipelinedRequestsAreAnsweredInOrder(t *testing.T) {
	client := dial(t)
	var requests strings.Builder
	for number := range 100 {
		requests.WriteString(post("/echo", fmt.Sprint(number)))
	}
	requests.WriteString("POST /echo HTTP/1.1\r\nHost: te")
	client.send(requests.String())
	for number := range 100 {
		client.wantValue(client.answer(), fmt.Sprint(number))
	}
	client.send("st\r\nContent-Length: 1\r\n\r\n7")
	client.wantValue(client.answer(), "7")
}

func TestARequestMayComeByteByByte(t *testing.T) {
	client := dial(t)
	for _, request := range []string{post("/echo", `{"a":1}`), chunked("/echo", `{"a":1}`, 2)} {
		for _, character := range []byte(request) {
			client.send(string(character))
		}
		client.wantValue(client.answer(), `{"a":1}`)
	}
}

func TestConnectionCloseIsHonoured(t *testing.T) {
	client := dial(t)
	client.send("POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1\r\n\r\n7")
	answer := client.answer()
	client.wantValue(answer, "7")
	if !answer.Close {
		t.Error("the answer does not say so")
	}
	client.wantClose()
}

func TestHTTP10ClosesUnlessAskedToStay(t *testing.T) {
	client := dial(t)
	client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1")
	answer := client.answer()
	client.wantValue(answer, "1")
	if answer.Header.Get("Connection") != "keep-alive" {
		t.Errorf("%v", answer.Header)
	}
	client.send("GET /healthz HTTP/1.0\r\n\r\n")
	client.wantValue(client.answer(), okBody)
	client.wantClose()
}

func TestChunkedBodies(t *testing.T) {
	client := dial(t)
	head := "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
	client.send(head + "1\r\n[\r\n3;name=value\r\n1,2\r\n1\r\n]\r\n0\r\nTrailer: x\r\n\r\n")
	client.wantValue(client.answer(), "[1,2]")
	client.send(head + "0\r\n\r\n")
	client.wantError(400)
	client.wantEcho("1")
	for _, body := range []string{"zz\r\n[1]\r\n0\r\n\r\n", "1\r\n[1]\r\n0\r\n\r\n", "-1\r\n"} {
		client := dial(t)
		client.send(head + body + strings.Repeat("x", 100_000))
		client.wantErrorAndClose(400)
	}
}

func TestExpectContinue(t *testing.T) {
	head := "POST %s HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
	client := dial(t)
	client.send(fmt.Sprintf(head, "/echo", 2))
	if answer := client.answer(); answer.StatusCode != 100 {
		t.Fatalf("%v", answer)
	}
	client.send("42")
	client.wantValue(client.answer(), "42")
	client.wantEcho("43")
	for _, test := range []struct {
		path           string
		length, status int
	}{{"/nope", 2, 404}, {"/healthz", 2, 405}, {"/echo", 2_000_000, 413}, {"/nope", 2_000_000, 404}} {
		client := dial(t)
		client.send(fmt.Sprintf(head, test.path, test.length))
		client.wantErrorAndClose(test.status)
	}
}

func TestAClientThatHalfClosesGetsEveryAnswer(t *testing.T) {
	client := dial(t)
	large := `"` + strings.Repeat("x", 1_000_000) + `"`
	client.send(post("/echo", large) + chunked("/echo", "[1]", 1) + post("/echo", "1"))
	client.finishSending()
	client.wantValue(client.answer(), large)
	client.wantValue(client.answer(), "[1]")
	client.wantValue(client.answer(), "1")
	client.wantClose()
}

func TestABodyThatEndsEarlyIs400(t *testing.T) {
	for _, start := range []string{
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n[1]",
		"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1]\r\n",
	} {
		client := dial(t)
		client.send(start)
		client.finishSending()
		client.wantErrorAndClose(400)
	}
}

func TestBodiesAtTheLimit(t *testing.T) {
	client := dial(t)
	body := `"` + strings.Repeat("x", 1<<20-2) + `"`
	client.wantEcho(body)
	client.send(chunked("/echo", body, 10_000))
	client.wantValue(client.answer(), body)
}

func TestTooLargeIs413(t *testing.T) {
	announced := fmt.Sprintf("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n", 1<<20+1)
	started := "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n100001\r\n" +
		strings.Repeat("1", 1<<20+1)
	large := strings.Repeat("1", 8<<20)
	closing := strings.Replace(post("/echo", large), "Host", "Connection: close\r\nHost", 1)
	for _, request := range []string{
		announced, started, post("/echo", large), chunked("/echo", large, 65_536), closing,
	} {
		client := dial(t)
		client.send(request)
		if message := client.wantErrorAndClose(413); !strings.Contains(message, "1048576") {
			t.Error(message)
		}
	}
	client := dial(t)
	client.send(post("/nope", large))
	client.wantErrorAndClose(404)
}

func TestHeaders(t *testing.T) {
	client := dial(t)
	client.send(fmt.Sprintf("GET /healthz HTTP/1.1\r\nHost: test\r\nX: %s\r\n\r\n", strings.Repeat("x", 8_150)))
	client.wantValue(client.answer(), okBody)
	// It may close before it has taken all of it.
	_, _ = io.WriteString(client.conn, "GET /healthz HTTP/1.1\r\nHost: test\r\nX: "+strings.Repeat("x", 200_000))
	wantFrameworksError(t, client, 431)
}

func TestWhatIsNotHTTPIs400(t *testing.T) {
	address := serve(t, defaultLimits)
	for _, nonsense := range []string{
		"hello\r\n\r\n", "GET  HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n", "\x00\x00\x00\x00\r\n\r\n",
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1",
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n1",
		"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 99999999999999999999999999\r\n\r\n",
	} {
		client := connect(t, address)
		client.send(nonsense)
		wantFrameworksError(t, client, 400)
	}
	connect(t, address).wantEcho("1")
}

// wantFrameworksError asserts an answer that net/http makes by itself.
func wantFrameworksError(t *testing.T, client *client, status int) {
	t.Helper()
	answer, err := http.ReadResponse(client.reader, nil)
	if err != nil || answer.StatusCode != status || !answer.Close {
		t.Errorf("%v (%v)", answer, err)
	}
}
