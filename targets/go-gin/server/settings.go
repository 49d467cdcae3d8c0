package main

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"bench/targets/go-gin/internal/ledger"
)

// settings are what the flags and the environment decide.
type settings struct {
	host            string
	port            uint
	acknowledgement ledger.Acknowledgement
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
	for _, key := range []string{"ledger_ack"} {
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
	resolved, err := resolve(values.GetString("ledger_ack"))
	resolved.host, resolved.port = values.GetString("host"), values.GetUint("port")
	return resolved, err
}

// resolve makes settings of texts. Its errors name the variable.
func resolve(acknowledgement string) (settings, error) {
	resolved, err := ledger.ParseAcknowledgement(acknowledgement)
	if err != nil {
		return settings{}, fmt.Errorf("LEDGER_ACK: %w", err)
	}
	return settings{acknowledgement: resolved}, nil
}
