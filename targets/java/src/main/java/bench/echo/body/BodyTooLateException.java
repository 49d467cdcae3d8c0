package bench.echo.body;

/** The body did not end within {@link BodyReader#PATIENCE}. */
public class BodyTooLateException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public BodyTooLateException() {
        super("the body did not end within " + BodyReader.PATIENCE.toSeconds() + " s");
    }
}
