package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
)

// Block is a link of the chain. Its fields other than Height may be read once sealed is closed, and do not change from
// then on.
type Block struct {
	Height       int           `json:"height"`
	Previous     string        `json:"previous"`
	Hash         string        `json:"hash"`
	Transactions []Transaction `json:"transactions"`

	sealed chan struct{} // closed when the hash is there
}

// lineLength is more than the usual length of a transaction's line, in bytes.
const lineLength = 64

func newBlock(height int) *Block {
	return &Block{Height: height, sealed: make(chan struct{})}
}

// genesis stands before the first block, has 64 zeros for a hash, and is never shown.
func genesis() *Block {
	block := newBlock(0)
	block.Hash = strings.Repeat("0", hex.EncodedLen(sha256.Size))
	close(block.sealed)
	return block
}

// link makes the hash of a block whose transactions are complete, after that of the block before it, and lets go
// whoever waits for it.
func (b *Block) link(previous *Block) {
	<-previous.sealed
	b.Previous = previous.Hash
	sum := sha256.Sum256(b.text())
	b.Hash = hex.EncodeToString(sum[:])
	close(b.sealed)
}

// text is what the hash is made of.
func (b *Block) text() []byte {
	text := make([]byte, 0, (len(b.Transactions)+2)*lineLength)
	text = append(text, "block "...)
	text = strconv.AppendInt(text, int64(b.Height), 10)
	text = append(text, "\nprevious "...)
	text = append(text, b.Previous...)
	text = append(text, '\n')
	for index, transaction := range b.Transactions {
		text = strconv.AppendInt(text, int64(index), 10)
		for _, word := range []string{transaction.ID, transaction.From, transaction.To} {
			text = append(text, ' ')
			text = append(text, word...)
		}
		text = append(text, ' ')
		text = strconv.AppendInt(text, transaction.Amount, 10)
		text = append(text, '\n')
	}
	return text
}
