package bench.echo.ledger;

import bench.echo.json.Fields;
import bench.echo.json.InvalidValueException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** From JSON to transfers. */
public final class TransferReader {

    static final int MOST_IN_BATCH = 1000;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private TransferReader() {}

    /** @throws InvalidValueException if the value is not a transfer */
    public static Transfer transfer(JsonNode value) {
        Fields fields = Fields.of(value);
        String id = fields.string("id");
        if (!ID.matcher(id).matches()) {
            throw new InvalidValueException("\"id\" must be 1 to 64 characters of A-Z a-z 0-9 . _ -");
        }
        return new Transfer(id, fields.string("from"), fields.string("to"), fields.number("amount"));
    }

    /** @throws InvalidValueException if the value is not an array of 1 to 1000 transfers */
    public static List<Transfer> batch(JsonNode value) {
        if (!value.isArray() || value.isEmpty() || value.size() > MOST_IN_BATCH) {
            throw new InvalidValueException("an array of 1 to " + MOST_IN_BATCH + " transactions is asked for");
        }
        List<Transfer> transfers = new ArrayList<>(value.size());
        for (JsonNode element : value) {
            try {
                transfers.add(transfer(element));
            } catch (InvalidValueException e) {
                throw new InvalidValueException("transaction " + transfers.size() + ": " + e.getMessage());
            }
        }
        return transfers;
    }
}
