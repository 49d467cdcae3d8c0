package bench.echo.gzip;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * From gzip (RFC 1952) to bytes, for one member that must end where the array does. The JDK's {@code GZIPInputStream}
 * ignores whatever follows a member, and takes further members for more of the same.
 */
public final class Decompressor {

    private static final int TRAILER_BYTES = 8;
    private static final int FIRST_BUFFER = 4096;

    private Decompressor() {}

    /**
     * The bytes that were compressed.
     *
     * @param limit how many there may be
     * @throws NotGzipException if it is not gzip, ends early, has a wrong checksum or length, or goes on after its end
     * @throws TooMuchInGzipException as soon as there are more than the limit
     */
    public static byte[] decompress(byte[] gzip, int limit) {
        int start = GzipHeader.length(gzip);
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(gzip, start, gzip.length - start);
            byte[] bytes = inflate(inflater, limit);
            int rest = inflater.getRemaining();
            if (rest != TRAILER_BYTES) {
                throw new NotGzipException(rest < TRAILER_BYTES ? "it ends early" : "something follows its end");
            }
            requireChecksum(gzip, bytes);
            return bytes;
        } catch (DataFormatException e) {
            throw new NotGzipException(e.getMessage() == null ? "malformed" : e.getMessage());
        } finally {
            inflater.end();
        }
    }

    private static byte[] inflate(Inflater inflater, int limit) throws DataFormatException {
        byte[] bytes = new byte[Math.min(FIRST_BUFFER, limit + 1)];
        int length = 0;
        while (!inflater.finished()) {
            if (length == bytes.length) {
                // One byte beyond the limit is enough to know.
                bytes = Arrays.copyOf(bytes, Math.min(2 * length, limit + 1));
            }
            length += inflater.inflate(bytes, length, bytes.length - length);
            if (length > limit) {
                throw new TooMuchInGzipException(limit);
            }
            if (length < bytes.length && !inflater.finished()) {
                // There was room left: the input is used up.
                throw new NotGzipException("it ends early");
            }
        }
        return Arrays.copyOf(bytes, length);
    }

    private static void requireChecksum(byte[] gzip, byte[] bytes) {
        CRC32 checksum = new CRC32();
        checksum.update(bytes);
        int trailer = gzip.length - TRAILER_BYTES;
        if (littleEndian(gzip, trailer) != (int) checksum.getValue()) {
            throw new NotGzipException("the checksum is wrong");
        }
        if (littleEndian(gzip, trailer + Integer.BYTES) != bytes.length) {
            throw new NotGzipException("the length is wrong");
        }
    }

    private static int littleEndian(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }
}
