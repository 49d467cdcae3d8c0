// Command server serves the contract on net/http and encoding/json until SIGTERM or SIGINT.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	host := flag.String("host", "127.0.0.1", "address to listen on")
	port := flag.Uint("port", 8080, "port to listen on; 0 takes a free one")
	flag.Parse()
	if err := run(*host, *port); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// run serves until the first signal and gives the requests in flight their time to finish.
func run(host string, port uint) error {
	signalled, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	settings, err := environment()
	if err != nil {
		return err
	}
	listener, err := listen(host, port, defaultLimits)
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
