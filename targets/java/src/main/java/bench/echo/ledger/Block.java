package bench.echo.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A block of the chain: filled under the ledger's lock, then sealed, and from then on never changed. Its hash is made
 * after that and without the lock; whoever needs it waits for it.
 */
final class Block {

    static final int CAPACITY = 100;
    static final String NO_HASH = "0".repeat(64);

    private static final int LINE_CHARS = 48;

    private final int height;
    private final Block previous;
    private final List<Transaction> transactions = new ArrayList<>(CAPACITY);
    private final CompletableFuture<String> hash = new CompletableFuture<>();

    /** @param previous the block before; null for the first */
    Block(Block previous) {
        this.height = previous == null ? 1 : previous.height + 1;
        this.previous = previous;
    }

    int height() {
        return height;
    }

    int size() {
        return transactions.size();
    }

    boolean isFull() {
        return transactions.size() == CAPACITY;
    }

    /** Adds the transaction and returns its index. */
    int add(Transaction transaction) {
        transactions.add(transaction);
        return transactions.size() - 1;
    }

    /** The index of a transaction that is in this block. */
    int indexOf(String id) {
        int index = 0;
        while (!transactions.get(index).id().equals(id)) {
            index++;
        }
        return index;
    }

    /** Makes the hash. The blocks before it must have theirs or be about to get it. */
    void computeHash() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text().getBytes(StandardCharsets.US_ASCII));
            hash.complete(HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException | RuntimeException | Error e) {
            // Nobody is left waiting, and no block gets a hash after one that has none.
            hash.completeExceptionally(e);
        }
    }

    /** The hash; waits until it is made. */
    String hash() {
        return hash.join();
    }

    /** What a reader of the chain sees; waits until the hash is made. */
    SealedBlock sealed() {
        return new SealedBlock(height, previousHash(), hash(), Collections.unmodifiableList(transactions));
    }

    private String previousHash() {
        return previous == null ? NO_HASH : previous.hash();
    }

    private String text() {
        StringBuilder text = new StringBuilder((size() + 3) * LINE_CHARS)
                .append("block ")
                .append(height)
                .append("\nprevious ")
                .append(previousHash())
                .append('\n');
        int index = 0;
        for (Transaction transaction : transactions) {
            text.append(index++)
                    .append(' ')
                    .append(transaction.id())
                    .append(' ')
                    .append(transaction.from())
                    .append(' ')
                    .append(transaction.to())
                    .append(' ')
                    .append(transaction.amount())
                    .append('\n');
        }
        return text.toString();
    }
}
