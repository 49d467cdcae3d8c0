package bench.echo.ledger;

/**
 * What has been applied, as it stands in a block.
 *
 * @param amount units, from 1 to 2^53 - 1
 */
public record Transaction(String id, String from, String to, long amount) {}
