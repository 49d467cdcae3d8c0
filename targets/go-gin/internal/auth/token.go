package auth

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	minSecret     = 32 // bytes
	tokenLifetime = time.Hour
)

var signingMethod = jwt.SigningMethodHS256

// Tokens issues and verifies tokens with one secret. It can be used by many at once.
type Tokens struct {
	secret []byte
	parser *jwt.Parser
}

// Claims are what a token says. Times are in seconds since 1970.
type Claims struct {
	Subject   string  `json:"sub"`
	IssuedAt  float64 `json:"iat"`
	ExpiresAt float64 `json:"exp"`
}

// NewTokens refuses a secret that is too short.
func NewTokens(secret string) (Tokens, error) {
	if len(secret) < minSecret {
		return Tokens{}, fmt.Errorf("it must have at least %d bytes, not %d", minSecret, len(secret))
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{signingMethod.Alg()}),
		// Otherwise some bits of a signature's last character could be anything.
		jwt.WithStrictDecoding(),
		// The contract has its own rules for claims; see Verify.
		jwt.WithoutClaimsValidation(),
	)
	return Tokens{[]byte(secret), parser}, nil
}

// Issue makes a token for a user who has signed in.
func (t Tokens) Issue(user string, now time.Time) (string, error) {
	return jwt.NewWithClaims(signingMethod, jwt.RegisteredClaims{
		Subject:   user,
		IssuedAt:  jwt.NewNumericDate(now),
		ExpiresAt: jwt.NewNumericDate(now.Add(tokenLifetime)),
	}).SignedString(t.secret)
}

// Verify says what a token claims, or why it is not good. The claims are read by hand because a struct could not tell a
// claim that is missing from one that is empty, and would take "SUB" for "sub".
func (t Tokens) Verify(token string, now time.Time) (Claims, error) {
	read := make(jwt.MapClaims, 3)
	if _, err := t.parser.ParseWithClaims(token, read, t.key); err != nil {
		return Claims{}, err
	}
	subject, isSubject := read["sub"].(string)
	issuedAt, isIssuedAt := read["iat"].(float64)
	expiresAt, isExpiresAt := read["exp"].(float64)
	if !isSubject || !isIssuedAt || !isExpiresAt {
		return Claims{}, errors.New("the token needs the claims sub, iat and exp")
	}
	if expiresAt <= float64(now.UnixMilli())/1000 {
		return Claims{}, errors.New("the token has expired")
	}
	return Claims{subject, issuedAt, expiresAt}, nil
}

func (t Tokens) key(*jwt.Token) (any, error) { return t.secret, nil }

// Bearer is the token in the value of an Authorization header. The scheme's case does not matter (RFC 9110).
func Bearer(authorization string) (string, error) {
	scheme, token, _ := strings.Cut(authorization, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", errors.New("the Authorization header with a Bearer token is missing")
	}
	return strings.TrimLeft(token, " "), nil
}
