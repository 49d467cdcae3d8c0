package bench.echo.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EndpointTest {

    @ParameterizedTest
    @CsvSource({
        "/healthz, /healthz",
        "/echo, /echo",
        "/tx, /tx",
        "/tx/batch, /tx/batch",
        "/ledger, /ledger",
        "/blocks, /blocks",
        "/accounts/acct-0000, /accounts/{id}",
        "/accounts/x, /accounts/{id}",
        "/accounts/{id}, /accounts/{id}",
        "/login, /login",
        "/session, /session",
        "/metrics, /metrics",
        "/accounts, other",
        "/accounts/, other",
        "/accounts/x/, other",
        "/accounts/x/y, other",
        "/echo/, other",
        "/ECHO, other",
        "/, other",
        "'', other",
        "*, other",
        "other, other",
    })
    void everyPathHasItsLabel(String path, String label) {
        assertThat(Endpoint.of(path).label()).isEqualTo(label);
    }
}
