package ledger

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// The hashes are sums of sha256sum over the text that the contract describes.
const (
	hashOfOne        = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2" // t-1, 5 units
	hashAfterOne     = "9c82738949cf59bbfc81bd2eca4881a3cb8f7103dad458b93167ae06d5276a9b" // t-2 and T_3.x
	hashOfHundred    = "28213d07b09ffa06a6f947ff5af95a92a7ee7aa415223df2454d0309454e312d" // b-0 to b-99, 1 to 100 units
	hashAfterHundred = "6d4e120ecd4284b26988be4e026ea26300be0952d1197d22e039bdf2b541b143" // b-100 to b-199
)

var zeros = strings.Repeat("0", 64)

func transfer(id, from, to string, amount int64) Transaction {
	return Transaction{id, from, to, amount}
}

// hundreds are transactions that fill blocks.
func hundreds(count int) []Transaction {
	transactions := make([]Transaction, count*blockSize)
	for index := range transactions {
		transactions[index] = transfer(fmt.Sprintf("b-%d", index), "acct-0002", "acct-0003", int64(index+1))
	}
	return transactions
}

func submit(t *testing.T, ledger *Ledger, transaction Transaction) Receipt {
	t.Helper()
	receipt, err := ledger.Submit(transaction)
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

func balance(t *testing.T, ledger *Ledger, id string) int64 {
	t.Helper()
	account, known := ledger.Account(id)
	if !known || account.ID != id {
		t.Fatalf("%s: %v, %v", id, account, known)
	}
	return account.Balance
}

func want[T any](t *testing.T, got, want T) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v instead of %+v", got, want)
	}
}

func TestABlockIsSealedFiftyMillisecondsAfterItsFirstTransaction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := New(Sealed)
		want(t, ledger.State(), State{0, 0, 0, 1_000_000_000, zeros})
		time.Sleep(time.Second)
		want(t, ledger.State().Height, 0)

		start := time.Now()
		go func() {
			time.Sleep(49 * time.Millisecond)
			want(t, ledger.State(), State{0, 0, 1, 1_000_000_000, zeros})
			want(t, balance(t, ledger, "acct-0000"), 999_995)
		}()
		want(t, submit(t, ledger, transfer("t-1", "acct-0000", "acct-0001", 5)), Receipt{"t-1", "committed", 1, 0})
		want(t, time.Since(start), 50*time.Millisecond)
		want(t, ledger.State(), State{1, 1, 0, 1_000_000_000, hashOfOne})

		start = time.Now()
		var second, third Receipt
		var both sync.WaitGroup
		both.Go(func() { second = submit(t, ledger, transfer("t-2", "acct-0999", "acct-0000", 1_000_000)) })
		both.Go(func() {
			time.Sleep(30 * time.Millisecond)
			third = submit(t, ledger, transfer("T_3.x", "acct-0000", "acct-0999", 1_999_995))
		})
		both.Wait()
		want(t, second, Receipt{"t-2", "committed", 2, 0})
		want(t, third, Receipt{"T_3.x", "committed", 2, 1})
		want(t, time.Since(start), 50*time.Millisecond)
		want(t, ledger.State(), State{2, 3, 0, 1_000_000_000, hashAfterOne})
		time.Sleep(time.Second)
		want(t, ledger.State().Height, 2)
	})
}

func TestAFullBlockIsSealedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := New(Sealed)
		start := time.Now()
		results := ledger.SubmitAll(hundreds(2))
		want(t, time.Since(start), 0)
		want(t, results[99], any(Receipt{"b-99", "committed", 1, 99}))
		want(t, results[100], any(Receipt{"b-100", "committed", 2, 0}))
		want(t, ledger.State(), State{2, 200, 0, 1_000_000_000, hashAfterHundred})
		blocks := ledger.Blocks(1, 1)
		want(t, len(blocks), 1)
		want(t, blocks[0].Hash, hashOfHundred)
		want(t, blocks[0].Previous, zeros)
		want(t, blocks[0].Transactions, hundreds(1))
		// A timer of a block that was filled must not seal the next one early.
		time.Sleep(30 * time.Millisecond)
		start = time.Now()
		submit(t, ledger, transfer("late", "acct-0000", "acct-0001", 1))
		want(t, time.Since(start), 50*time.Millisecond)
	})
}

func TestABatchFillsBlocksAndWaitsForTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := New(Sealed)
		start := time.Now()
		batch := append(hundreds(1), transfer("rest", "acct-0000", "acct-0001", 1), hundreds(1)[7])
		results := ledger.SubmitAll(batch)
		want(t, time.Since(start), 50*time.Millisecond)
		want(t, results[100], any(Receipt{"rest", "committed", 2, 0}))
		want(t, results[101], any(Receipt{"b-7", "committed", 1, 7}))

		start = time.Now()
		results = ledger.SubmitAll([]Transaction{transfer("x", "acct-0000", "acct-0000", 1)})
		want(t, results, []any{RefusedReceipt{"x", "refused", "same account"}})
		ledger.SubmitAll(hundreds(1))
		want(t, time.Since(start), 0)
	})
}

func TestAcceptedReceiptsComeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := New(Accepted)
		start := time.Now()
		for range 2 {
			receipt := submit(t, ledger, transfer("t-1", "acct-0000", "acct-0001", 5))
			want(t, receipt, Receipt{"t-1", "accepted", 1, 0})
		}
		want(t, ledger.SubmitAll(hundreds(1))[99], any(Receipt{"b-99", "accepted", 2, 0}))
		want(t, time.Since(start), 0)
		want(t, ledger.State().Pending, 1)
		time.Sleep(51 * time.Millisecond)
		want(t, ledger.State().Height, 2)
	})
}

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ledger := New(Accepted)
		submit(t, ledger, transfer("t-1", "acct-0000", "acct-0001", 5))
		for _, test := range []struct {
			transaction Transaction
			refusal     Refusal
		}{
			{transfer("x", "nobody", "nobody", 0), errAmount},
			{transfer("x", "nobody", "nobody", 1), errUnknownAccount},
			{transfer("x", "acct-0000", "acct-1000", 1), errUnknownAccount},
			{transfer("x", "acct-000", "acct-0001", 1), errUnknownAccount},
			{transfer("x", "acct-00000", "acct-0001", 1), errUnknownAccount},
			{transfer("x", "Acct-0000", "acct-0001", 1), errUnknownAccount},
			{transfer("x", "acct-000:", "acct-0001", 1), errUnknownAccount},
			{transfer("x", "acct-0001", "acct-0001", maxAmount), errSameAccount},
			{transfer("x", "acct-0000", "acct-0001", 999_996), errInsufficientFunds},
		} {
			if _, err := ledger.Submit(test.transaction); err != test.refusal {
				t.Errorf("%v: %v", test.transaction, err)
			}
		}
		// What was applied is looked at first, and a refused id may be used again.
		want(t, submit(t, ledger, transfer("t-1", "nobody", "nobody", 0)), Receipt{"t-1", "accepted", 1, 0})
		want(t, submit(t, ledger, transfer("x", "acct-0000", "acct-0001", 999_995)), Receipt{"x", "accepted", 1, 1})
		want(t, balance(t, ledger, "acct-0000"), 0)
		want(t, balance(t, ledger, "acct-0001"), 2_000_000)
		if _, known := ledger.Account("acct-1000"); known {
			t.Error("there is a thousand-and-first account")
		}
	})
}

func TestBlocksAreCutOutOfTheChain(t *testing.T) {
	ledger := New(Sealed)
	ledger.SubmitAll(hundreds(10))
	for _, test := range []struct {
		from, limit uint64
		heights     []int
	}{
		{1, 2, []int{1, 2}}, {10, 5, []int{10}}, {8, 1 << 63, []int{8, 9, 10}}, {11, 1, nil}, {1 << 63, 1, nil},
	} {
		var heights []int
		for _, block := range ledger.Blocks(test.from, test.limit) {
			heights = append(heights, block.Height)
		}
		want(t, heights, test.heights)
	}
	text, err := json.Marshal(ledger.Blocks(11, 1))
	if err != nil || string(text) != "[]" {
		t.Errorf("%s (%v)", text, err)
	}
}

// Readers and writers at once: every sum is whole, every head belongs to its height, every id is applied once.
func TestConcurrentUseIsOrdered(t *testing.T) {
	const writers, each = 8, 500
	ledger := New(Accepted)
	var writing, reading sync.WaitGroup
	ended := make(chan struct{})
	for range 2 {
		reading.Go(func() {
			for height := 0; ; {
				state := ledger.State()
				if state.Balance != 1_000_000_000 || state.Height < height || state.Pending >= blockSize {
					t.Errorf("%+v after height %d", state, height)
				}
				height = state.Height
				if blocks := ledger.Blocks(uint64(max(height, 1)), 1); height > 0 && blocks[0].Hash != state.Head {
					t.Errorf("%s is not the head of %+v", blocks[0].Hash, state)
				}
				select {
				case <-ended:
					return
				default:
				}
			}
		})
	}
	for writer := range writers {
		writing.Go(func() {
			for number := range each {
				// Two writers send each id.
				id := fmt.Sprintf("%d-%d", writer/2, number)
				submit(t, ledger, transfer(id, accountNames[number], accountNames[number+1], int64(writer+1)))
			}
		})
	}
	writing.Wait()
	close(ended)
	reading.Wait()

	state := ledger.State()
	want(t, state.Transactions+state.Pending, writers/2*each)
	previous := zeros
	for _, block := range ledger.Blocks(1, 1_000_000) {
		want(t, block.Previous, previous)
		previous = block.Hash
	}
	want(t, previous, state.Head)
}
