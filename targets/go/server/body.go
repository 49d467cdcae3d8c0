package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"bench/targets/go/internal/compression"
)

// readJSON reads and decodes a body.
func readJSON(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, err
	}
	value, err := decode(body)
	if err != nil {
		return nil, badRequest("the body is not JSON: " + err.Error())
	}
	return value, nil
}

// readBody reads the whole body and unpacks it. One that announces too much is refused before it is read. Its error is
// a failure.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > bodyLimit {
		return nil, tooLarge
	}
	packed, err := compression.Packed(r.Header["Content-Encoding"])
	if err != nil {
		closes := !discardBody(w, r)
		w.Header().Set("Accept-Encoding", compression.Gzip)
		return nil, failure{http.StatusUnsupportedMediaType, err.Error(), closes}
	}
	body, err := receiveBody(w, r)
	if err != nil {
		return nil, bodyFailure(err)
	}
	if !packed {
		return body, nil
	}
	unpacked, err := compression.Unpack(body, bodyLimit)
	switch {
	case errors.Is(err, compression.ErrTooLarge):
		return nil, tooLarge
	case err != nil:
		return nil, badRequest(err.Error())
	}
	return unpacked, nil
}

// receiveBody takes the body as it comes, up to the limit.
func receiveBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	limited := http.MaxBytesReader(w, r.Body, bodyLimit)
	if r.ContentLength < 0 {
		return io.ReadAll(limited)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(limited, body)
	return body, err
}

var tooLarge = failure{
	http.StatusRequestEntityTooLarge, fmt.Sprintf("the body is larger than %d bytes", bodyLimit), true,
}

// bodyFailure is the answer to a body that could not be received.
func bodyFailure(err error) failure {
	var overLimit *http.MaxBytesError
	switch {
	case errors.As(err, &overLimit):
		return tooLarge
	case errors.Is(err, os.ErrDeadlineExceeded):
		return failure{http.StatusRequestTimeout, "the body took too long", true}
	default:
		return failure{http.StatusBadRequest, "the body cannot be read: " + err.Error(), true}
	}
}

// discardBody reads and forgets a body that nobody wants, so that the connection can serve the next request. It
// reports false if that is not to be had: the body is too large, late or broken, or the client waits to be asked.
func discardBody(w http.ResponseWriter, r *http.Request) bool {
	if r.Body == http.NoBody {
		return true
	}
	if r.ContentLength > bodyLimit || r.Header.Get("Expect") != "" {
		return false
	}
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, bodyLimit))
	return err == nil
}
