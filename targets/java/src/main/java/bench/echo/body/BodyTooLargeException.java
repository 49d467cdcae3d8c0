package bench.echo.body;

/** The body is larger than {@link BodyReader#LIMIT}. */
public class BodyTooLargeException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BodyTooLargeException() {
        super("the body is larger than " + BodyReader.LIMIT + " bytes");
    }
}
