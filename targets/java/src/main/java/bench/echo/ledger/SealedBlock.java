package bench.echo.ledger;

import java.util.List;

/** A block that nothing can be added to, with the hash of the one before it and its own. */
public record SealedBlock(int height, String previous, String hash, List<Transaction> transactions) {}
