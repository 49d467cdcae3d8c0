package ledger

import "fmt"

const (
	accountCount   = 1000
	initialBalance = 1_000_000
	accountPrefix  = "acct-"
	accountDigits  = 4
)

// accountNames are the ids of all accounts, by index. Every transaction that is stored refers to these.
var accountNames = func() (names [accountCount]string) {
	for index := range names {
		names[index] = fmt.Sprintf("%s%0*d", accountPrefix, accountDigits, index)
	}
	return names
}()

// Account is one account at one moment.
type Account struct {
	ID      string `json:"id"`
	Balance int64  `json:"balance"`
}

// accountIndex reads the digits of an id, which is quicker than a map of a thousand names.
func accountIndex(id string) (int, bool) {
	if len(id) != len(accountPrefix)+accountDigits || id[:len(accountPrefix)] != accountPrefix {
		return 0, false
	}
	index := 0
	for _, digit := range []byte(id[len(accountPrefix):]) {
		if digit < '0' || digit > '9' {
			return 0, false
		}
		index = index*10 + int(digit-'0')
	}
	return index, index < accountCount
}
