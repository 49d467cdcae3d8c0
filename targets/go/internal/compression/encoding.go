// Package compression packs and unpacks bodies with gzip, and reads the headers that say whether to. It knows nothing
// of HTTP but the values of those headers.
package compression

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Gzip is the name of the one encoding.
const Gzip = "gzip"

// ErrEncoding is a Content-Encoding that is not understood.
var ErrEncoding = errors.New("the only Content-Encoding that is understood is " + Gzip)

// Packed reports whether a body is to be unpacked, from the values of its Content-Encoding.
func Packed(contentEncoding []string) (bool, error) {
	if len(contentEncoding) == 0 {
		return false, nil
	}
	name := strings.TrimSpace(strings.Join(contentEncoding, ","))
	switch {
	case strings.EqualFold(name, Gzip):
		return true, nil
	case name == "" || strings.EqualFold(name, "identity"):
		return false, nil
	}
	return false, fmt.Errorf("%w, not %q", ErrEncoding, name)
}

// Accepted reports whether the values of Accept-Encoding name gzip with no weight or one above 0. A "*" is no name.
func Accepted(acceptEncoding []string) bool {
	for _, value := range acceptEncoding {
		for element := range strings.SplitSeq(value, ",") {
			name, parameters, _ := strings.Cut(element, ";")
			if strings.EqualFold(strings.TrimSpace(name), Gzip) && weight(parameters) > 0 {
				return true
			}
		}
	}
	return false
}

// weight is what the parameters of an element give, 1 if they give none, and 0 if it cannot be read.
func weight(parameters string) float64 {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		number, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil {
			return 0
		}
		return number
	}
	return 1
}
