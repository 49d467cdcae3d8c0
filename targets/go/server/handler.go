package main

import (
	"fmt"
	"net/http"
)

// route compares paths by hand: http.ServeMux cleans them, and "//echo" would be redirected instead of unknown.
func route(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.EscapedPath(); path {
	case "/echo":
		if r.Method == http.MethodPost {
			echo(w, r)
		} else {
			refuseMethod(w, r, "POST")
		}
	case "/healthz":
		if r.Method == http.MethodGet || r.Method == http.MethodHead {
			healthz(w, r)
		} else {
			refuseMethod(w, r, "GET, HEAD")
		}
	default:
		closes := !discardBody(w, r)
		fail(w, failure{http.StatusNotFound, "there is nothing at " + path, closes})
	}
}

func echo(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(w, r)
	if err != nil {
		fail(w, bodyFailure(err))
		return
	}
	value, err := decode(body)
	if err != nil {
		fail(w, failure{http.StatusBadRequest, "the body is not JSON: " + err.Error(), false})
		return
	}
	encoded, err := encode(value)
	if err != nil {
		// What was decoded can be encoded; if not, it is this program's mistake.
		fail(w, failure{http.StatusInternalServerError, err.Error(), false})
		return
	}
	answer(w, http.StatusOK, encoded)
}

func healthz(w http.ResponseWriter, r *http.Request) {
	if !discardBody(w, r) {
		w.Header().Set("Connection", "close")
	}
	answer(w, http.StatusOK, []byte(`{"status":"ok"}`))
}

func refuseMethod(w http.ResponseWriter, r *http.Request, allowed string) {
	closes := !discardBody(w, r)
	w.Header().Set("Allow", allowed)
	message := fmt.Sprintf("%s allows %s, not %s", r.URL.Path, allowed, r.Method)
	fail(w, failure{http.StatusMethodNotAllowed, message, closes})
}
