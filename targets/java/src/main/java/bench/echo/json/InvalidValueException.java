package bench.echo.json;

/** A JSON value that is not what the endpoint asks for; the message says what it should have been. */
public class InvalidValueException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public InvalidValueException(String message) {
        super(message);
    }
}
