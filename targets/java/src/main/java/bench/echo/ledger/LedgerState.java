package bench.echo.ledger;

/**
 * The ledger at one moment.
 *
 * @param height of the last sealed block; 0 if there is none
 * @param transactions how many the sealed blocks hold
 * @param pending how many the open block holds
 * @param balance the sum of all accounts, in units
 * @param head the hash of the last sealed block; 64 zeros if there is none
 */
public record LedgerState(int height, long transactions, int pending, long balance, String head) {}
