package main

import (
	"net/http"
	"time"

	"bench/targets/go/internal/auth"
)

// login may wait for its turn to hash; see auth.Users.
func (n *node) login(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	value, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	object, _ := value.(map[string]any)
	username, hasUsername := object["username"].(string)
	password, hasPassword := object["password"].(string)
	if !hasUsername || !hasPassword {
		return nil, badRequest(`an object with the strings "username" and "password" is wanted`)
	}
	verified, err := n.users.Verify(username, password)
	if err != nil {
		return nil, err
	}
	if !verified {
		return nil, unauthorized(w, "the user or the password is wrong")
	}
	token, err := n.tokens.Issue(username, time.Now())
	if err != nil {
		return nil, err
	}
	return encode(map[string]string{"token": token})
}

func (n *node) showSession(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	token, err := auth.Bearer(r.Header.Get("Authorization"))
	if err != nil {
		return nil, unauthorized(w, err.Error())
	}
	claims, err := n.tokens.Verify(token, time.Now())
	if err != nil {
		return nil, unauthorized(w, err.Error())
	}
	return encode(claims)
}

func unauthorized(w http.ResponseWriter, message string) failure {
	w.Header().Set("WWW-Authenticate", "Bearer")
	return failure{http.StatusUnauthorized, message, false}
}
