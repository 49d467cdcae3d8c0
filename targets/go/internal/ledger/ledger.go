// Package ledger holds accounts, the transactions between them and a chain of blocks, as targets/CONTRACT.md asks.
// It knows nothing of HTTP or of the text of JSON.
package ledger

import (
	"slices"
	"sync"
	"time"
)

const (
	blockSize = 100                   // transactions that fill a block
	blockTime = 50 * time.Millisecond // from a block's first transaction to its sealing at the latest
)

// Ledger is safe for concurrent use. One mutex orders everything; it is held for map look-ups and sums of integers,
// never while a block is hashed or a client waits.
type Ledger struct {
	acknowledgement Acknowledgement

	mutex        sync.Mutex
	balances     [accountCount]int64
	places       map[string]place // of every transaction that was applied, by id
	blocks       []*Block         // all that are sealed, by height; the first is the genesis
	transactions int              // in the sealed blocks
	open         *Block           // the next block; its transactions are in pending until it is sealed
	pending      []Transaction    // used again for the next block, so that a short one takes no more than it holds
	overdue      *time.Timer      // seals the open block, if it holds anything
}

// place is where a transaction has been put. It never changes.
type place struct {
	block *Block
	index int
}

// State is a summary of one moment.
type State struct {
	Height       int    `json:"height"`
	Transactions int    `json:"transactions"`
	Pending      int    `json:"pending"`
	Balance      int64  `json:"balance"`
	Head         string `json:"head"`
}

// New begins with full accounts and no blocks.
func New(acknowledgement Acknowledgement) *Ledger {
	ledger := &Ledger{
		acknowledgement: acknowledgement,
		places:          make(map[string]place),
		blocks:          []*Block{genesis()},
		open:            newBlock(1),
		pending:         make([]Transaction, 0, blockSize),
	}
	for index := range ledger.balances {
		ledger.balances[index] = initialBalance
	}
	return ledger
}

// Submit applies a transaction. Its error is a Refusal. It returns when the receipt may be given.
func (l *Ledger) Submit(transaction Transaction) (Receipt, error) {
	l.mutex.Lock()
	at, err := l.apply(transaction)
	l.mutex.Unlock()
	if err != nil {
		return Receipt{}, err
	}
	if l.acknowledgement == Sealed {
		<-at.block.sealed
	}
	return l.receipt(transaction.ID, at), nil
}

// SubmitAll applies transactions in order with no other in between. Each result is a Receipt or a RefusedReceipt. It
// returns when all receipts may be given.
func (l *Ledger) SubmitAll(transactions []Transaction) []any {
	places := make([]place, len(transactions))
	refusals := make([]error, len(transactions))
	l.mutex.Lock()
	for index, transaction := range transactions {
		places[index], refusals[index] = l.apply(transaction)
	}
	l.mutex.Unlock()

	results := make([]any, len(transactions))
	var last *Block
	for index, transaction := range transactions {
		if err := refusals[index]; err != nil {
			results[index] = RefusedReceipt{transaction.ID, "refused", err.Error()}
			continue
		}
		at := places[index]
		if last == nil || at.block.Height > last.Height {
			last = at.block
		}
		results[index] = l.receipt(transaction.ID, at)
	}
	if last != nil && l.acknowledgement == Sealed {
		<-last.sealed // The blocks before it are sealed earlier.
	}
	return results
}

// State is of one moment.
func (l *Ledger) State() State {
	l.mutex.Lock()
	last := l.blocks[len(l.blocks)-1]
	state := State{Height: last.Height, Transactions: l.transactions, Pending: len(l.pending)}
	for _, balance := range l.balances {
		state.Balance += balance
	}
	l.mutex.Unlock()
	<-last.sealed
	state.Head = last.Hash
	return state
}

// Blocks are at most limit sealed blocks from a height of 1 or more on. They are shared, and must not be changed.
func (l *Ledger) Blocks(from, limit uint64) []*Block {
	l.mutex.Lock()
	// What is appended later does not touch the blocks that this slice shows.
	blocks := l.blocks
	l.mutex.Unlock()
	if from >= uint64(len(blocks)) {
		return []*Block{}
	}
	blocks = blocks[from:]
	blocks = blocks[:min(limit, uint64(len(blocks)))]
	if len(blocks) > 0 {
		<-blocks[len(blocks)-1].sealed
	}
	return blocks
}

// Account reports false for an id that is not an account's.
func (l *Ledger) Account(id string) (Account, bool) {
	index, known := accountIndex(id)
	if !known {
		return Account{}, false
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return Account{accountNames[index], l.balances[index]}, true
}

// apply moves the amount and puts the transaction into the open block, or says where it was put before. The caller
// holds the mutex.
func (l *Ledger) apply(transaction Transaction) (place, error) {
	if at, applied := l.places[transaction.ID]; applied {
		return at, nil
	}
	if transaction.Amount == 0 {
		return place{}, errAmount
	}
	from, knownFrom := accountIndex(transaction.From)
	to, knownTo := accountIndex(transaction.To)
	switch {
	case !knownFrom || !knownTo:
		return place{}, errUnknownAccount
	case from == to:
		return place{}, errSameAccount
	case l.balances[from] < transaction.Amount:
		return place{}, errInsufficientFunds
	}
	l.balances[from] -= transaction.Amount
	l.balances[to] += transaction.Amount
	// The accounts' own names are stored, so that those of the request can go.
	transaction.From, transaction.To = accountNames[from], accountNames[to]
	return l.put(transaction), nil
}

// put makes a transaction the next of the open block, and seals the block if it is full. The caller holds the mutex.
func (l *Ledger) put(transaction Transaction) place {
	at := place{l.open, len(l.pending)}
	l.places[transaction.ID] = at
	l.pending = append(l.pending, transaction)
	switch len(l.pending) {
	case 1:
		block := l.open
		l.overdue = time.AfterFunc(blockTime, func() { l.sealOverdue(block) })
	case blockSize:
		l.overdue.Stop()
		l.seal()
	}
	return at
}

// sealOverdue seals a block unless it was filled while the timer went off.
func (l *Ledger) sealOverdue(block *Block) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.open == block {
		l.seal()
	}
}

// seal ends the open block and begins the next. From this moment on everybody sees the block; whoever needs its hash
// waits until a goroutine has made it, because the caller holds the mutex.
func (l *Ledger) seal() {
	block := l.open
	block.Transactions = slices.Clone(l.pending)
	go block.link(l.blocks[len(l.blocks)-1])
	l.blocks = append(l.blocks, block)
	l.transactions += len(l.pending)
	// Nothing of this block is to be kept alive by the next one's room.
	clear(l.pending)
	l.pending = l.pending[:0]
	l.open = newBlock(block.Height + 1)
}

// receipt says where a transaction is.
func (l *Ledger) receipt(id string, at place) Receipt {
	return Receipt{id, l.acknowledgement.status(), at.block.Height, at.index}
}
