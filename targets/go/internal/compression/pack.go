package compression

import (
	"bytes"
	"compress/gzip"
	"sync"
)

const (
	// Threshold is the length in bytes from which on an answer is worth packing.
	Threshold = 256

	level   = 6       // of zlib's scale
	maxKept = 1 << 20 // bytes that a buffer may have that is used again
)

// Pack is a body that has been packed. Its state of nearly a megabyte is used again after Release.
type Pack struct {
	buffer bytes.Buffer
	writer *gzip.Writer
}

var packs = sync.Pool{New: func() any {
	writer, err := gzip.NewWriterLevel(nil, level)
	if err != nil {
		panic(err) // The level is one that gzip has.
	}
	return &Pack{writer: writer}
}}

// NewPack packs a body. Whoever calls it must call Release when the bytes are needed no more.
func NewPack(body []byte) *Pack {
	pack := packs.Get().(*Pack)
	pack.buffer.Reset()
	pack.writer.Reset(&pack.buffer)
	// Writing to a buffer cannot fail.
	_, _ = pack.writer.Write(body)
	_ = pack.writer.Close()
	return pack
}

// Bytes are the packed body, until Release.
func (p *Pack) Bytes() []byte { return p.buffer.Bytes() }

// Release gives the bytes back. One answer of many megabytes must not hold its memory for ever.
func (p *Pack) Release() {
	if p.buffer.Cap() > maxKept {
		p.buffer = bytes.Buffer{}
	}
	packs.Put(p)
}
