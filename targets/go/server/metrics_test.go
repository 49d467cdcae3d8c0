package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// scrape gives all metrics, and asserts the form of the answer.
func (c *client) scrape() string {
	c.t.Helper()
	c.send(with(get("GET", "/metrics"), "Accept: application/vnd.google.protobuf, application/openmetrics-text"))
	answer := c.answer()
	if answer.StatusCode != 200 || !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/plain; version=0.0.4") {
		c.t.Fatalf("%s %v", answer.Status, answer.Header)
	}
	return string(answer.body)
}

func TestEveryRequestIsCounted(t *testing.T) {
	client := dialAccepted(t)
	for _, request := range []string{
		post("/echo", "1"), post("/echo", "1"), post("/echo", "{"), with(post("/echo", "1"), "Content-Encoding: br"),
		get("BREW", "/echo"), get("GET", "/echo?x"),
		post("/tx", transfer("t", "acct-0000", "acct-0001", "1")), post("/tx", transfer("u", "x", "y", "1")),
		post("/tx/batch", "[]"), post("/login", "{}"), credentials("bench", "wrong"), get("GET", "/session"),
		get("GET", "/healthz"), get("GET", "/ledger"), get("GET", "/blocks?from=0"), get("PUT", "/blocks"),
		get("GET", "/accounts/acct-0000"), get("GET", "/accounts/acct-0001"), get("GET", "/accounts/x"),
		get("PUT", "/accounts/acct-0000"), get("PUT", "/accounts/x"),
		get("GET", "/nope"), get("BREW", "/nope/x"), get("GET", "/echo/"), get("GET", "//echo"), get("GET", "/accounts/x/y"),
	} {
		client.send(request)
		client.answer()
	}
	for _, path := range []string{"/healthz", "/accounts/acct-0000"} {
		client.send(get("HEAD", path))
		client.answerTo("HEAD")
	}
	client.scrape()
	shown := client.scrape()
	for labels, count := range map[string]int{
		`"/echo",method="POST",status="200"`: 2, `"/echo",method="POST",status="400"`: 1,
		`"/echo",method="POST",status="415"`: 1, `"/echo",method="other",status="405"`: 2,
		`"/tx",method="POST",status="200"`: 1, `"/tx",method="POST",status="422"`: 1,
		`"/tx/batch",method="POST",status="400"`: 1,
		`"/login",method="POST",status="400"`:    1, `"/login",method="POST",status="401"`: 1,
		`"/session",method="GET",status="401"`: 1,
		`"/healthz",method="GET",status="200"`: 1, `"/healthz",method="HEAD",status="200"`: 1,
		`"/ledger",method="GET",status="200"`: 1,
		`"/blocks",method="GET",status="400"`: 1, `"/blocks",method="other",status="405"`: 1,
		`"/accounts/{id}",method="GET",status="200"`: 2, `"/accounts/{id}",method="HEAD",status="200"`: 1,
		`"/accounts/{id}",method="GET",status="404"`: 1, `"/accounts/{id}",method="other",status="405"`: 2,
		`"/metrics",method="GET",status="200"`: 1,
		`"other",method="other",status="404"`:  5,
	} {
		if line := fmt.Sprintf("\napi_requests_total{endpoint=%s} %d\n", labels, count); !strings.Contains(shown, line) {
			t.Errorf("%s is missing", strings.TrimSpace(line))
		}
	}
	if lines := regexp.MustCompile(`(?m)^api_requests_total\{`).FindAllString(shown, -1); len(lines) != 21 {
		t.Errorf("%d series", len(lines))
	}
	for _, line := range []string{
		`api_request_duration_seconds_count{endpoint="/echo",method="POST"} 4`,
		`api_request_duration_seconds_bucket{endpoint="/accounts/{id}",method="GET",le="+Inf"} 3`,
	} {
		if !strings.Contains(shown, "\n"+line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
}

func TestTheTimeOfARequestHasItsWaitForTheBlock(t *testing.T) {
	client := dial(t)
	client.send(post("/tx", transfer("t", "acct-0000", "acct-0001", "1")))
	client.answer()
	shown := client.scrape()
	for _, line := range []string{
		`api_request_duration_seconds_bucket{endpoint="/tx",method="POST",le="0.025"} 0`,
		`api_request_duration_seconds_bucket{endpoint="/tx",method="POST",le="+Inf"} 1`,
	} {
		if !strings.Contains(shown, "\n"+line+"\n") {
			t.Errorf("%s is missing", line)
		}
	}
}

func TestRefusedBodiesAreCountedBeforeTheConnectionHasEnded(t *testing.T) {
	address := serve(t, defaultLimits)
	refused := connect(t, address)
	refused.send(fmt.Sprintf("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n", 1<<20+1))
	refused.wantError(413)
	shown := connect(t, address).scrape()
	if line := `api_requests_total{endpoint="/echo",method="POST",status="413"} 1`; !strings.Contains(shown, line) {
		t.Errorf("%s is missing", line)
	}
}

func TestMetricsArePacked(t *testing.T) {
	client := dial(t)
	client.send(with(get("GET", "/metrics"), "Accept-Encoding: gzip"))
	if text := client.unpacked(client.answer()); !bytes.Contains(text, []byte("\nprocess_cpu_seconds_total ")) {
		t.Errorf("%.1000s", text)
	}
}
