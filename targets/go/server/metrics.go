package main

import (
	"net/http"
	"time"

	"bench/targets/go/internal/metrics"
)

// measured is an endpoint whose answers are counted and timed. It is made for each route, so that nothing is looked up
// for a request.
type measured struct {
	handle handler
	route  *metrics.Route
}

func (m measured) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	status := m.handle.serve(w, r)
	m.route.Observe(status, time.Since(started))
}

// showMetrics encodes what the library has gathered itself: the library's own handler would look at Accept, and would
// not announce the length.
func (n *node) showMetrics(w http.ResponseWriter, _ *http.Request) ([]byte, error) {
	text, err := n.metrics.Text()
	if err != nil {
		return nil, err
	}
	w.Header().Set("Content-Type", metrics.ContentType)
	return text, nil
}
