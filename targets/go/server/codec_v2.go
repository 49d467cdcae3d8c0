//go:build goexperiment.jsonv2

package main

import (
	jsonv1 "encoding/json"
	"encoding/json/jsontext"
	"encoding/json/v2"
	"errors"
	"fmt"
)

// decode makes maps, slices, strings, float64s and booleans of a whole body. Version 2 by itself refuses bytes that
// are not UTF-8 and anything after the value. It refuses equal keys too, and is fastest that way; where they do
// occur, the body is decoded anew by the rules of version 1, so that the last wins.
func decode(body []byte) (any, error) {
	var value any
	err := json.Unmarshal(body, &value)
	if errors.Is(err, jsontext.ErrDuplicateName) {
		value = nil
		err = json.Unmarshal(body, &value, jsontext.AllowDuplicateNames(true), jsonv1.MergeWithLegacySemantics(true))
	}
	var syntax *jsontext.SyntacticError
	if errors.As(err, &syntax) {
		return nil, fmt.Errorf("%w, at byte %d", err, syntax.ByteOffset)
	}
	return value, err
}

// encode leaves the keys in the order of the map, which is version 2's default.
func encode(value any) ([]byte, error) {
	return json.Marshal(value)
}
