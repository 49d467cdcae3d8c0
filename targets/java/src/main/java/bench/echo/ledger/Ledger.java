package bench.echo.ledger;

import bench.echo.ledger.Result.Receipt;
import bench.echo.ledger.Result.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The accounts, the open block and the chain, all under one lock. Sealing a block under the lock only closes it and
 * hands it to the sealer, a single thread that makes the hashes in the order of the blocks. A reader takes what it needs
 * under the lock and waits for hashes after that, so that a height is never seen without its head.
 */
public class Ledger implements AutoCloseable {

    /** How long a block stays open after its first transaction. */
    static final Duration OPEN = Duration.ofMillis(50);

    /** The greatest amount in units, 2^53 - 1: every whole number up to it is a double. */
    static final double MOST = 9_007_199_254_740_991d;

    // A virtual thread that waits for a monitor keeps its carrier until Java 24; for this lock it does not.
    private final ReentrantLock lock = new ReentrantLock();
    private final Acknowledgement acknowledgement;
    private final Duration openTime;
    private final ScheduledThreadPoolExecutor sealer;

    private final Accounts accounts = new Accounts();
    /**
     * The block of every applied transaction, by its id. The index is looked for in the block, where it is needed: for a
     * repeated id, which is rare.
     */
    private final Map<String, Block> applied = new HashMap<>();

    private final List<Block> chain = new ArrayList<>();
    private long chainTransactions;
    private Block open = new Block(null);
    /** Seals the open block when its time is up; null while the block is empty. */
    private ScheduledFuture<?> timer;

    Ledger(Acknowledgement acknowledgement, Duration openTime) {
        this.acknowledgement = acknowledgement;
        this.openTime = openTime;
        sealer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sealer");
            thread.setDaemon(true);
            return thread;
        });
        // Blocks that fill up cancel their timers, thousands within the 50 ms of one.
        sealer.setRemoveOnCancelPolicy(true);
    }

    /**
     * Applies the transfers in order, with no other in between. Returns a result for each in the same order: when the
     * last block that they name has its hash, or at once if that is how receipts are given.
     */
    public List<Result> apply(List<Transfer> transfers) {
        List<Result> results = new ArrayList<>(transfers.size());
        int last = 0;
        Block awaited = null;
        lock.lock();
        try {
            for (Transfer transfer : transfers) {
                Result result = apply(transfer);
                results.add(result);
                if (result instanceof Receipt receipt) {
                    last = Math.max(last, receipt.block());
                }
            }
            if (last > 0) {
                awaited = last > chain.size() ? open : chain.get(last - 1);
            }
            if (timer == null && open.size() > 0) {
                Block block = open;
                timer = sealer.schedule(() -> timeIsUp(block), openTime.toNanos(), TimeUnit.NANOSECONDS);
            }
        } finally {
            lock.unlock();
        }
        if (awaited != null && acknowledgement == Acknowledgement.SEALED) {
            awaited.hash();
        }
        return results;
    }

    private Result apply(Transfer transfer) {
        String id = transfer.id();
        Block block = applied.get(id);
        if (block != null) {
            return receipt(id, block, block.indexOf(id));
        }
        if (!(transfer.amount() >= 1 && transfer.amount() <= MOST && transfer.amount() % 1 == 0)) {
            return new Refusal(id, "amount must be a positive integer");
        }
        int from = Accounts.number(transfer.from());
        int to = Accounts.number(transfer.to());
        if (from < 0 || to < 0) {
            return new Refusal(id, "unknown account");
        }
        if (from == to) {
            return new Refusal(id, "same account");
        }
        long amount = (long) transfer.amount();
        if (accounts.balance(from) < amount) {
            return new Refusal(id, "insufficient funds");
        }
        accounts.move(from, to, amount);
        applied.put(id, open);
        Receipt receipt =
                receipt(id, open, open.add(new Transaction(id, Accounts.name(from), Accounts.name(to), amount)));
        if (open.isFull()) {
            seal();
        }
        return receipt;
    }

    private Receipt receipt(String id, Block block, int index) {
        return new Receipt(id, acknowledgement.status(), block.height(), index);
    }

    private void timeIsUp(Block block) {
        lock.lock();
        try {
            if (block == open) {
                seal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Closes the open block and begins the next. The sealer gets the blocks in order, and has one thread. */
    private void seal() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
        chain.add(open);
        chainTransactions += open.size();
        sealer.execute(open::computeHash);
        open = new Block(open);
    }

    public LedgerState state() {
        int height;
        long transactions;
        int pending;
        long balance;
        Block head;
        lock.lock();
        try {
            height = chain.size();
            transactions = chainTransactions;
            pending = open.size();
            balance = accounts.sum();
            head = height == 0 ? null : chain.get(height - 1);
        } finally {
            lock.unlock();
        }
        return new LedgerState(height, transactions, pending, balance, head == null ? Block.NO_HASH : head.hash());
    }

    /**
     * The sealed blocks from a height on.
     *
     * @param from at least 1
     * @param limit at least 1
     */
    public List<SealedBlock> blocks(long from, int limit) {
        List<Block> blocks;
        lock.lock();
        try {
            int start = (int) Math.min(from - 1, chain.size());
            int end = start + Math.min(limit, chain.size() - start);
            blocks = List.copyOf(chain.subList(start, end));
        } finally {
            lock.unlock();
        }
        return blocks.stream().map(Block::sealed).toList();
    }

    /** The account with that name, if there is one. */
    public Optional<Account> account(String name) {
        int number = Accounts.number(name);
        if (number < 0) {
            return Optional.empty();
        }
        lock.lock();
        try {
            return Optional.of(new Account(name, accounts.balance(number)));
        } finally {
            lock.unlock();
        }
    }

    /** Ends the sealer. What is still open stays open. */
    @Override
    public void close() {
        sealer.shutdownNow();
    }
}
