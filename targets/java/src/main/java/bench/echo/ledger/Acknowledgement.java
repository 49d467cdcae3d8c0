package bench.echo.ledger;

import bench.echo.settings.UnusableVariableException;
import bench.echo.settings.Variables;

/** When a receipt is given. */
public enum Acknowledgement {
    /** Once the block of the transaction is sealed. */
    SEALED("committed"),
    /** At once. */
    ACCEPTED("accepted");

    private static final String VARIABLE = "LEDGER_ACK";

    private final String status;

    Acknowledgement(String status) {
        this.status = status;
    }

    /** What receipts say. */
    public String status() {
        return status;
    }

    /**
     * As {@code LEDGER_ACK} says.
     *
     * @throws UnusableVariableException if it says anything else
     */
    static Acknowledgement from(Variables variables) {
        return switch (variables.get(VARIABLE, "sealed")) {
            case "sealed" -> SEALED;
            case "accepted" -> ACCEPTED;
            default -> throw new UnusableVariableException(VARIABLE, "is neither \"sealed\" nor \"accepted\"");
        };
    }
}
