package main

import (
	"encoding/json"
	"net/http"
	"strconv"

	"bench/targets/go/internal/compression"
)

// failure is an answer that refuses.
type failure struct {
	status  int
	message string
	closes  bool // because the request was not read to its end
}

func (f failure) Error() string { return f.message }

func (f failure) body() []byte {
	body, err := json.Marshal(map[string]string{"error": f.message})
	if err != nil {
		panic(err) // A map of strings can always be encoded.
	}
	return body
}

// badRequest refuses a body that was read whole.
func badRequest(message string) failure {
	return failure{http.StatusBadRequest, message, false}
}

// answer sends a body, of JSON unless the header says something else, and packed if it is long enough and the client
// wants it so. Its length is announced here because net/http does so only up to 2 KiB, and sends larger bodies chunked.
func answer(w http.ResponseWriter, r *http.Request, status int, body []byte) {
	header := w.Header()
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json")
	}
	if len(body) >= compression.Threshold {
		header.Set("Vary", "Accept-Encoding")
		if compression.Accepted(r.Header["Accept-Encoding"]) {
			pack := compression.NewPack(body)
			defer pack.Release()
			header.Set("Content-Encoding", compression.Gzip)
			body = pack.Bytes()
		}
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	// An error means that the client has gone, which costs nothing but its connection.
	_, _ = w.Write(body)
}
