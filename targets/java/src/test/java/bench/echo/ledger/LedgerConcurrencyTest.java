package bench.echo.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.ledger.Result.Receipt;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writers and readers at once: what they saw must be what one thread could have done. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LedgerConcurrencyTest {

    private static final int WRITERS = 8;
    private static final int ROUNDS = 300;

    private final Ledger ledger = new Ledger(Acknowledgement.SEALED, Duration.ofMillis(1));
    private final AtomicBoolean written = new AtomicBoolean();

    @Test
    void whateverIsSeenIsOfOneMoment() throws Exception {
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Map<String, Receipt>>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int number = writer;
                writers.add(threads.submit(() -> write(number)));
            }
            Future<Integer> reader = threads.submit(this::read);
            Map<String, Receipt> receipts = new HashMap<>();
            for (Future<Map<String, Receipt>> writer : writers) {
                receipts.putAll(writer.get());
            }
            written.set(true);
            assertThat(reader.get()).isPositive();
            requireSound(receipts);
        } finally {
            threads.shutdownNow();
            ledger.close();
        }
    }

    private Map<String, Receipt> write(int writer) {
        Random random = new Random(writer);
        Map<String, Receipt> receipts = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Transfer> batch = new ArrayList<>();
            for (int count = random.nextInt(1, 40); count > 0; count--) {
                // Ids that writers share: the first to come applies it, the others get its receipt.
                batch.add(new Transfer(
                        "t-" + random.nextInt(20_000), account(random), account(random), random.nextInt(1, 2_000_000)));
            }
            for (Result result : ledger.apply(batch)) {
                if (result instanceof Receipt receipt) {
                    Receipt before = receipts.put(receipt.id(), receipt);
                    assertThat(before).isIn(null, receipt);
                }
            }
        }
        return receipts;
    }

    private static String account(Random random) {
        return "acct-%04d".formatted(random.nextInt(Accounts.COUNT));
    }

    private int read() {
        int reads = 0;
        LedgerState before = ledger.state();
        do {
            LedgerState now = ledger.state();
            assertThat(now.balance()).isEqualTo(1_000_000_000);
            assertThat(now.pending()).isBetween(0, 99);
            assertThat(now.transactions() + now.pending())
                    .isGreaterThanOrEqualTo(before.transactions() + before.pending());
            if (now.height() > 0) {
                assertThat(ledger.blocks(now.height(), 1))
                        .extracting(SealedBlock::hash)
                        .containsExactly(now.head());
            }
            before = now;
            reads++;
        } while (!written.get());
        return reads;
    }

    /** Hashes the chain and replays it, apart from the code under test. */
    private void requireSound(Map<String, Receipt> receipts) throws Exception {
        Map<String, Long> balances = new HashMap<>();
        Map<String, Receipt> places = new HashMap<>();
        String previous = "0".repeat(64);
        int height = 0;
        for (SealedBlock block : ledger.blocks(1, Integer.MAX_VALUE)) {
            StringBuilder text = new StringBuilder("block %d\nprevious %s\n".formatted(++height, previous));
            assertThat(block.transactions()).hasSizeBetween(1, 100);
            int index = 0;
            for (Transaction it : block.transactions()) {
                text.append("%d %s %s %s %d\n".formatted(index, it.id(), it.from(), it.to(), it.amount()));
                assertThat(places.put(it.id(), new Receipt(it.id(), "committed", height, index++)))
                        .isNull();
                assertThat(balances.merge(it.from(), 1_000_000 - it.amount(), (old, fresh) -> old - it.amount()))
                        .isNotNegative();
                balances.merge(it.to(), 1_000_000 + it.amount(), (old, fresh) -> old + it.amount());
            }
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(text.toString().getBytes(StandardCharsets.UTF_8));
            assertThat(block)
                    .extracting(SealedBlock::height, SealedBlock::previous, SealedBlock::hash)
                    .containsExactly(height, previous, HexFormat.of().formatHex(digest));
            previous = block.hash();
        }
        assertThat(receipts).isEqualTo(places);
        assertThat(ledger.state()).isEqualTo(new LedgerState(height, places.size(), 0, 1_000_000_000, previous));
        balances.forEach((id, balance) -> assertThat(ledger.account(id)).hasValue(new Account(id, balance)));
    }
}
