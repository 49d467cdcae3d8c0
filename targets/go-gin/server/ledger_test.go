package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// hashOfOne is the contract's example: t-1 moves 5 units from acct-0000 to acct-0001.
const hashOfOne = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2"

func transfer(id, from, to, amount string) string {
	return fmt.Sprintf(`{"id":%q,"from":%q,"to":%q,"amount":%s}`, id, from, to, amount)
}

// dialAccepted connects to a new server that gives receipts at once.
func dialAccepted(t *testing.T) *client {
	t.Helper()
	return connect(t, serveWith(t, defaultLimits, testSettings(t, "accepted")))
}

// wantGot asserts the value at a path.
func (c *client) wantGot(path, text string) {
	c.t.Helper()
	c.send(get("GET", path))
	c.wantValue(c.answer(), text)
}

// wantPosted asserts the value that a body is answered with.
func (c *client) wantPosted(path, body, text string) {
	c.t.Helper()
	c.send(post(path, body))
	c.wantValue(c.answer(), text)
}

// wantRefused asserts an error that leaves the connection open, and its message unless that is left open too.
func (c *client) wantRefused(request string, status int, message string) {
	c.t.Helper()
	c.send(request)
	if got := c.wantError(status); message != "" && got != message {
		c.t.Errorf("%.200s: %q instead of %q", request, got, message)
	}
}

func TestATransactionIsCommittedToTheChain(t *testing.T) {
	client := dial(t)
	zeros := strings.Repeat("0", 64)
	client.wantGot("/ledger", `{"height":0,"transactions":0,"pending":0,"balance":1000000000,"head":"`+zeros+`"}`)
	client.wantGot("/blocks", `{"blocks":[]}`)
	receipt := `{"id":"t-1","status":"committed","block":1,"index":0}`
	client.wantPosted("/tx", transfer("t-1", "acct-0000", "acct-0001", "5"), receipt)
	client.wantPosted("/tx", transfer("t-1", "x", "x", "-1"), receipt)
	client.wantGot("/ledger?x", `{"height":1,"transactions":1,"pending":0,"balance":1000000000,"head":"`+hashOfOne+`"}`)
	client.wantGot("/accounts/acct-0000", `{"id":"acct-0000","balance":999995}`)
	client.wantGot("/accounts/acct-0001", `{"id":"acct-0001","balance":1000005}`)
	block := fmt.Sprintf(`{"blocks":[{"height":1,"previous":"%s","hash":"%s","transactions":[%s]}]}`,
		zeros, hashOfOne, transfer("t-1", "acct-0000", "acct-0001", "5"))
	client.wantGot("/blocks", block)
	client.send(get("HEAD", "/blocks"))
	if answer := client.answerTo("HEAD"); answer.StatusCode != 200 || answer.ContentLength != int64(len(block)) {
		t.Errorf("%v", answer)
	}
}

func TestAcceptedTransactionsHaveTheirPlaceAtOnce(t *testing.T) {
	client := dialAccepted(t)
	first, second := transfer("t-1", "acct-0000", "acct-0001", "5"), transfer("t-2", "acct-0000", "acct-0001", "5.0")
	receipt := `{"id":"t-1","status":"accepted","block":1,"index":0}`
	client.wantPosted("/tx", first, receipt)
	client.wantPosted("/tx", first, receipt)
	// A batch, as a block may be sealed between two requests.
	client = dialAccepted(t)
	client.wantPosted("/tx/batch", "["+first+","+second+"]",
		"["+receipt+`,{"id":"t-2","status":"accepted","block":1,"index":1}]`)
}

func TestTransactionsThatAreRefused(t *testing.T) {
	client := dial(t)
	for _, test := range []struct {
		body    string
		status  int
		message string
	}{
		{"", 400, ""},
		{"[]", 400, ""},
		{`{"ID":"t","from":"acct-0000","to":"acct-0001","amount":1}`, 400, ""},
		{transfer("t t", "acct-0000", "acct-0001", "1"), 400, ""},
		{transfer("t", "acct-0000", "acct-0001", `"1"`), 400, ""},
		{transfer("t", "acct-0000", "acct-0001", "1e400"), 400, ""},
		{transfer("t", "acct-0000", "nobody", "0.5"), 422, "amount must be a positive integer"},
		{transfer("t", "nobody", "nobody", "1"), 422, "unknown account"},
		{transfer("t", "acct-0000", "acct-0000", "2000000"), 422, "same account"},
		{transfer("t", "acct-0000", "acct-0001", "1000001"), 422, "insufficient funds"},
	} {
		client.wantRefused(post("/tx", test.body), test.status, test.message)
	}
	client.wantPosted("/tx", transfer("t", "acct-0000", "acct-0001", "1000000"),
		`{"id":"t","status":"committed","block":1,"index":0}`)
}

