package auth

import (
	"strings"
	"testing"
)

const (
	bench    = "bench:pbkdf2-sha256$10000$YmVuY2gtcHVibGljLXNhbA==$2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730="
	password = "correct horse battery staple"
	// oneIteration is the hash of "é" with the salt "saltsalt", made by another language's library.
	oneIteration = "59wVvAxBzM4Ac72aNNF3jPDaOg/WJDfJKGMgpnsvZtM="
)

func TestPasswordsAreVerified(t *testing.T) {
	users, err := ParseUsers(bench + ",a.B_-9:pbkdf2-sha256$1$c2FsdHNhbHQ=$" + oneIteration)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, password string
		verified       bool
	}{
		{"bench", password, true},
		{"a.B_-9", "é", true},
		{"bench", password + " ", false},
		{"bench", "", false},
		{"Bench", password, false},
		{"", "", false},
		{"a.B_-9", password, false},
	} {
		if verified, err := users.Verify(test.name, test.password); verified != test.verified || err != nil {
			t.Errorf("%q with %q: %v (%v)", test.name, test.password, verified, err)
		}
	}
}

func TestNobodySignsInWithoutUsers(t *testing.T) {
	users, err := ParseUsers("")
	if err != nil {
		t.Fatal(err)
	}
	if verified, err := users.Verify("bench", password); verified || err != nil {
		t.Errorf("%v (%v)", verified, err)
	}
	if users.unknown.iterations != 10_000 {
		t.Errorf("an unknown user takes %d iterations", users.unknown.iterations)
	}
}

func TestUsersThatMakeNoSense(t *testing.T) {
	salt, hash := "YmVuY2gtcHVibGljLXNhbA==", "2XHBkNhpjxXswZP5ZLZLBy4lTYeaaa+xFA01vGmr730="
	for _, text := range []string{
		" ", "bench", ",", bench + ",", "," + bench, bench + "," + bench, bench + " ", "b" + bench + "\n",
		":pbkdf2-sha256$1$" + salt + "$" + hash,
		"b b:pbkdf2-sha256$1$" + salt + "$" + hash,
		strings.Repeat("b", 65) + ":pbkdf2-sha256$1$" + salt + "$" + hash,
		"b:pbkdf2-sha512$1$" + salt + "$" + hash,
		"b:pbkdf2-sha256$0$" + salt + "$" + hash,
		"b:pbkdf2-sha256$-1$" + salt + "$" + hash,
		"b:pbkdf2-sha256$+1$" + salt + "$" + hash,
		"b:pbkdf2-sha256$10000001$" + salt + "$" + hash,
		"b:pbkdf2-sha256$99999999999999999999$" + salt + "$" + hash,
		"b:pbkdf2-sha256$1$" + strings.TrimRight(salt, "=") + "$" + hash,
		"b:pbkdf2-sha256$1$MTIzNDU2Nw==$" + hash,
		"b:pbkdf2-sha256$1$" + strings.Repeat("YWFh", 22) + "$" + hash,
		"b:pbkdf2-sha256$1$" + salt + "$" + salt,
		"b:pbkdf2-sha256$1$" + salt + "$" + strings.Replace(hash, "+", "-", 1),
		"b:pbkdf2-sha256$1$" + salt + "$" + hash + "$",
	} {
		if _, err := ParseUsers(text); err == nil {
			t.Errorf("%q is taken", text)
		} else if strings.Contains(err.Error(), "2XHB") {
			t.Errorf("quotes a hash: %v", err)
		}
	}
}
