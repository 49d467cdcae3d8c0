package main

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"bench/targets/go-gin/internal/auth"
)

// claimsKey finds the claims of a request in Gin's context.
const claimsKey = "claims"

// login may wait for its turn to hash; see auth.Users.
func (n *node) login(c *gin.Context) {
	value, ok := readJSON(c)
	if !ok {
		return
	}
	object, _ := value.(map[string]any)
	username, hasUsername := object["username"].(string)
	password, hasPassword := object["password"].(string)
	if !hasUsername || !hasPassword {
		fail(c, badRequest(`an object with the strings "username" and "password" is wanted`))
		return
	}
	verified, err := n.users.Verify(username, password)
	if err != nil {
		fail(c, mistake(err))
		return
	}
	if !verified {
		refuseUser(c, "the user or the password is wrong")
		return
	}
	token, err := n.tokens.Issue(username, time.Now())
	if err != nil {
		fail(c, mistake(err))
		return
	}
	answer(c, gin.H{"token": token})
}

// requireToken lets those pass who have signed in, and keeps their claims for the handlers.
func (n *node) requireToken(c *gin.Context) {
	token, err := auth.Bearer(c.GetHeader("Authorization"))
	if err != nil {
		refuseUser(c, err.Error())
		return
	}
	claims, err := n.tokens.Verify(token, time.Now())
	if err != nil {
		refuseUser(c, err.Error())
		return
	}
	c.Set(claimsKey, claims)
}

func showSession(c *gin.Context) {
	answer(c, c.MustGet(claimsKey))
}

func refuseUser(c *gin.Context, message string) {
	c.Header("WWW-Authenticate", "Bearer")
	fail(c, failure{http.StatusUnauthorized, message, false})
}
