package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"bench/targets/go/internal/ledger"
)

const blocksLimit = 1000 // blocks in an answer

func (n *node) submit(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	value, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	transaction, err := ledger.ParseTransaction(value)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	receipt, err := n.ledger.Submit(transaction)
	if err != nil {
		return nil, failure{http.StatusUnprocessableEntity, err.Error(), false}
	}
	return encode(receipt)
}

func (n *node) submitBatch(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	value, err := readJSON(w, r)
	if err != nil {
		return nil, err
	}
	transactions, err := ledger.ParseBatch(value)
	if err != nil {
		return nil, badRequest(err.Error())
	}
	return encode(n.ledger.SubmitAll(transactions))
}

func (n *node) showLedger(http.ResponseWriter, *http.Request) ([]byte, error) {
	return encode(n.ledger.State())
}

func (n *node) showAccount(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	id := r.PathValue("id")
	account, known := n.ledger.Account(id)
	if !known {
		return nil, failure{http.StatusNotFound, "there is no account " + id, false}
	}
	return encode(account)
}

func (n *node) showBlocks(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, badRequest("the query cannot be read: " + err.Error())
	}
	from, err := parameter(query, "from", 1)
	if err != nil {
		return nil, err
	}
	limit, err := parameter(query, "limit", 100)
	if err != nil {
		return nil, err
	}
	if limit > blocksLimit {
		return nil, badRequest(fmt.Sprintf("limit is at most %d", blocksLimit))
	}
	blocks := struct {
		Blocks []*ledger.Block `json:"blocks"`
	}{n.ledger.Blocks(from, limit)}
	return encode(blocks)
}

// parameter is a whole number of 1 or more; one beyond 64 bits is the largest of them, as no ledger reaches it.
func parameter(query url.Values, name string, otherwise uint64) (uint64, error) {
	texts, given := query[name]
	if !given {
		return otherwise, nil
	}
	if len(texts) == 1 {
		number, err := strconv.ParseUint(texts[0], 10, 64)
		if number > 0 && (err == nil || errors.Is(err, strconv.ErrRange)) {
			return number, nil
		}
	}
	return 0, badRequest(fmt.Sprintf("%s is one whole number of at least 1, not %q", name, texts))
}
