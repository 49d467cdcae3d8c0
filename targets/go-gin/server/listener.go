package main

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"time"
)

// listener accepts connections that may wait before their first request.
type listener struct {
	*net.TCPListener
	limits limits
}

func listen(host string, port uint, limits limits) (net.Listener, error) {
	var config net.ListenConfig
	// The contract asks for plain TCP; Go would listen for Multipath TCP.
	config.SetMultipathTCP(false)
	address := net.JoinHostPort(host, strconv.FormatUint(uint64(port), 10))
	tcp, err := config.Listen(context.Background(), "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s (--host, --port): %w", address, err)
	}
	return listener{tcp.(*net.TCPListener), limits}, nil
}

func (l listener) Accept() (net.Conn, error) {
	tcp, err := l.AcceptTCP()
	if err != nil {
		return nil, err
	}
	return &connection{TCPConn: tcp, limits: l.limits, fresh: true}, nil
}

// connection lets a client wait with its first request as long as with any later one. Left alone, net/http counts
// ReadHeaderTimeout from the accept, and would close a connection that is opened ahead of its first use.
type connection struct {
	*net.TCPConn
	limits limits
	fresh  bool
}

func (c *connection) Read(buffer []byte) (int, error) {
	if !c.fresh {
		return c.TCPConn.Read(buffer)
	}
	c.fresh = false
	if err := c.SetReadDeadline(time.Now().Add(c.limits.idle)); err != nil {
		return 0, err
	}
	count, err := c.TCPConn.Read(buffer)
	if err != nil {
		return count, err
	}
	return count, c.SetReadDeadline(time.Now().Add(c.limits.header))
}
