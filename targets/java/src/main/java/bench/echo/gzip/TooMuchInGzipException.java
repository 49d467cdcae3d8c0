package bench.echo.gzip;

/** What is compressed is larger than the limit; the rest of it was not unpacked. */
public class TooMuchInGzipException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooMuchInGzipException(int limit) {
        super("the decompressed body is larger than " + limit + " bytes");
    }
}
