package bench.echo.ledger;

/**
 * An account at one moment.
 *
 * @param balance units
 */
public record Account(String id, long balance) {}
