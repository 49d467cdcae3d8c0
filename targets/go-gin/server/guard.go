package main

import (
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// connectionKey finds the connection of a request in its context.
type connectionKey struct{}

// guard limits the time for a body, and ends those connections gently that a later handler wants closed.
func guard(limits limits) gin.HandlerFunc {
	return func(c *gin.Context) {
		limitBodyTime(c, limits.body)
		c.Next()
		if c.Writer.Header().Get("Connection") == "close" {
			closeGently(c, limits.linger)
		}
	}
}

// limitBodyTime starts the time for the body. http.Server's ReadTimeout would count from the header's first byte, and
// cut off a body too early. net/http itself lifts the deadline when it has read the body's last byte.
func limitBodyTime(c *gin.Context, limit time.Duration) {
	if c.Request.Body != http.NoBody {
		// The only possible error is that the connection is gone, and reading will say that too.
		_ = http.NewResponseController(c.Writer).SetReadDeadline(time.Now().Add(limit))
	}
}

// closeGently ends a connection on which the client may still be sending: the answer and the end of the stream go
// out, and what comes in is read and forgotten for a while. To close at once, with bytes unread, would make the
// kernel send a reset, which can destroy the answer. net/http by itself takes care of that only for bodies that are
// too large, and then waits without reading, so that the client cannot finish sending.
func closeGently(c *gin.Context, linger time.Duration) {
	connection := c.Request.Context().Value(connectionKey{}).(*connection)
	// Every error here means that the connection has ended already.
	c.Writer.Flush()
	_ = connection.CloseWrite()
	_ = connection.SetReadDeadline(time.Now().Add(linger))
	_, _ = io.Copy(io.Discard, connection)
}
