package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

const (
	testSecret   = "a secret that only tests may know"
	testUsers    = "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730="
	testPassword = "correct horse battery staple"
)

func credentials(username, password string) string {
	return post("/login", fmt.Sprintf(`{"username":%q,"password":%q,"other":[]}`, username, password))
}

func session(authorization string) string {
	return "GET /session HTTP/1.1\r\nHost: test\r\nAuthorization: " + authorization + "\r\n\r\n"
}

// wantUnauthorized asserts a 401 that says how to do better, on a connection that stays.
func (c *client) wantUnauthorized(request string) {
	c.t.Helper()
	c.send(request)
	answer := c.answer()
	if answer.StatusCode != 401 || answer.Header.Get("WWW-Authenticate") != "Bearer" || answer.Close {
		c.t.Errorf("%.200s: %v", request, answer)
	}
}

func TestWhoSignsInHasASession(t *testing.T) {
	first := dial(t)
	before := time.Now().Unix()
	first.send(credentials("bench", testPassword))
	var got struct{ Token string }
	if answer := first.answer(); answer.StatusCode != 200 || json.Unmarshal(answer.body, &got) != nil || got.Token == "" {
		t.Fatalf("%v %s", answer, answer.body)
	}
	// The secret alone decides, so that another server knows the token too.
	for _, client := range []*client{first, dial(t)} {
		client.send(session("Bearer " + got.Token))
		answer := client.answer()
		var claims map[string]any
		if err := json.Unmarshal(answer.body, &claims); err != nil || answer.StatusCode != 200 || len(claims) != 3 {
			t.Fatalf("%v %s (%v)", answer, answer.body, err)
		}
		issued, _ := claims["iat"].(float64)
		if claims["sub"] != "bench" || claims["exp"] != issued+3600 ||
			int64(issued) < before || int64(issued) > time.Now().Unix() {
			t.Errorf("%v", claims)
		}
	}
	first.wantUnauthorized(session("Basic " + got.Token))
	first.wantUnauthorized(session("Bearer " + got.Token + "x"))
	first.wantUnauthorized(session("Bearer"))
	first.wantUnauthorized(get("GET", "/session"))
	first.send(get("HEAD", "/session"))
	if answer := first.answerTo("HEAD"); answer.StatusCode != 401 || answer.ContentLength == 0 {
		t.Errorf("%v", answer)
	}
	first.wantEcho("1")
}

func TestWhoDoesNotSignIn(t *testing.T) {
	client := dial(t)
	client.wantUnauthorized(credentials("bench", "wrong"))
	client.wantUnauthorized(credentials("nobody", testPassword))
	for _, body := range []string{
		"", "[]", "null", `{"username":"bench"}`, `{"password":"x"}`, `{"username":"bench","password":1}`,
		`{"Username":"bench","Password":"` + testPassword + `"}`,
	} {
		client.wantRefused(post("/login", body), 400, "")
	}
	client.wantRefused(get("GET", "/login"), 405, "")
	client.wantRefused(post("/session", "{}"), 405, "")
}
