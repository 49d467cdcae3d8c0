package bench.echo.gzip;

import java.util.zip.CRC32;

/** The header of a gzip member: ten bytes, and what its flags say that follows them (RFC 1952, section 2.3). */
final class GzipHeader {

    private static final int FIXED_BYTES = 10;
    private static final int DEFLATE = 8;

    private static final int CHECKSUM = 1 << 1;
    private static final int EXTRA = 1 << 2;
    private static final int NAME = 1 << 3;
    private static final int COMMENT = 1 << 4;
    private static final int RESERVED = 0xe0;

    private final byte[] gzip;
    private int at = FIXED_BYTES;

    private GzipHeader(byte[] gzip) {
        this.gzip = gzip;
    }

    /** How many bytes the header has. */
    static int length(byte[] gzip) {
        if (gzip.length < FIXED_BYTES
                || (gzip[0] & 0xff) != 0x1f
                || (gzip[1] & 0xff) != 0x8b
                || gzip[2] != DEFLATE
                || (gzip[3] & RESERVED) != 0) {
            throw new NotGzipException("it does not begin as gzip does");
        }
        return new GzipHeader(gzip).skipOptions(gzip[3]);
    }

    private int skipOptions(int flags) {
        if ((flags & EXTRA) != 0) {
            skip(twoBytes());
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & CHECKSUM) != 0) {
            CRC32 checksum = new CRC32();
            checksum.update(gzip, 0, at);
            if (twoBytes() != (checksum.getValue() & 0xffff)) {
                throw new NotGzipException("the header's checksum is wrong");
            }
        }
        return at;
    }

    private int twoBytes() {
        skip(2);
        return (gzip[at - 2] & 0xff) | (gzip[at - 1] & 0xff) << 8;
    }

    private void skipText() {
        do {
            skip(1);
        } while (gzip[at - 1] != 0);
    }

    private void skip(int bytes) {
        if (bytes > gzip.length - at) {
            throw new NotGzipException("it ends early");
        }
        at += bytes;
    }
}
