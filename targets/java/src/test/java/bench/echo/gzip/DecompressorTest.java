package bench.echo.gzip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DecompressorTest {

    private static final int LIMIT = 1 << 20;

    /** "[1]" with each optional field of the header, made with Python's zlib. */
    private static final String FULL_HEADER =
            "1f8b081f0700000000ff050061620063646e616d65006f6620776861740054328b368c0500b8322f4c03000000";

    private static final byte[] SMALL = Compressor.compress("{\"a\":[1,2.5]}".getBytes(StandardCharsets.UTF_8));

    private static byte[] random(int size) {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4095, 4096, 4097, 8192, 100_000, LIMIT})
    void bytesComeBack(int size) {
        for (byte[] bytes : new byte[][] {random(size), new byte[size]}) {
            assertThat(Decompressor.decompress(Compressor.compress(bytes), LIMIT))
                    .isEqualTo(bytes);
        }
    }

    @Test
    void everyFieldOfAHeaderIsSkipped() {
        byte[] gzip = HexFormat.of().parseHex(FULL_HEADER);
        assertThat(Decompressor.decompress(gzip, LIMIT)).isEqualTo("[1]".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void moreThanTheLimitIsRefused() {
        for (byte[] bytes : new byte[][] {random(LIMIT + 1), new byte[LIMIT + 1], new byte[64 * LIMIT]}) {
            byte[] gzip = Compressor.compress(bytes);
            assertThatThrownBy(() -> Decompressor.decompress(gzip, LIMIT)).isInstanceOf(TooMuchInGzipException.class);
        }
    }

    @Test
    void whatIsBeyondTheLimitIsNotUnpacked() {
        byte[] gzip = Compressor.compress(new byte[4 * LIMIT]);
        Arrays.fill(gzip, gzip.length - 100, gzip.length, (byte) 0xff);
        assertThatThrownBy(() -> Decompressor.decompress(gzip, LIMIT)).isInstanceOf(TooMuchInGzipException.class);
    }

    static Stream<byte[]> cutOff() {
        return Stream.of(SMALL, HexFormat.of().parseHex(FULL_HEADER))
                .flatMap(gzip -> Stream.iterate(0, length -> length < gzip.length, length -> length + 1)
                        .map(length -> Arrays.copyOf(gzip, length)));
    }

    @ParameterizedTest
    @MethodSource
    void cutOff(byte[] gzip) {
        assertThatThrownBy(() -> Decompressor.decompress(gzip, LIMIT)).isInstanceOf(NotGzipException.class);
    }

    @Test
    void noBitBesidesTheOnesWithoutMeaningMayBeWrong() {
        // Bytes 4 to 9 are the time, hints and the system; bit 0 of the flags says that it is text.
        // The last byte before the checksum is filled up with bits that nobody reads.
        int lastOfDeflate = SMALL.length - 9;
        for (int bit = 0; bit < SMALL.length * 8; bit++) {
            if (bit / 8 == lastOfDeflate) {
                continue;
            }
            boolean hasMeaning = bit / 8 < 4 && bit != 24 || bit / 8 >= 10;
            byte[] gzip = SMALL.clone();
            gzip[bit / 8] ^= (byte) (1 << bit % 8);
            if (hasMeaning) {
                assertThatThrownBy(() -> Decompressor.decompress(gzip, LIMIT))
                        .as("bit " + bit)
                        .isInstanceOf(NotGzipException.class);
            } else {
                assertThat(Decompressor.decompress(gzip, LIMIT)).hasSize(13);
            }
        }
    }

    @Test
    void nothingMayFollow() {
        byte[] two = Arrays.copyOf(SMALL, 2 * SMALL.length);
        System.arraycopy(SMALL, 0, two, SMALL.length, SMALL.length);
        for (byte[] gzip : new byte[][] {two, Arrays.copyOf(SMALL, SMALL.length + 1)}) {
            assertThatThrownBy(() -> Decompressor.decompress(gzip, LIMIT))
                    .isInstanceOf(NotGzipException.class)
                    .hasMessageContaining("follows");
        }
    }

    @Test
    void otherFormatsAreNotGzip() {
        for (String hex : new String[] {"", "5b315d", "78da8b3688050000e2009f", "1f8b", "504b0304140000000800"}) {
            assertThatThrownBy(() -> Decompressor.decompress(HexFormat.of().parseHex(hex), LIMIT))
                    .isInstanceOf(NotGzipException.class);
        }
    }
}
