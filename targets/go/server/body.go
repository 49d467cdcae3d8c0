package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// readBody reads the whole body. One that announces too much is refused before it is read.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.ContentLength > bodyLimit {
		return nil, &http.MaxBytesError{Limit: bodyLimit}
	}
	limited := http.MaxBytesReader(w, r.Body, bodyLimit)
	if r.ContentLength < 0 {
		return io.ReadAll(limited)
	}
	body := make([]byte, r.ContentLength)
	_, err := io.ReadFull(limited, body)
	return body, err
}

// readJSON reads and decodes a body.
func readJSON(w http.ResponseWriter, r *http.Request) (any, error) {
	body, err := readBody(w, r)
	if err != nil {
		return nil, bodyFailure(err)
	}
	value, err := decode(body)
	if err != nil {
		return nil, badRequest("the body is not JSON: " + err.Error())
	}
	return value, nil
}

// bodyFailure is the answer to a body that could not be read.
func bodyFailure(err error) failure {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		message := fmt.Sprintf("the body is larger than %d bytes", tooLarge.Limit)
		return failure{http.StatusRequestEntityTooLarge, message, true}
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
