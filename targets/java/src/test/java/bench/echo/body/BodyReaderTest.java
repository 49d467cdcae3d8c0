package bench.echo.body;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.web.MockHttpServletRequest;

class BodyReaderTest {

    private final BodyReader bodies = new BodyReader();

    private static byte[] random(int size) {
        byte[] body = new byte[size];
        new Random(size).nextBytes(body);
        return body;
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 16_383, 16_384, 16_385, 100_000, BodyReader.LIMIT})
    void aBodyIsReadWholeWithOrWithoutItsLength(int size) throws IOException {
        byte[] body = random(size);
        MockHttpServletRequest announced = new MockHttpServletRequest();
        announced.setContent(body);
        assertThat(announced.getContentLengthLong()).isEqualTo(size);
        assertThat(bodies.read(announced)).isEqualTo(body);
        assertThat(bodies.read(new Chunked(body))).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(ints = {BodyReader.LIMIT + 1, 2 * BodyReader.LIMIT})
    void aBodyBeyondTheLimitIsRefused(int size) {
        MockHttpServletRequest announced = new MockHttpServletRequest();
        announced.setContent(new byte[size]);
        assertThatThrownBy(() -> bodies.read(announced)).isInstanceOf(BodyTooLargeException.class);
        assertThatThrownBy(() -> bodies.read(new Chunked(new byte[size]))).isInstanceOf(BodyTooLargeException.class);
    }

    /** A request whose body has no announced length. */
    private static class Chunked extends MockHttpServletRequest {

        Chunked(byte[] body) {
            setContent(body);
        }

        @Override
        public long getContentLengthLong() {
            return -1;
        }
    }
}
