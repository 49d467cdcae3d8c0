package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	ginjson "github.com/gin-gonic/gin/codec/json"
)

// decode makes maps, slices, strings, float64s and booleans of a whole body. json.Unmarshal refuses anything after
// the value, but replaces bytes that are not UTF-8, which the contract forbids.
func decode(body []byte) (any, error) {
	if !utf8.Valid(body) {
		return nil, fmt.Errorf("bytes that are not UTF-8 after byte %d", validPrefix(body))
	}
	var value any
	err := ginjson.API.Unmarshal(body, &value)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, fmt.Errorf("%w after byte %d", err, syntax.Offset)
	}
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &mismatch) {
		// Nothing else can fail to fit into an any.
		return nil, fmt.Errorf("%s is beyond the range of a double, after byte %d", mismatch.Value, mismatch.Offset)
	}
	return value, err
}

// encode escapes <, > and &, as json.Marshal does unless told otherwise.
func encode(value any) ([]byte, error) {
	return ginjson.API.Marshal(value)
}

// validPrefix is the number of bytes before the first that is not UTF-8.
func validPrefix(text []byte) int {
	for at := 0; at < len(text); {
		character, size := utf8.DecodeRune(text[at:])
		if character == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return len(text)
}
