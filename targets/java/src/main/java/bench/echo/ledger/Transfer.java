package bench.echo.ledger;

/**
 * What a client asks for: well-formed, and not yet looked at by the ledger.
 *
 * @param amount units, any finite number
 */
public record Transfer(String id, String from, String to, double amount) {}
