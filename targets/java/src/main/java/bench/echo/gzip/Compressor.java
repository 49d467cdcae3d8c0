package bench.echo.gzip;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.zip.GZIPOutputStream;

/**
 * From bytes to gzip. A deflater is made for each call: to keep some for reuse saved less than could be measured beside
 * what compressing 300 bytes takes.
 */
public final class Compressor {

    private static final int LEVEL = 6;

    private Compressor() {}

    public static byte[] compress(byte[] bytes) {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream(bytes.length / 2);
        try (OutputStream gzip = new AtLevel(compressed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory takes whatever is written", e);
        }
        return compressed.toByteArray();
    }

    private static final class AtLevel extends GZIPOutputStream {

        AtLevel(OutputStream out) throws IOException {
            super(out);
            def.setLevel(LEVEL);
        }
    }
}
