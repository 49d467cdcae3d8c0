package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"
	"testing"
	"time"
)

const secret = "0123456789abcdef0123456789abcdef"

func newTokens(t *testing.T) Tokens {
	t.Helper()
	tokens, err := NewTokens(secret)
	if err != nil {
		t.Fatal(err)
	}
	return tokens
}

// signed makes a token without the library.
func signed(algorithm func() hash.Hash, key, header, claims string) string {
	encoding := base64.RawURLEncoding
	text := encoding.EncodeToString([]byte(header)) + "." + encoding.EncodeToString([]byte(claims))
	sum := hmac.New(algorithm, []byte(key))
	sum.Write([]byte(text))
	return text + "." + encoding.EncodeToString(sum.Sum(nil))
}

func TestTokensAreAsTheContractSays(t *testing.T) {
	token, err := newTokens(t).Issue("bench", time.Unix(1, 999_999_999))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.Split(token, ".")
	for index, want := range []string{`{"alg":"HS256","typ":"JWT"}`, `{"sub":"bench","exp":3601,"iat":1}`} {
		if text, err := base64.RawURLEncoding.DecodeString(parts[index]); err != nil || string(text) != want {
			t.Errorf("%s instead of %s (%v)", text, want, err)
		}
	}
	claims, err := newTokens(t).Verify(token, time.Unix(3600, 999_000_000))
	if err != nil || claims != (Claims{"bench", 1, 3601}) {
		t.Errorf("%v (%v)", claims, err)
	}
	if claims, err := newTokens(t).Verify(token, time.Unix(3601, 0)); err == nil {
		t.Errorf("%v does not expire", claims)
	}
}

func TestWhichTokensAreGood(t *testing.T) {
	const header, claims = `{"alg":"HS256","typ":"JWT"}`, `{"sub":"a","iat":5,"exp":1000}`
	good := signed(sha256.New, secret, header, claims)
	bodies := strings.Split(good, ".")
	for _, token := range []string{
		good,
		signed(sha256.New, secret, `{"alg":"HS256"}`, claims),
		signed(sha256.New, secret, header, `{"sub":"","iat":2000,"exp":1e9,"nbf":1e9,"aud":["x"]}`),
	} {
		if _, err := newTokens(t).Verify(token, time.Unix(100, 0)); err != nil {
			t.Errorf("%s: %v", token, err)
		}
	}
	for _, token := range []string{
		signed(sha256.New, secret+"x", header, claims),
		signed(sha512.New, secret, `{"alg":"HS512","typ":"JWT"}`, claims),
		signed(sha256.New, secret, `{"alg":"hs256","typ":"JWT"}`, claims),
		signed(sha256.New, secret, `{"alg":"none","typ":"JWT"}`, claims),
		signed(sha256.New, secret, `{"typ":"JWT"}`, claims),
		base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + bodies[1] + ".",
		signed(sha256.New, secret, header, `{"iat":5,"exp":1000}`),
		signed(sha256.New, secret, header, `{"SUB":"a","iat":5,"exp":1000}`),
		signed(sha256.New, secret, header, `{"sub":1,"iat":5,"exp":1000}`),
		signed(sha256.New, secret, header, `{"sub":"a","exp":1000}`),
		signed(sha256.New, secret, header, `{"sub":"a","iat":"5","exp":1000}`),
		signed(sha256.New, secret, header, `{"sub":"a","iat":5}`),
		signed(sha256.New, secret, header, `{"sub":"a","iat":5,"exp":"1000"}`),
		signed(sha256.New, secret, header, `{"sub":"a","iat":5,"exp":null}`),
		signed(sha256.New, secret, header, `{"sub":"a","iat":5,"exp":100}`),
		signed(sha256.New, secret, header, `null`),
		signed(sha256.New, secret, header, `{"sub":"a"`),
		signed(sha256.New, secret, `not JSON`, claims),
		"",
		"a.b.c",
		bodies[0] + "." + bodies[1],
		bodies[0] + "." + bodies[1] + ".",
		good + ".",
		good + "=",
		// The last character carries two bits that mean nothing, and must be zero.
		good[:len(good)-1] + string(good[len(good)-1]+1),
	} {
		if claims, err := newTokens(t).Verify(token, time.Unix(100, 0)); err == nil {
			t.Errorf("%s is taken, with %v", token, claims)
		}
	}
}

func TestASecretHasThirtyTwoBytes(t *testing.T) {
	for _, short := range []string{"", secret[1:]} {
		if _, err := NewTokens(short); err == nil || strings.Contains(err.Error(), secret[1:]) {
			t.Errorf("%q: %v", short, err)
		}
	}
	if _, err := NewTokens(strings.Repeat("é", 16)); err != nil {
		t.Error(err)
	}
}

func TestBearer(t *testing.T) {
	for header, want := range map[string]string{
		"Bearer a.b": "a.b", "bearer a.b": "a.b", "Bearer  a.b": "a.b", "Bearer": "", "Bearer ": "",
	} {
		if token, err := Bearer(header); token != want || err != nil {
			t.Errorf("%q: %q (%v)", header, token, err)
		}
	}
	for _, header := range []string{"", "Basic a.b", "BearerX a.b", "a.b", " Bearer a.b"} {
		if token, err := Bearer(header); err == nil {
			t.Errorf("%q: %q", header, token)
		}
	}
}
