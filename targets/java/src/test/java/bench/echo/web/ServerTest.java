package bench.echo.web;

import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;

/**
 * A test over real sockets, against the server as it is configured. One server serves all such classes, so that nothing
 * may be taken for granted of its ledger and its counters but what a test has done itself.
 */
@SpringBootTest(webEnvironment = WebEnvironment.RANDOM_PORT, properties = "server.address=127.0.0.1")
@Timeout(value = 60, unit = TimeUnit.SECONDS)
abstract class ServerTest {

    @LocalServerPort
    private int port;

    private final List<RawClient> clients = new ArrayList<>();

    final RawClient connect() throws IOException {
        RawClient client = new RawClient(port);
        clients.add(client);
        return client;
    }

    @AfterEach
    void closeClients() throws IOException {
        for (RawClient client : clients) {
            client.close();
        }
    }

    static void assertError(Answer answer, int status) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.body()).matches("(?s)\\{\"error\":\".+\"}");
    }
}
