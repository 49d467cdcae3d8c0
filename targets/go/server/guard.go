package main

import (
	"io"
	"net/http"
	"time"
)

// connectionKey finds the connection of a request in its context.
type connectionKey struct{}

// guard limits the time for a body, and ends those connections gently that next wants closed.
func guard(limits limits, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		limitBodyTime(w, r, limits.body)
		next.ServeHTTP(w, r)
		if w.Header().Get("Connection") == "close" {
			closeGently(w, r, limits.linger)
		}
	})
}

// limitBodyTime starts the time for the body. http.Server's ReadTimeout would count from the header's first byte, and
// cut off a body too early. net/http itself lifts the deadline when it has read the body's last byte.
func limitBodyTime(w http.ResponseWriter, r *http.Request, limit time.Duration) {
	if r.Body != http.NoBody {
		// The only possible error is that the connection is gone, and reading will say that too.
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(limit))
	}
}

// closeGently ends a connection on which the client may still be sending: the answer and the end of the stream go
// out, and what comes in is read and forgotten for a while. To close at once, with bytes unread, would make the
// kernel send a reset, which can destroy the answer. net/http by itself takes care of that only for bodies that are
// too large, and then waits without reading, so that the client cannot finish sending.
func closeGently(w http.ResponseWriter, r *http.Request, linger time.Duration) {
	connection := r.Context().Value(connectionKey{}).(*connection)
	// Every error here means that the connection has ended already.
	_ = http.NewResponseController(w).Flush()
	_ = connection.CloseWrite()
	_ = connection.SetReadDeadline(time.Now().Add(linger))
	_, _ = io.Copy(io.Discard, connection)
}
