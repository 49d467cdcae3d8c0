package ledger

import (
	"errors"
	"fmt"
	"math"
)

const (
	batchLimit = 1000      // transactions
	idLimit    = 64        // characters
	maxAmount  = 1<<53 - 1 // the largest integer up to which doubles have all integers
)

// Transaction is a wish to move an amount, or one that was fulfilled. An amount that was not a whole number from 1 to
// maxAmount is 0.
type Transaction struct {
	ID     string `json:"id"`
	From   string `json:"from"`
	To     string `json:"to"`
	Amount int64  `json:"amount"`
}

// ParseTransaction takes what a JSON decoder makes of any value. Decoding into a struct would be no faster, and would
// take "ID" for "id".
func ParseTransaction(value any) (Transaction, error) {
	object, isObject := value.(map[string]any)
	if !isObject {
		return Transaction{}, errors.New("a transaction is an object")
	}
	id, isID := object["id"].(string)
	from, isFrom := object["from"].(string)
	to, isTo := object["to"].(string)
	amount, isAmount := object["amount"].(float64)
	switch {
	case !isID || !isFrom || !isTo:
		return Transaction{}, errors.New(`"id", "from" and "to" of a transaction must be strings`)
	case !isAmount:
		return Transaction{}, errors.New(`"amount" of a transaction must be a number`)
	case !isIdentifier(id):
		return Transaction{}, fmt.Errorf(`"id" of a transaction must be 1 to %d characters of A-Z a-z 0-9 . _ -`, idLimit)
	}
	return Transaction{id, from, to, wholeAmount(amount)}, nil
}

// ParseBatch takes what a JSON decoder makes of any value.
func ParseBatch(value any) ([]Transaction, error) {
	elements, isArray := value.([]any)
	if !isArray || len(elements) == 0 || len(elements) > batchLimit {
		return nil, fmt.Errorf("a batch is an array of 1 to %d transactions", batchLimit)
	}
	transactions := make([]Transaction, len(elements))
	for index, element := range elements {
		transaction, err := ParseTransaction(element)
		if err != nil {
			return nil, fmt.Errorf("element %d: %w", index, err)
		}
		transactions[index] = transaction
	}
	return transactions, nil
}

func isIdentifier(text string) bool {
	if len(text) == 0 || len(text) > idLimit {
		return false
	}
	for _, character := range []byte(text) {
		switch {
		case 'a' <= character && character <= 'z', 'A' <= character && character <= 'Z', '0' <= character && character <= '9':
		case character == '.', character == '_', character == '-':
		default:
			return false
		}
	}
	return true
}

// wholeAmount is 0 for what is no amount.
func wholeAmount(amount float64) int64 {
	if amount != math.Trunc(amount) || amount < 1 || amount > maxAmount {
		return 0
	}
	return int64(amount)
}
