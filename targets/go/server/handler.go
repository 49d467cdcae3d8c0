package main

import (
	"errors"
	"net/http"
)

// handler answers an endpoint: with the body of a 200, or with an error, which is a failure unless it is this
// program's mistake.
type handler func(w http.ResponseWriter, r *http.Request) ([]byte, error)

// serve sends the answer, and gives its status.
func (handle handler) serve(w http.ResponseWriter, r *http.Request) int {
	body, err := handle(w, r)
	if err == nil {
		answer(w, r, http.StatusOK, body)
		return http.StatusOK
	}
	var refusal failure
	if !errors.As(err, &refusal) {
		refusal = failure{http.StatusInternalServerError, err.Error(), false}
	}
	if refusal.closes {
		w.Header().Set("Connection", "close")
	}
	answer(w, r, refusal.status, refusal.body())
	return refusal.status
}

// withoutBody forgets the body of a request that should have none.
func withoutBody(handle handler) handler {
	return func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		if !discardBody(w, r) {
			w.Header().Set("Connection", "close")
		}
		return handle(w, r)
	}
}

func healthz(http.ResponseWriter, *http.Request) ([]byte, error) {
	return []byte(`{"status":"ok"}`), nil
}

func echo(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	value, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	return encode(value)
}
