package main

import "github.com/gin-gonic/gin"

// failure is an answer that refuses.
type failure struct {
	status  int
	message string
	closes  bool // because the request was not read to its end
}

// answer sends a body of JSON. Context.JSON would not announce its length, and net/http announces it by itself only
// up to 2 KiB, and sends larger bodies chunked.
func answer(c *gin.Context, status int, body []byte) {
	c.Data(status, "application/json", body)
}

func fail(c *gin.Context, failure failure) {
	body, err := encode(gin.H{"error": failure.message})
	if err != nil {
		panic(err) // A map of strings can always be encoded.
	}
	if failure.closes {
		c.Header("Connection", "close")
	}
	answer(c, failure.status, body)
}
