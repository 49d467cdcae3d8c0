package ledger

import (
	"encoding/json"
	"strings"
	"testing"
)

func decoded(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTransactionsAreParsed(t *testing.T) {
	text := `{"amount": 5e0, "to": "b", "from": "", "id": "aZ09._-", "ID": 1, "other": [null]}`
	transaction, err := ParseTransaction(decoded(t, text))
	if err != nil {
		t.Fatal(err)
	}
	want(t, transaction, Transaction{"aZ09._-", "", "b", 5})
	for _, text := range []string{
		`null`, `[]`, `"t-1"`, `{}`,
		`{"from": "a", "to": "b", "amount": 5}`,
		`{"ID": "t", "from": "a", "to": "b", "amount": 5}`,
		`{"id": null, "from": "a", "to": "b", "amount": 5}`,
		`{"id": 7, "from": "a", "to": "b", "amount": 5}`,
		`{"id": "t", "to": "b", "amount": 5}`,
		`{"id": "t", "from": 1, "to": "b", "amount": 5}`,
		`{"id": "t", "from": "a", "amount": 5}`,
		`{"id": "t", "from": "a", "to": {}, "amount": 5}`,
		`{"id": "t", "from": "a", "to": "b"}`,
		`{"id": "t", "from": "a", "to": "b", "amount": "5"}`,
		`{"id": "", "from": "a", "to": "b", "amount": 5}`,
		`{"id": "a b", "from": "a", "to": "b", "amount": 5}`,
		`{"id": "é", "from": "a", "to": "b", "amount": 5}`,
		`{"id": "` + strings.Repeat("x", 65) + `", "from": "a", "to": "b", "amount": 5}`,
	} {
		if transaction, err := ParseTransaction(decoded(t, text)); err == nil {
			t.Errorf("%s is %v", text, transaction)
		}
	}
}

func TestAmountsAreWholePositiveNumbers(t *testing.T) {
	for text, amount := range map[string]int64{
		"1": 1, "5.0": 5, "5e0": 5, "50e-1": 5, "9007199254740991": maxAmount,
		"0": 0, "-0": 0, "-1": 0, "0.5": 0, "1.5": 0, "9007199254740992": 0, "1e300": 0, "-1e300": 0,
	} {
		transaction, err := ParseTransaction(decoded(t, `{"id": "t", "from": "a", "to": "b", "amount": `+text+`}`))
		if err != nil || transaction.Amount != amount {
			t.Errorf("%s: %v (%v)", text, transaction, err)
		}
	}
}

func TestBatchesAreParsedWholeOrNotAtAll(t *testing.T) {
	one := `{"id": "t", "from": "a", "to": "b", "amount": -5}`
	for count, valid := range map[int]bool{1: true, 1000: true, 1001: false} {
		batch, err := ParseBatch(decoded(t, "["+strings.Repeat(one+",", count-1)+one+"]"))
		if (err == nil) != valid || valid && len(batch) != count {
			t.Errorf("%d: %v", count, err)
		}
	}
	for _, text := range []string{`[]`, `{}`, `null`, one, "[" + one + `, {}]`, "[[" + one + "]]"} {
		if _, err := ParseBatch(decoded(t, text)); err == nil {
			t.Errorf("%s is taken for a batch", text)
		}
	}
}

func TestAcknowledgementsHaveTwoNames(t *testing.T) {
	for _, name := range []string{"sealed", "accepted"} {
		if acknowledgement, err := ParseAcknowledgement(name); err != nil || string(acknowledgement) != name {
			t.Errorf("%s: %v (%v)", name, acknowledgement, err)
		}
	}
	for _, name := range []string{"", "Sealed", "sealed "} {
		if _, err := ParseAcknowledgement(name); err == nil || !strings.Contains(err.Error(), `"`+name+`"`) {
			t.Errorf("%q: %v", name, err)
		}
	}
}
