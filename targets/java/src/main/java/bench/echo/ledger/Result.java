package bench.echo.ledger;

/** What came of a transfer: its place in the chain, or why it was refused. */
public sealed interface Result {

    /**
     * @param block the height of its block
     * @param index its place in the block, from 0
     */
    record Receipt(String id, String status, int block, int index) implements Result {}

    record Refusal(String id, String status, String error) implements Result {

        Refusal(String id, String error) {
            this(id, "refused", error);
        }
    }
}
