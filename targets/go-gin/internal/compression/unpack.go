package compression

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// ErrTooLarge is a body that becomes larger than it may.
var ErrTooLarge = errors.New("the body becomes too large")

// reader is what unpacking takes, used again because gzip's part has a window of 32 KiB and its tables.
type reader struct {
	source bytes.Reader
	gzip   gzip.Reader
}

var readers = sync.Pool{New: func() any { return new(reader) }}

// Unpack makes the body of a packed one that is whole and correct, and followed by nothing. It stops at the first byte
// beyond the limit, with ErrTooLarge.
func Unpack(packed []byte, limit int) ([]byte, error) {
	reader := readers.Get().(*reader)
	defer func() {
		reader.source.Reset(nil) // lets go of the body
		readers.Put(reader)
	}()
	reader.source.Reset(packed)
	if err := reader.gzip.Reset(&reader.source); err != nil {
		return nil, fmt.Errorf("the body is not gzip: %w", noEnd(err))
	}
	// A second member is legal in a file, but here it comes after the end.
	reader.gzip.Multistream(false)
	body := bytes.NewBuffer(make([]byte, 0, announced(packed, limit)+bytes.MinRead))
	if _, err := body.ReadFrom(io.LimitReader(&reader.gzip, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("the body is not gzip: %w", err)
	}
	if body.Len() > limit {
		return nil, ErrTooLarge
	}
	if reader.source.Len() > 0 {
		return nil, fmt.Errorf("%d bytes follow the end of the gzip body", reader.source.Len())
	}
	return body.Bytes(), nil
}

// announced is the length that a packed body ends with. It is believed as far as the limit, which any body may claim
// in Content-Length as well.
func announced(packed []byte, limit int) int {
	length := binary.LittleEndian.Uint32(packed[len(packed)-4:])
	return int(min(uint64(length), uint64(limit)))
}

// noEnd says what the end of the input means in a header.
func noEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
