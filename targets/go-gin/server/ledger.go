package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"bench/targets/go-gin/internal/ledger"
)

const blocksLimit = 1000 // blocks in an answer

func (n *node) submit(c *gin.Context) {
	value, ok := readJSON(c)
	if !ok {
		return
	}
	transaction, err := ledger.ParseTransaction(value)
	if err != nil {
		fail(c, badRequest(err.Error()))
		return
	}
	receipt, err := n.ledger.Submit(transaction)
	if err != nil {
		fail(c, failure{http.StatusUnprocessableEntity, err.Error(), false})
		return
	}
	answer(c, receipt)
}

func (n *node) submitBatch(c *gin.Context) {
	value, ok := readJSON(c)
	if !ok {
		return
	}
	transactions, err := ledger.ParseBatch(value)
	if err != nil {
		fail(c, badRequest(err.Error()))
		return
	}
	answer(c, n.ledger.SubmitAll(transactions))
}

func (n *node) showLedger(c *gin.Context) {
	answer(c, n.ledger.State())
}

func (n *node) showAccount(c *gin.Context) {
	id := c.Param("id")
	account, known := n.ledger.Account(id)
	if !known {
		fail(c, failure{http.StatusNotFound, "there is no account " + id, false})
		return
	}
	answer(c, account)
}

// showBlocks parses the query itself: Context.Query would drop what is malformed.
func (n *node) showBlocks(c *gin.Context) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		fail(c, badRequest("the query cannot be read: "+err.Error()))
		return
	}
	from, err := parameter(query, "from", 1)
	if err != nil {
		fail(c, badRequest(err.Error()))
		return
	}
	limit, err := parameter(query, "limit", 100)
	if err != nil {
		fail(c, badRequest(err.Error()))
		return
	}
	if limit > blocksLimit {
		fail(c, badRequest(fmt.Sprintf("limit is at most %d", blocksLimit)))
		return
	}
	answer(c, gin.H{"blocks": n.ledger.Blocks(from, limit)})
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
	return 0, fmt.Errorf("%s is one whole number of at least 1, not %q", name, texts)
}
