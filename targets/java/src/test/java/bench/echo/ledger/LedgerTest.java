package bench.echo.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.ledger.Result.Receipt;
import bench.echo.ledger.Result.Refusal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sums were made with sha256sum over the text that the contract describes. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class LedgerTest {

    private static final Duration NEVER = Duration.ofDays(1);
    private static final Duration SOON = Duration.ofMillis(50);
    private static final String ZEROS = "0".repeat(64);

    private final List<Ledger> ledgers = new ArrayList<>();

    private Ledger ledger(Acknowledgement acknowledgement, Duration open) {
        Ledger ledger = new Ledger(acknowledgement, open);
        ledgers.add(ledger);
        return ledger;
    }

    @AfterEach
    void closeLedgers() {
        ledgers.forEach(Ledger::close);
    }

    private static Transfer transfer(String id, int from, int to, double amount) {
        return new Transfer(id, "acct-%04d".formatted(from), "acct-%04d".formatted(to), amount);
    }

    private static Transfer valid(String id) {
        return transfer(id, 0, 1, 1);
    }

    private static List<Transfer> numbered(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> valid("b-" + number))
                .toList();
    }

    @Test
    void aLedgerBeginsEmpty() {
        Ledger ledger = ledger(Acknowledgement.SEALED, NEVER);
        assertThat(ledger.state()).isEqualTo(new LedgerState(0, 0, 0, 1_000_000_000, ZEROS));
        assertThat(ledger.blocks(1, 100)).isEmpty();
        assertThat(ledger.account("acct-0000")).hasValue(new Account("acct-0000", 1_000_000));
        assertThat(ledger.account("acct-0999")).hasValue(new Account("acct-0999", 1_000_000));
    }

    @Test
    void blocksAreSealedWhenTheirTimeIsUpAndHashedAsTheContractSays() {
        Ledger ledger = ledger(Acknowledgement.SEALED, SOON);
        long started = System.nanoTime();
        assertThat(ledger.apply(List.of(transfer("t-1", 0, 1, 5))))
                .containsExactly(new Receipt("t-1", "committed", 1, 0));
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(SOON);
        String first = "9c6f0fdaee824720814d97929e63d45e123eb0b850f2b180256679e587e8a4b2";
        assertThat(ledger.state()).isEqualTo(new LedgerState(1, 1, 0, 1_000_000_000, first));
        assertThat(ledger.blocks(1, 1))
                .containsExactly(
                        new SealedBlock(1, ZEROS, first, List.of(new Transaction("t-1", "acct-0000", "acct-0001", 5))));

        ledger.apply(List.of(transfer("t-2", 1, 999, 1_000_005), transfer("T_3.x", 999, 0, 2_000_005)));
        String second = "502bb7e25b94e5e9d489d7dcc75730effebc58c600b9189b713e2baa0c2fbc28";
        assertThat(ledger.state()).isEqualTo(new LedgerState(2, 3, 0, 1_000_000_000, second));
        assertThat(ledger.blocks(2, 100)).extracting(SealedBlock::previous).containsExactly(first);
        assertThat(ledger.account("acct-0000")).hasValue(new Account("acct-0000", 3_000_000));
    }

    @Test
    void aBlockIsSealedWithItsHundredthTransaction() {
        Ledger ledger = ledger(Acknowledgement.SEALED, NEVER);
        List<Result> results = ledger.apply(numbered(1000));
        for (int number = 0; number < 1000; number++) {
            assertThat(results.get(number))
                    .isEqualTo(new Receipt("b-" + number, "committed", 1 + number / 100, number % 100));
        }
        String head = "1c23b92dcc968039f81c1b463f8bb2464a0bd4bcbb5f5ce32c3b56c5800b6dbd";
        assertThat(ledger.state()).isEqualTo(new LedgerState(10, 1000, 0, 1_000_000_000, head));
        assertThat(ledger.blocks(4, 3)).extracting(SealedBlock::height).containsExactly(4, 5, 6);
        assertThat(ledger.blocks(10, 3)).extracting(SealedBlock::hash).containsExactly(head);
        assertThat(ledger.blocks(11, 3)).isEmpty();
        assertThat(ledger.blocks(Long.MAX_VALUE, 1000)).isEmpty();
    }

    @Test
    void acceptedReceiptsDoNotWait() {
        Ledger ledger = ledger(Acknowledgement.ACCEPTED, NEVER);
        assertThat(ledger.apply(numbered(99))).last().isEqualTo(new Receipt("b-98", "accepted", 1, 98));
        assertThat(ledger.state()).isEqualTo(new LedgerState(0, 0, 99, 1_000_000_000, ZEROS));
        assertThat(ledger.blocks(1, 1)).isEmpty();
        assertThat(ledger.account("acct-0001")).hasValue(new Account("acct-0001", 1_000_099));
        assertThat(ledger.apply(List.of(valid("more"), valid("most"))))
                .containsExactly(new Receipt("more", "accepted", 1, 99), new Receipt("most", "accepted", 2, 0));
        assertThat(ledger.state())
                .extracting(LedgerState::height, LedgerState::transactions, LedgerState::pending)
                .containsExactly(1, 100L, 1);
    }

    @ParameterizedTest
    @CsvSource({
        "0, acct-0000, nobody, amount must be a positive integer",
        "-1, acct-0000, acct-0001, amount must be a positive integer",
        "1.5, acct-0000, acct-0001, amount must be a positive integer",
        "9007199254740992, acct-0000, acct-0001, amount must be a positive integer",
        "1e300, acct-0000, acct-0001, amount must be a positive integer",
        "9007199254740991, acct-0000, acct-1000, unknown account",
        "1, acct-000, acct-0001, unknown account",
        "1, acct-00000, acct-0001, unknown account",
        "1, ACCT-0000, acct-0001, unknown account",
        "1, acct-00-1, acct-0001, unknown account",
        "1, acct-\u0660\u0660\u0660\u0660, acct-0001, unknown account",
        "1, '', '', unknown account",
        "1, nobody, nobody, unknown account",
        "1000001, acct-0000, acct-0000, same account",
        "1000001, acct-0000, acct-0001, insufficient funds",
        "9007199254740991, acct-0000, acct-0001, insufficient funds",
    })
    void theFirstThatIsWrongDecides(double amount, String from, String to, String error) {
        Ledger ledger = ledger(Acknowledgement.SEALED, NEVER);
        assertThat(ledger.apply(List.of(new Transfer("t-1", from, to, amount))))
                .containsExactly(new Refusal("t-1", "refused", error));
        assertThat(ledger.state()).isEqualTo(new LedgerState(0, 0, 0, 1_000_000_000, ZEROS));
        assertThat(ledger.account("acct-0000")).hasValue(new Account("acct-0000", 1_000_000));
    }

    @Test
    void aRefusedTransactionLeavesItsIdAndAnAppliedOneKeepsIt() {
        Ledger ledger = ledger(Acknowledgement.ACCEPTED, NEVER);
        List<Result> results = ledger.apply(List.of(
                transfer("t-1", 0, 1, 1_000_001),
                valid("t-0"),
                transfer("t-1", 0, 1, 999_999),
                transfer("t-1", 5, 5, -3),
                transfer("t-2", 0, 1, 1)));
        Receipt first = new Receipt("t-1", "accepted", 1, 1);
        assertThat(results)
                .containsExactly(
                        new Refusal("t-1", "refused", "insufficient funds"),
                        new Receipt("t-0", "accepted", 1, 0),
                        first,
                        first,
                        new Refusal("t-2", "refused", "insufficient funds"));
        ledger.apply(numbered(1000).stream()
                .map(transfer -> transfer(transfer.id(), 1, 2, 1))
                .toList());
        assertThat(ledger.apply(List.of(transfer("t-1", 0, 0, 0)))).containsExactly(first);
        assertThat(ledger.account("acct-0000")).hasValue(new Account("acct-0000", 0));
    }

    @Test
    void aReceiptOfAnEarlierBlockIsNotKeptWaiting() {
        Ledger ledger = ledger(Acknowledgement.SEALED, NEVER);
        ledger.apply(numbered(100));
        assertThat(ledger.apply(List.of(valid("b-7")))).containsExactly(new Receipt("b-7", "committed", 1, 7));
    }
}
