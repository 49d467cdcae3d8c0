package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"bench/targets/go-gin/internal/compression"
)

// unpack comes before the handlers that read a body, and puts the unpacked body in the place of a packed one.
func unpack(c *gin.Context) {
	packed, err := compression.Packed(c.Request.Header["Content-Encoding"])
	if err != nil {
		closes := !discardBody(c)
		c.Header("Accept-Encoding", compression.Gzip)
		fail(c, failure{http.StatusUnsupportedMediaType, err.Error(), closes})
		return
	}
	if !packed {
		return
	}
	body, err := readBody(c)
	if err != nil {
		fail(c, bodyFailure(err))
		return
	}
	unpacked, err := compression.Unpack(body, bodyLimit)
	switch {
	case errors.Is(err, compression.ErrTooLarge):
		fail(c, tooLarge)
	case err != nil:
		fail(c, badRequest(err.Error()))
	default:
		c.Request.Body = io.NopCloser(bytes.NewReader(unpacked))
		c.Request.ContentLength = int64(len(unpacked))
		c.Request.Header.Del("Content-Encoding")
	}
}

// pack packs the answers of later handlers that are long enough, if the client wants them so.
func pack(c *gin.Context) {
	c.Writer = &packingWriter{c.Writer, compression.Accepted(c.Request.Header["Accept-Encoding"])}
}

// packingWriter expects an answer's whole body in one Write before anything was sent, as Context.Data does it.
type packingWriter struct {
	gin.ResponseWriter
	accepted bool
}

func (w *packingWriter) Write(body []byte) (int, error) {
	if len(body) < compression.Threshold {
		return w.ResponseWriter.Write(body)
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if !w.accepted {
		return w.ResponseWriter.Write(body)
	}
	pack := compression.NewPack(body)
	defer pack.Release()
	w.Header().Set("Content-Encoding", compression.Gzip)
	w.Header().Set("Content-Length", strconv.Itoa(len(pack.Bytes())))
	if _, err := w.ResponseWriter.Write(pack.Bytes()); err != nil {
		return 0, err
	}
	return len(body), nil
}
