package metrics

import (
	"strings"
	"sync"
	"testing"
	"time"
)

func text(t *testing.T, metrics *Metrics) string {
	t.Helper()
	text, err := metrics.Text()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestRequestsAreCountedAndTimed(t *testing.T) {
	metrics := New()
	echo, other := metrics.Route("POST", "/echo"), metrics.Route(Other, Other)
	if text := text(t, metrics); strings.Contains(text, "api_request") {
		t.Errorf("there is something before the first request: %s", text)
	}
	var group sync.WaitGroup
	for range 10 {
		group.Go(func() {
			for range 100 {
				echo.Observe(200, 2*time.Millisecond)
				echo.Observe(400, 4*time.Second)
			}
			other.Observe(404, 0)
		})
	}
	group.Wait()
	shown := text(t, metrics)
	for _, line := range []string{
		`api_requests_total{endpoint="/echo",method="POST",status="200"} 1000`,
		`api_requests_total{endpoint="/echo",method="POST",status="400"} 1000`,
		`api_requests_total{endpoint="other",method="other",status="404"} 10`,
		`api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="0.001"} 0`,
		`api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="0.0025"} 1000`,
		`api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="3"} 1000`,
		`api_request_duration_seconds_bucket{endpoint="/echo",method="POST",le="+Inf"} 2000`,
		`api_request_duration_seconds_bucket{endpoint="other",method="other",le="0.0005"} 10`,
		`api_request_duration_seconds_count{endpoint="other",method="other"} 10`,
	} {
		if !strings.Contains(shown, "\n"+line+"\n") {
			t.Errorf("%s is missing in %s", line, shown)
		}
	}
	if count := strings.Count(shown, `_bucket{endpoint="/echo"`); count != 13 {
		t.Errorf("%d buckets", count)
	}
}

func TestTheProcessAndTheRuntimeAreShown(t *testing.T) {
	shown := text(t, New())
	for _, name := range []string{
		"process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds",
		"go_goroutines", "go_gc_duration_seconds_count", "go_memstats_heap_alloc_bytes",
	} {
		if !strings.Contains(shown, "\n"+name+" ") {
			t.Errorf("%s is missing", name)
		}
	}
	if !strings.HasPrefix(ContentType, "text/plain; version=0.0.4") {
		t.Error(ContentType)
	}
}
