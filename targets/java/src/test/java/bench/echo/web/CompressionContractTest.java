package bench.echo.web;

import static bench.echo.web.RawClient.post;
import static bench.echo.web.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.gzip.Compressor;
import bench.echo.web.RawClient.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compression in both directions over real sockets. */
class CompressionContractTest extends ServerTest {

    private static byte[] gzip(String text) {
        return Compressor.compress(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(Answer answer) throws IOException {
        try (GZIPInputStream text = new GZIPInputStream(new ByteArrayInputStream(answer.bytes()))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String accepting(String request) {
        return request.replaceFirst("\r\n", "\r\nAccept-Encoding: br, gzip\r\n");
    }

    private Answer send(String path, String encoding, byte[] body) throws IOException {
        return send(connect(), path, encoding, body);
    }

    private static Answer send(RawClient client, String path, String encoding, byte[] body) throws IOException {
        String head = "POST %s HTTP/1.1\r\nHost: test\r\n%s\r\nContent-Length: %d\r\n\r\n";
        return client.send(head.formatted(path, encoding, body.length))
                .send(body)
                .answer();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZIP", " gzip "})
    void aCompressedBodyIsReadAsWhatItWas(String encoding) throws IOException {
        Answer answer = send("/echo", "Content-Encoding: " + encoding, gzip("[\"é\", 1]"));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("[\"é\",1]");
        assertThat(answer.headers()).doesNotContainKey("content-encoding");
    }

    @Test
    void everyEndpointDecompresses() throws IOException {
        String id = "t-" + UUID.randomUUID();
        String transaction = "{\"id\":\"" + id + "\",\"from\":\"acct-0400\",\"to\":\"acct-0401\",\"amount\":1}";
        String header = "Content-Encoding: gzip";
        assertThat(send("/tx", header, gzip(transaction)).body()).contains(id);
        assertThat(send("/tx/batch", header, gzip("[" + transaction + "]")).body())
                .contains(id);
        assertThat(send("/login", header, gzip("{\"username\":\"x\",\"password\":\"y\"}"))
                        .status())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "Identity", ""})
    void identityIsNoEncoding(String encoding) throws IOException {
        assertThat(send("/echo", "Content-Encoding: " + encoding, new byte[] {'7'})
                        .body())
                .isEqualTo("7");
    }

    @Test
    void whatIsNotGzipIs400() throws IOException {
        byte[] whole = gzip("[1]");
        String header = "Content-Encoding: gzip";
        assertError(send("/echo", header, new byte[0]), 400);
        assertError(send("/echo", header, "[1]".getBytes(StandardCharsets.UTF_8)), 400);
        assertError(send("/echo", header, Arrays.copyOf(whole, whole.length - 1)), 400);
        assertError(send("/echo", header, Arrays.copyOf(whole, whole.length + 1)), 400);
        assertError(send("/echo", header, gzip("[1")), 400);
    }

    @Test
    void aBodyMayBecomeAMebibyteAndNoMore() throws IOException {
        String most = "\"" + "x".repeat((1 << 20) - 2) + "\"";
        assertThat(send("/echo", "Content-Encoding: gzip", gzip(most)).body()).isEqualTo(most);
        Answer answer = send("/echo", "Content-Encoding: gzip", gzip(most + " "));
        assertError(answer, 413);
        assertThat(answer.closes()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Encoding: br",
                "Content-Encoding: x-gzip",
                "Content-Encoding: gzip, gzip",
                "Content-Encoding: gzip\r\nContent-Encoding: gzip",
                "Content-Encoding: identity\r\nContent-Encoding: gzip"
            })
    void otherEncodingsAre415AndTheConnectionStays(String header) throws IOException {
        RawClient client = connect();
        Answer answer = send(client, "/echo", header, gzip("[1]"));
        assertError(answer, 415);
        assertThat(answer.header("accept-encoding")).isEqualTo("gzip");
        assertThat(answer.closes()).isFalse();
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({"255, false", "256, true", "1000000, true"})
    void answersFrom256BytesAreCompressedIfAsked(int size, boolean compressed) throws IOException {
        String body = "\"" + "x".repeat(size - 2) + "\"";
        RawClient client = connect();
        Answer plain = client.echo(body);
        assertThat(plain.body()).isEqualTo(body);
        assertThat(plain.headers()).doesNotContainKey("content-encoding");
        Answer answer = client.send(accepting(post("/echo", body))).answer();
        assertThat(answer.header("content-encoding")).isEqualTo(compressed ? "gzip" : null);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.headers()).doesNotContainKey("transfer-encoding");
        assertThat(compressed ? text(answer) : answer.body()).isEqualTo(body);
        if (compressed) {
            assertThat(answer.header("vary")).isEqualTo("Accept-Encoding");
            assertThat(answer.bytes().length).isLessThan(size);
        }
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @Test
    void errorsAndHeadsAreCompressedToo() throws IOException {
        RawClient client = connect();
        String path = "/" + "x".repeat(300);
        Answer error = client.send(accepting(request("GET", path))).answer();
        assertThat(error.status()).isEqualTo(404);
        assertThat(text(error)).contains(path);
        Answer head = client.send(accepting(request("HEAD", path))).head();
        assertThat(head.headers().keySet()).isEqualTo(error.headers().keySet());
        assertThat(head.header("content-length")).isEqualTo(error.header("content-length"));
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @Test
    void anOpenConnectionMayMixThem() throws IOException {
        RawClient client = connect();
        String body = "[\"" + "y".repeat(300) + "\"]";
        for (int round = 0; round < 20; round++) {
            Answer both = send(client, "/echo", "Content-Encoding: gzip\r\nAccept-Encoding: gzip;q=0.1", gzip(body));
            assertThat(text(both)).isEqualTo(body);
            assertThat(client.echo(body).body()).isEqualTo(body);
        }
    }
}
