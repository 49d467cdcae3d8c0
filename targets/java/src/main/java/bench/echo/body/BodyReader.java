package bench.echo.body;

import bench.echo.gzip.Decompressor;
import bench.echo.gzip.NotGzipException;
import bench.echo.gzip.TooMuchInGzipException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.Enumeration;
import org.springframework.http.HttpHeaders;
import org.springframework.stereotype.Component;

/** Reads the whole body of a request, within the limits of size and time. */
@Component
public class BodyReader {

    /** The largest body that is read, in bytes. */
    public static final int LIMIT = 1 << 20;

    /**
     * The longest that a body may take after its header. Tomcat limits each wait for bytes to the same time (see
     * {@code TomcatConfiguration}); this limits their sum, for a body that trickles.
     */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final int FIRST_BUFFER = 16 * 1024;

    /**
     * The body's bytes, decompressed if they came in gzip. The limit is for what is sent and for what it becomes.
     *
     * @throws UnknownEncodingException before anything is read if the body is encoded otherwise
     * @throws BodyTooLargeException before anything is read if the size is announced, else when the limit is passed
     * @throws BodyTooLateException if bytes still come when the time is up
     * @throws NotGzipException if the body is not gzip and should be
     * @throws TooMuchInGzipException once the limit is passed by what is decompressed
     * @throws IOException if the body cannot be read to its end
     */
    public byte[] read(HttpServletRequest request) throws IOException {
        boolean isGzip = isGzip(request);
        byte[] body = readAsSent(request);
        return isGzip ? Decompressor.decompress(body, LIMIT) : body;
    }

    private static boolean isGzip(HttpServletRequest request) {
        Enumeration<String> encodings = request.getHeaders(HttpHeaders.CONTENT_ENCODING);
        if (!encodings.hasMoreElements()) {
            return false;
        }
        String encoding = encodings.nextElement().strip();
        // Several headers are a list of encodings, one on top of the other.
        if (!encodings.hasMoreElements()) {
            if (encoding.equalsIgnoreCase("gzip")) {
                return true;
            }
            if (encoding.isEmpty() || encoding.equalsIgnoreCase("identity")) {
                return false;
            }
        }
        throw new UnknownEncodingException();
    }

    private static byte[] readAsSent(HttpServletRequest request) throws IOException {
        long announced = request.getContentLengthLong();
        if (announced > LIMIT) {
            throw new BodyTooLargeException();
        }
        long started = System.nanoTime();
        InputStream body = request.getInputStream();
        // The buffer grows with what has come, not with what was announced: that costs a client nothing.
        byte[] buffer = new byte[announced < 0 ? FIRST_BUFFER : (int) Math.min(announced, FIRST_BUFFER)];
        int length = 0;
        while (length != announced) {
            if (length == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(2 * length, announced < 0 ? LIMIT + 1 : (int) announced));
            }
            int count = body.read(buffer, length, buffer.length - length);
            if (count < 0) {
                break;
            }
            length += count;
            if (length > LIMIT) {
                throw new BodyTooLargeException();
            }
            if (System.nanoTime() - started > PATIENCE.toNanos()) {
                throw new BodyTooLateException();
            }
        }
        return length == buffer.length ? buffer : Arrays.copyOf(buffer, length);
    }
}
