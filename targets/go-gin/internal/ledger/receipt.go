package ledger

import "fmt"

// Acknowledgement says when a receipt is given.
type Acknowledgement string

const (
	Sealed   Acknowledgement = "sealed"   // when the block is sealed
	Accepted Acknowledgement = "accepted" // at once
)

// ParseAcknowledgement knows the two names.
func ParseAcknowledgement(name string) (Acknowledgement, error) {
	switch acknowledgement := Acknowledgement(name); acknowledgement {
	case Sealed, Accepted:
		return acknowledgement, nil
	}
	return "", fmt.Errorf("%q is neither %q nor %q", name, Sealed, Accepted)
}

// status is the word for it in a receipt.
func (a Acknowledgement) status() string {
	if a == Accepted {
		return "accepted"
	}
	return "committed"
}

// Receipt is the answer to a transaction that was applied, now or earlier.
type Receipt struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Block  int    `json:"block"`
	Index  int    `json:"index"`
}

// RefusedReceipt is the answer to a transaction of a batch that was not applied.
type RefusedReceipt struct {
	ID     string `json:"id"`
	Status string `json:"status"`
	Error  string `json:"error"`
}

// Refusal is why a transaction is not applied.
type Refusal string

const (
	errAmount            Refusal = "amount must be a positive integer"
	errUnknownAccount    Refusal = "unknown account"
	errSameAccount       Refusal = "same account"
	errInsufficientFunds Refusal = "insufficient funds"
)

func (r Refusal) Error() string { return string(r) }
