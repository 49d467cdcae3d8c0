package bench.echo.gzip;

/** Bytes that are not one whole gzip member and nothing else; the message says where they stop being one. */
public class NotGzipException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    NotGzipException(String problem) {
        super("not gzip: " + problem);
    }
}
