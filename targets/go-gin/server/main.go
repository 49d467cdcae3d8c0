// Command server serves the contract on Gin until SIGTERM or SIGINT.
package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run serves until the first signal and gives the requests in flight their time to finish.
func run() error {
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	settings, err := readSettings()
	if err != nil {
		return err
	}
	listener, err := listen(settings.host, settings.port, defaultLimits)
	if err != nil {
		return err
	}
	server := newServer(defaultLimits, settings)
	fmt.Printf("listening on http://%s with GOMAXPROCS %d\n", listener.Addr(), runtime.GOMAXPROCS(0))

	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-signalled.Done():
	}
	stop() // From here on, a second signal ends the process at once.
	return drain(server, defaultLimits)
}

// drain stops accepting, waits for the requests in flight, and cuts off those that take too long.
func drain(server *http.Server, limits limits) error {
	patience, cancel := context.WithTimeout(context.Background(), limits.drain)
	defer cancel()
	err := server.Shutdown(patience)
	if errors.Is(err, context.DeadlineExceeded) {
		return server.Close()
	}
	return err
}
