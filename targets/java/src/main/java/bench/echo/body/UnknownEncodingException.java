package bench.echo.body;

/** The body has an encoding that is not decoded here. */
public class UnknownEncodingException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnknownEncodingException() {
        super("a body may be encoded with gzip, or not at all");
    }
}
