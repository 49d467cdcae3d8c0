package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/gin-gonic/gin"
)

// refuseLarge comes before anything that reads a body, and refuses one that announces too much.
func refuseLarge(c *gin.Context) {
	if c.Request.ContentLength > bodyLimit {
		fail(c, tooLarge)
	}
}

// readBody reads the whole body, up to the limit.
func readBody(c *gin.Context) ([]byte, error) {
	limited := http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit)
	if c.Request.ContentLength < 0 {
		return io.ReadAll(limited)
	}
	body := make([]byte, c.Request.ContentLength)
	_, err := io.ReadFull(limited, body)
	return body, err
}

// readJSON reads and decodes a body, or answers why it cannot be.
func readJSON(c *gin.Context) (any, bool) {
	body, err := readBody(c)
	if err != nil {
		fail(c, bodyFailure(err))
		return nil, false
	}
	value, err := decode(body)
	if err != nil {
		fail(c, badRequest("the body is not JSON: "+err.Error()))
		return nil, false
	}
	return value, true
}

// forgetBody comes before the handlers of requests that should have no body.
func forgetBody(c *gin.Context) {
	if !discardBody(c) {
		c.Header("Connection", "close")
	}
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
func discardBody(c *gin.Context) bool {
	if c.Request.Body == http.NoBody {
		return true
	}
	if c.Request.ContentLength > bodyLimit || c.Request.Header.Get("Expect") != "" {
		return false
	}
	_, err := io.Copy(io.Discard, http.MaxBytesReader(c.Writer, c.Request.Body, bodyLimit))
	return err == nil
}
