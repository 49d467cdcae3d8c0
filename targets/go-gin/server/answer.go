package main

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// failure is an answer that refuses.
type failure struct {
	status  int
	message string
	closes  bool // because the request was not read to its end
}

// badRequest refuses a body that was read whole.
func badRequest(message string) failure {
	return failure{http.StatusBadRequest, message, false}
}

// mistake is this program's own.
func mistake(err error) failure {
	return failure{http.StatusInternalServerError, err.Error(), false}
}

// answer sends a value as JSON. Context.JSON would not announce its length, and net/http announces it by itself only
// up to 2 KiB, and sends larger bodies chunked.
func answer(c *gin.Context, value any) {
	body, err := encode(value)
	if err != nil {
		fail(c, mistake(err))
		return
	}
	c.Data(http.StatusOK, "application/json", body)
}

// fail sends an error, and keeps it from the handlers that would come next.
func fail(c *gin.Context, failure failure) {
	body, err := encode(gin.H{"error": failure.message})
	if err != nil {
		panic(err) // A map of strings can always be encoded.
	}
	if failure.closes {
		c.Header("Connection", "close")
	}
	c.Data(failure.status, "application/json", body)
	c.Abort()
}
