// Package auth knows who may sign in and which tokens are genuine, as targets/CONTRACT.md asks. It knows nothing of
// HTTP but the value of one header.
package auth

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

const (
	maxIterations     = 10_000_000
	unknownIterations = 10_000 // for a user who does not exist
	minSalt, maxSalt  = 8, 64  // bytes
	hashSize          = sha256.Size
)

// Users are those who may sign in, by name. They do not change, and can be asked by many at once.
type Users struct {
	byName  map[string]verifier
	unknown verifier      // does an unknown user's work, so that the time does not tell who exists
	turns   chan struct{} // holds one for each password that is being hashed
}

// verifier is what is stored instead of a password.
type verifier struct {
	iterations int
	salt, hash []byte
}

// userPattern leaves lengths and ranges to parseUser. No character of it can be a line break, which the decoder of
// base64 would overlook.
var userPattern = regexp.MustCompile(
	`^([A-Za-z0-9._-]{1,64}):pbkdf2-sha256\$([0-9]+)\$([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+)$`)

// ParseUsers reads users that are separated by commas. Its errors do not quote what might be secret.
func ParseUsers(text string) (Users, error) {
	users := Users{
		byName: make(map[string]verifier),
		// Nobody knows a password for a hash that was drawn.
		unknown: verifier{unknownIterations, randomBytes(16), randomBytes(hashSize)},
		turns:   make(chan struct{}, runtime.GOMAXPROCS(0)),
	}
	if text == "" {
		return users, nil
	}
	for index, entry := range strings.Split(text, ",") {
		name, verifier, err := parseUser(entry)
		if err != nil {
			return Users{}, fmt.Errorf("user %d: %w", index+1, err)
		}
		if _, twice := users.byName[name]; twice {
			return Users{}, fmt.Errorf("user %d: %s is there twice", index+1, name)
		}
		users.byName[name] = verifier
	}
	return users, nil
}

func parseUser(entry string) (string, verifier, error) {
	parts := userPattern.FindStringSubmatch(entry)
	if parts == nil {
		return "", verifier{}, errors.New("not <name>:pbkdf2-sha256$<iterations>$<salt>$<hash>")
	}
	iterations, err := strconv.Atoi(parts[2])
	if err != nil || iterations < 1 || iterations > maxIterations {
		return "", verifier{}, fmt.Errorf("the iterations are not from 1 to %d", maxIterations)
	}
	salt, err := base64.StdEncoding.Strict().DecodeString(parts[3])
	if err != nil || len(salt) < minSalt || len(salt) > maxSalt {
		return "", verifier{}, fmt.Errorf("the salt is not base64 of %d to %d bytes", minSalt, maxSalt)
	}
	hash, err := base64.StdEncoding.Strict().DecodeString(parts[4])
	if err != nil || len(hash) != hashSize {
		return "", verifier{}, fmt.Errorf("the hash is not base64 of %d bytes", hashSize)
	}
	return parts[1], verifier{iterations, salt, hash}, nil
}

// Verify hashes a password, which takes milliseconds, whether or not there is such a user. No more are hashed at once
// than there are CPUs: the others wait in line, where they keep no CPU from requests that are quick.
func (u Users) Verify(name, password string) (bool, error) {
	verifier, known := u.byName[name]
	if !known {
		verifier = u.unknown
	}
	u.turns <- struct{}{}
	defer func() { <-u.turns }()
	// The scheduler would run whoever has just got the turn before all that waited longer for a CPU.
	runtime.Gosched()
	hash, err := pbkdf2.Key(sha256.New, password, verifier.salt, verifier.iterations, hashSize)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(hash, verifier.hash) == 1 && known, nil
}

func randomBytes(count int) []byte {
	bytes := make([]byte, count)
	// It never fails: the runtime ends the program instead.
	_, _ = rand.Read(bytes)
	return bytes
}
