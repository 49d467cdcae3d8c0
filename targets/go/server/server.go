package main

import (
	"context"
	"net"
	"net/http"
	"time"
)

// limits are the times that a client may take.
type limits struct {
	header time.Duration // from a header's first byte to its end
	body   time.Duration // from the header's end to the body's
	idle   time.Duration // without a request
	linger time.Duration // for reading on after an answer that came before the body's end
	drain  time.Duration // for the requests in flight after a signal
}

var defaultLimits = limits{
	header: 10 * time.Second,
	body:   30 * time.Second,
	idle:   2 * time.Minute,
	linger: 2 * time.Second,
	drain:  5 * time.Second,
}

const (
	bodyLimit   = 1 << 20  // bytes
	headerLimit = 64 << 10 // bytes; net/http's default is 1 MiB
)

func newServer(limits limits, settings settings) *http.Server {
	return &http.Server{
		Handler:           guard(limits, newHandler(settings)),
		ReadHeaderTimeout: limits.header,
		IdleTimeout:       limits.idle,
		MaxHeaderBytes:    headerLimit,
		// "OPTIONS *" is an unknown path as any other.
		DisableGeneralOptionsHandler: true,
		ConnContext: func(ctx context.Context, connection net.Conn) context.Context {
			return context.WithValue(ctx, connectionKey{}, connection)
		},
	}
}
