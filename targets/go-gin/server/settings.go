package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"bench/targets/go-gin/internal/auth"
	"bench/targets/go-gin/internal/ledger"
)

// settings are what the flags and the environment decide.
type settings struct {
	host            string
	port            uint
	acknowledgement ledger.Acknowledgement
	tokens          auth.Tokens
	users           auth.Users
}

// configuration collects flags and variables. A flag that is wrong ends the program with exit code 2.
func configuration() (*viper.Viper, error) {
	pflag.String("host", "127.0.0.1", "address to listen on")
	pflag.Uint("port", 8080, "port to listen on; 0 takes a free one")
	pflag.Parse()
	values := viper.New()
	if err := values.BindPFlags(pflag.CommandLine); err != nil {
		return nil, err
	}
	// A variable that is set to nothing is another value, not a missing one.
	values.AllowEmptyEnv(true)
	values.SetDefault("ledger_ack", string(ledger.Sealed))
	for _, key := range []string{"ledger_ack", "node_secret", "node_users"} {
		if err := values.BindEnv(key, strings.ToUpper(key)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// readSettings takes them from the flags and the environment.
func readSettings() (settings, error) {
	values, err := configuration()
	if err != nil {
		return settings{}, err
	}
	resolved, err := resolve(
		values.GetString("ledger_ack"), values.GetString("node_secret"), values.GetString("node_users"))
	resolved.host, resolved.port = values.GetString("host"), values.GetUint("port")
	return resolved, err
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
