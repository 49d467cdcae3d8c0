package bench.echo.json;

/** Bytes that are not a JSON value; the message says where they stop being one. */
public class NotJsonException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public NotJsonException(String message) {
        super(message);
    }
}
