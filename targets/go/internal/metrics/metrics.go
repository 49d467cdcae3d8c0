// Package metrics counts and times requests, and shows them beside the process and the Go runtime in the text format
// of Prometheus, as targets/CONTRACT.md asks. It knows nothing of HTTP but the names of methods and the numbers of
// statuses.
package metrics

import (
	"bytes"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"
)

// Other is the label of a method or a path that is not served, so that no client can make labels.
const Other = "other"

// ContentType is the media type of Text.
const ContentType = string(expfmt.FmtText)

// Metrics are those of one server.
type Metrics struct {
	registry  *prometheus.Registry
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
}

// New has a registry of its own, so that there can be several servers in one process.
func New() *Metrics {
	metrics := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "api_requests_total",
			Help: "Requests that were answered.",
		}, []string{"method", "endpoint", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "api_request_duration_seconds",
			Help:    "Time from the whole head of a request to its answer.",
			Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1, 3},
		}, []string{"method", "endpoint"}),
	}
	metrics.registry.MustRegister(
		metrics.requests,
		metrics.durations,
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	return metrics
}

// Text is everything at this moment.
func (m *Metrics) Text() ([]byte, error) {
	families, err := m.registry.Gather()
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	encoder := expfmt.NewEncoder(&text, expfmt.FmtText)
	for _, family := range families {
		if err := encoder.Encode(family); err != nil {
			return nil, err
		}
	}
	return text.Bytes(), nil
}

const (
	leastStatus = 100
	statusCount = 500
)

// Route counts the requests of one method and one endpoint. Labels are looked up when they occur first, and kept; a
// series that never occurred is not shown.
type Route struct {
	duration func() prometheus.Observer
	request  func(status int) prometheus.Counter
	requests [statusCount]atomic.Pointer[prometheus.Counter] // by status
}

// Route is for one pair of labels, each of which must be a name in this program.
func (m *Metrics) Route(method, endpoint string) *Route {
	return &Route{
		duration: sync.OnceValue(func() prometheus.Observer {
			return m.durations.WithLabelValues(method, endpoint)
		}),
		request: func(status int) prometheus.Counter {
			return m.requests.WithLabelValues(method, endpoint, strconv.Itoa(status))
		},
	}
}

// Observe counts a request that was answered. The status has three digits.
func (r *Route) Observe(status int, took time.Duration) {
	r.duration().Observe(took.Seconds())
	kept := &r.requests[status-leastStatus]
	counter := kept.Load()
	if counter == nil {
		// Whoever else is here now gets the same counter.
		found := r.request(status)
		counter = &found
		kept.Store(counter)
	}
	(*counter).Inc()
}
