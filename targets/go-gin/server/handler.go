package main

import (
	"fmt"
	"net/http"

	"github.com/gin-gonic/gin"

	"bench/targets/go-gin/internal/auth"
	"bench/targets/go-gin/internal/ledger"
	"bench/targets/go-gin/internal/metrics"
)

// node is what the endpoints share.
type node struct {
	ledger  *ledger.Ledger
	tokens  auth.Tokens
	users   auth.Users
	metrics *metrics.Metrics
}

// newHandler routes with Gin. Paths are compared as they were sent, and none is redirected to another.
func newHandler(limits limits, settings settings) http.Handler {
	node := &node{
		ledger:  ledger.New(settings.acknowledgement),
		tokens:  settings.tokens,
		users:   settings.users,
		metrics: metrics.New(),
	}
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	engine.HandleMethodNotAllowed = true
	engine.RedirectTrailingSlash = false
	engine.UseEscapedPath = true
	engine.UnescapePathValues = false
	routes := newRoutes(node.metrics)
	engine.Use(guard(limits), routes.measure, pack)

	reading := engine.Group("/", forgetBody)
	get := func(path string, handlers ...gin.HandlerFunc) {
		reading.GET(path, handlers...)
		reading.HEAD(path, handlers...)
	}
	get("/healthz", healthz)
	get("/ledger", node.showLedger)
	get("/blocks", node.showBlocks)
	get(accountPath, node.showAccount)
	get("/session", node.requireToken, showSession)
	get("/metrics", node.showMetrics)

	writing := engine.Group("/", refuseLarge, unpack)
	writing.POST("/echo", echo)
	writing.POST("/tx", node.submit)
	writing.POST("/tx/batch", node.submitBatch)
	writing.POST("/login", node.login)

	engine.NoRoute(refusePath)
	engine.NoMethod(refuseMethod)
	routes.add(node.metrics, engine.Routes())
	return engine
}

func echo(c *gin.Context) {
	if value, ok := readJSON(c); ok {
		answer(c, value)
	}
}

func healthz(c *gin.Context) {
	answer(c, gin.H{"status": "ok"})
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
