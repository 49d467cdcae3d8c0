package main

import (
	"fmt"
	"os"

	"bench/targets/go/internal/ledger"
)

// settings are what the environment decides.
type settings struct {
	acknowledgement ledger.Acknowledgement
}

// environment reads the settings.
func environment() (settings, error) {
	acknowledgement, given := os.LookupEnv("LEDGER_ACK")
	if !given {
		acknowledgement = string(ledger.Sealed)
	}
	return resolve(acknowledgement)
}

// resolve makes settings of texts. Its errors name the variable.
func resolve(acknowledgement string) (settings, error) {
	resolved, err := ledger.ParseAcknowledgement(acknowledgement)
	if err != nil {
		return settings{}, fmt.Errorf("LEDGER_ACK: %w", err)
	}
	return settings{resolved}, nil
}