func TestABatchOfAThousandIsTenBlocks(t *testing.T) {
	client := dial(t)
	batch := make([]string, 1000)
	for index := range batch {
		batch[index] = transfer(fmt.Sprintf("b-%d", index), "acct-0000", "acct-0001", "1")
	}
	client.send(post("/tx/batch", "["+strings.Join(batch, ",")+"]"))
	answer := client.answer()
	var receipts []struct {
		ID, Status   string
		Block, Index int
	}
	if err := json.Unmarshal(answer.body, &receipts); err != nil || len(receipts) != 1000 {
		t.Fatalf("%v: %.200s", err, answer.body)
	}
	for index, got := range receipts {
		if got.ID != fmt.Sprintf("b-%d", index) || got.Status != "committed" ||
			got.Block != index/100+1 || got.Index != index%100 {
			t.Fatalf("%d: %+v", index, got)
		}
	}
	for query, heights := range map[string][]int{
		"?from=9&limit=1": {9}, "?from=10": {10}, "?limit=2": {1, 2}, "?from=9&limit=1000&x=y": {9, 10},
		"?from=11": nil, "?from=99999999999999999999999": nil,
	} {
		client.send(get("GET", "/blocks"+query))
		var chain struct {
			Blocks []struct {
				Height       int
				Transactions []any
			}
		}
		if err := json.Unmarshal(client.answer().body, &chain); err != nil || len(chain.Blocks) != len(heights) {
			t.Fatalf("%s: %v, %d blocks", query, err, len(chain.Blocks))
		}
		for index, block := range chain.Blocks {
			if block.Height != heights[index] || len(block.Transactions) != 100 {
				t.Errorf("%s: block %d with %d transactions", query, block.Height, len(block.Transactions))
			}
		}
	}
}

func TestABatchIsRefusedInPartsOrWhole(t *testing.T) {
	client := dial(t)
	good, poor := transfer("t-1", "acct-0000", "acct-0001", "5"), transfer("t-2", "acct-0000", "acct-0001", "2000000")
	for _, body := range []string{
		"[]", good, "[" + good + ",1]", "[" + good + "," + transfer("", "acct-0000", "acct-0001", "5") + "]",
		"[" + strings.Repeat(good+",", 1000) + good + "]", "[" + good,
	} {
		client.wantRefused(post("/tx/batch", body), 400, "")
	}
	client.wantGot("/accounts/acct-0000", `{"id":"acct-0000","balance":1000000}`)
	client.wantPosted("/tx/batch", "["+good+","+poor+","+good+"]", `[
		{"id":"t-1","status":"committed","block":1,"index":0},
		{"id":"t-2","status":"refused","error":"insufficient funds"},
		{"id":"t-1","status":"committed","block":1,"index":0}]`)
}

func TestWhatTheLedgerDoesNotHave(t *testing.T) {
	client := dial(t)
	for _, id := range []string{"acct-1000", "acct-00000", "ACCT-0000", "acct%2D0000", "x", "%20"} {
		client.wantRefused(get("GET", "/accounts/"+id), 404, "")
	}
	for _, path := range []string{
		"/accounts", "/accounts/", "/accounts/acct-0000/", "/accounts//acct-0000", "/accounts/acct-0000/x", "/tx/",
		"/blocks/1",
	} {
		client.wantRefused(get("GET", path), 404, "")
	}
	for _, query := range []string{
		"from=0", "from=-1", "from=+1", "from=1.0", "from=", "from", "from=x", "from=1&from=2", "limit=0", "limit=1001",
		"limit=99999999999999999999999", "limit=1_0", "from=%zz",
	} {
		client.wantRefused(get("GET", "/blocks?"+query), 400, "")
	}
	for path, allowed := range map[string]string{
		"/tx": "POST", "/tx/batch": "POST", "/ledger": "GET, HEAD", "/blocks": "GET, HEAD",
		"/accounts/acct-0000": "GET, HEAD",
	} {
		client.send(get("DELETE", path))
		if answer := client.answer(); answer.StatusCode != 405 || answer.Header.Get("Allow") != allowed {
			t.Errorf("%s: %v", path, answer)
		}
	}
	client.wantEcho("1")
}
