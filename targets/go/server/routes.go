package main

import (
	"fmt"
	"net/http"
	"path"
	"strings"

	"bench/targets/go/internal/auth"
	"bench/targets/go/internal/ledger"
	"bench/targets/go/internal/metrics"
)

// node is what the endpoints share.
type node struct {
	ledger  *ledger.Ledger
	tokens  auth.Tokens
	users   auth.Users
	metrics *metrics.Metrics
}

// newHandler routes with http.ServeMux. A path without a method is what remains of it: a method that is not allowed.
func newHandler(settings settings) http.Handler {
	node := &node{
		ledger:  ledger.New(settings.acknowledgement),
		tokens:  settings.tokens,
		users:   settings.users,
		metrics: metrics.New(),
	}
	mux := http.NewServeMux()
	add := func(pattern, method, endpoint string, handle handler) {
		mux.Handle(pattern, measured{handle, node.metrics.Route(method, endpoint)})
	}
	get := func(path string, handle handler) {
		add("GET "+path, "GET", path, withoutBody(handle))
		add("HEAD "+path, "HEAD", path, withoutBody(handle))
		add(path, metrics.Other, path, refuseMethod("GET, HEAD"))
	}
	post := func(path string, handle handler) {
		add("POST "+path, "POST", path, handle)
		add(path, metrics.Other, path, refuseMethod("POST"))
	}
	get("/healthz", healthz)
	post("/echo", echo)
	post("/tx", node.submit)
	post("/tx/batch", node.submitBatch)
	get("/ledger", node.showLedger)
	get("/blocks", node.showBlocks)
	get("/accounts/{id}", node.showAccount)
	post("/login", node.login)
	get("/session", node.showSession)
	get("/metrics", node.showMetrics)
	unknown := measured{refusePath, node.metrics.Route(metrics.Other, metrics.Other)}
	mux.Handle("/", unknown)
	return exactly(mux, unknown)
}

// exactly keeps those paths from a mux that it would clean, redirect or unescape: "//echo", "/x/../echo" and "/%65cho"
// are unknown, and so is the "*" of OPTIONS.
func exactly(mux, unknown http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := r.URL.Path
		// RawPath is empty unless it differs from the usual escaping of Path.
		if r.URL.RawPath != "" || !strings.HasPrefix(sent, "/") || path.Clean(sent) != sent {
			unknown.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func refusePath(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	closes := !discardBody(w, r)
	return nil, failure{http.StatusNotFound, "there is nothing at " + r.URL.EscapedPath(), closes}
}

func refuseMethod(allowed string) handler {
	return func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		closes := !discardBody(w, r)
		w.Header().Set("Allow", allowed)
		message := fmt.Sprintf("%s allows %s, not %s", r.URL.Path, allowed, r.Method)
		return nil, failure{http.StatusMethodNotAllowed, message, closes}
	}
}
