package bench.echo.process;

import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient;
import java.util.Collections;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the environment says, and what is made of nonsense in it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class VariablesIT {

    @ParameterizedTest
    @CsvSource({
        "LEDGER_ACK, Sealed",
        "LEDGER_ACK, ''",
        "NODE_SECRET,",
        "NODE_SECRET, 0123456789abcdef0123456789abcde",
        "NODE_USERS, bench:secret"
    })
    void aVariableThatIsNoUseIsNamedAndEndsTheProcess(String name, String value) throws Exception {
        try (ServerProcess server = new ServerProcess(0, Collections.singletonMap(name, value))) {
            assertThat(server.errors()).contains(name);
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.line()).isNull();
        }
    }

    @Test
    void receiptsCanBeGivenAtOnce() throws Exception {
        try (ServerProcess server = new ServerProcess(0, Map.of("LEDGER_ACK", "accepted"));
                RawClient client = new RawClient(ServerProcessIT.port(server.line()))) {
            String body = "{\"id\":\"t-1\",\"from\":\"acct-0000\",\"to\":\"acct-0001\",\"amount\":5}";
            assertThat(client.send(RawClient.post("/tx", body)).answer().body())
                    .contains("\"status\":\"accepted\"", "\"block\":1", "\"index\":0");
        }
    }
}
