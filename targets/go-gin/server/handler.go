package main

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"
)

// newHandler routes with Gin. Paths are compared as they were sent, and none is redirected to another.
func newHandler(limits limits) http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.UseEscapedPath = true
	engine.Use(guard(limits))
	engine.POST("/echo", echo)
	engine.GET("/healthz", healthz)
	engine.HEAD("/healthz", healthz)
	engine.NoRoute(refusePath)
	engine.NoMethod(refuseMethod)
	return engine
}

func echo(c *gin.Context) {
	body, err := readBody(c)
	if err != nil {
		fail(c, bodyFailure(err))
		return
	}
	value, err := decode(body)
	if err != nil {
		fail(c, failure{http.StatusBadRequest, "the body is not JSON: " + err.Error(), false})
		return
	}
	encoded, err := encode(value)
	if err != nil {
		// What was decoded can be encoded; if not, it is this program's mistake.
		fail(c, failure{http.StatusInternalServerError, err.Error(), false})
		return
	}
	answer(c, http.StatusOK, encoded)
}

func healthz(c *gin.Context) {
	if !discardBody(c) {
		c.Header("Connection", "close")
	}
	answer(c, http.StatusOK, []byte(`{"status":"ok"}`))
}

func refusePath(c *gin.Context) {
	closes := !discardBody(c)
	fail(c, failure{http.StatusNotFound, "there is nothing at " + c.Request.URL.EscapedPath(), closes})
}

// refuseMethod names the methods that Gin has found for the path.
func refuseMethod(c *gin.Context) {
	closes := !discardBody(c)
	allowed := c.Writer.Header().Get("Allow")
	message := fmt.Sprintf("%s allows %s, not %s", c.Request.URL.Path, allowed, c.Request.Method)
	fail(c, failure{http.StatusMethodNotAllowed, message, closes})
}
