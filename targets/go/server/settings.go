package main

import (
	"fmt"
	"os"

	"bench/targets/go/internal/auth"
	"bench/targets/go/internal/ledger"
)

// settings are what the environment decides.
type settings struct {
	acknowledgement ledger.Acknowledgement
	tokens          auth.Tokens
	users           auth.Users
}

// environment reads the settings.
func environment() (settings, error) {
	acknowledgement, given := os.LookupEnv("LEDGER_ACK")
	if !given {
		acknowledgement = string(ledger.Sealed)
	}
	return resolve(acknowledgement, os.Getenv("NODE_SECRET"), os.Getenv("NODE_USERS"))
}

// resolve makes settings of texts. Its errors name the variable.
func resolve(acknowledgement, secret, users string) (settings, error) {
	var resolved settings
	var err error
	if resolved.acknowledgement, err = ledger.ParseAcknowledgement(acknowledgement); err != nil {
		return settings{}, fmt.Errorf("LEDGER_ACK: %w", err)
	}
	if resolved.tokens, err = auth.NewTokens(secret); err != nil {
		return settings{}, fmt.Errorf("NODE_SECRET: %w", err)
	}
	if resolved.users, err = auth.ParseUsers(users); err != nil {
		return settings{}, fmt.Errorf("NODE_USERS: %w", err)
	}
	return resolved, nil
}
