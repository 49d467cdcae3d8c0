package main

import (
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"bench/targets/go-gin/internal/metrics"
)

const accountPath = "/accounts/:id" // the only path with a parameter

// routes find what counts a request. They are complete before the first one comes, and do not change.
type routes struct {
	allowed map[routeKey]*metrics.Route
	refused map[string]*metrics.Route // a known path with another method
	unknown *metrics.Route
}

// routeKey is a method and a path as Gin knows it.
type routeKey struct{ method, path string }

// newRoutes has none but the one for unknown paths; see add.
func newRoutes(counted *metrics.Metrics) *routes {
	return &routes{
		allowed: make(map[routeKey]*metrics.Route),
		refused: make(map[string]*metrics.Route),
		unknown: counted.Route(metrics.Other, metrics.Other),
	}
}

// add takes what Gin routes.
func (r *routes) add(counted *metrics.Metrics, infos gin.RoutesInfo) {
	for _, info := range infos {
		endpoint := strings.ReplaceAll(info.Path, ":id", "{id}")
		r.allowed[routeKey{info.Method, info.Path}] = counted.Route(info.Method, endpoint)
		r.refused[info.Path] = counted.Route(metrics.Other, endpoint)
	}
}

// measure counts and times the answers of later handlers.
func (r *routes) measure(c *gin.Context) {
	started := time.Now()
	c.Next()
	r.of(c).Observe(c.Writer.Status(), time.Since(started))
}

// of depends on what Gin has found: it has no path for a request whose method is not allowed.
func (r *routes) of(c *gin.Context) *metrics.Route {
	if path := c.FullPath(); path != "" {
		return r.allowed[routeKey{c.Request.Method, path}]
	}
	if c.Writer.Status() != http.StatusMethodNotAllowed {
		return r.unknown
	}
	if route, known := r.refused[c.Request.URL.EscapedPath()]; known {
		return route
	}
	return r.refused[accountPath]
}

// showMetrics encodes what the library has gathered itself: the library's own handler would look at Accept, and would
// not announce the length.
func (n *node) showMetrics(c *gin.Context) {
	text, err := n.metrics.Text()
	if err != nil {
		fail(c, mistake(err))
		return
	}
	c.Data(http.StatusOK, metrics.ContentType, text)
}
