package bench.echo.process;

import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ServerProcessIT {

    private static final Pattern LISTENING = Pattern.compile(
            "listening on http://127\\.0\\.0\\.1:(\\d+) with \\d+ processors, Java .+, platform threads");

    static int port(String line) {
        Matcher matcher = LISTENING.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return Integer.parseInt(matcher.group(1));
    }

    @Test
    void oneLineTellsTheHeapAndTheCollector() throws Exception {
        try (ServerProcess server = new ServerProcess(0, "-Xms64m", "-Xmx64m", "-XX:+UseSerialGC")) {
            String line = server.line();
            assertThat(line).contains("heap 64 to 6", "Copy + MarkSweepCompact");
            try (RawClient client = new RawClient(port(line))) {
                assertThat(client.echo("[1]").body()).isEqualTo("[1]");
                assertThat(client.echo("[").status()).isEqualTo(400);
            }
            server.signal("TERM");
            assertThat(server.exitCode()).isZero();
            assertThat(server.line()).isNull();
            assertThat(server.errors()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalLetsARequestInFlightEndAndExitsWithZero(String signal) throws Exception {
        try (ServerProcess server = new ServerProcess(0)) {
            int port = port(server.line());
            try (RawClient idle = new RawClient(port);
                    RawClient busy = new RawClient(port)) {
                assertThat(idle.echo("1").status()).isEqualTo(200);
                busy.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
                assertThat(busy.head().status()).isEqualTo(100);
                server.signal(signal);
                TimeUnit.MILLISECONDS.sleep(1000);
                assertThat(server.isAlive()).isTrue();
                assertThat(busy.send("[1]").answer().body()).isEqualTo("[1]");
                assertThat(server.exitCode()).isZero();
                assertThat(idle.isClosed()).isTrue();
            }
        }
    }

    @Test
    void aRequestThatNeverEndsDoesNotKeepTheProcess() throws Exception {
        try (ServerProcess server = new ServerProcess(0)) {
            try (RawClient client = new RawClient(port(server.line()))) {
                client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
                assertThat(client.head().status()).isEqualTo(100);
                long started = System.nanoTime();
                server.signal("TERM");
                assertThat(server.exitCode()).isZero();
                assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started))
                        .isBetween(4L, 12L);
            }
        }
    }

    @Test
    void aPortInUseIsAnErrorOnStandardError() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerProcess server = new ServerProcess(taken.getLocalPort())) {
            assertThat(server.errors()).contains("already in use");
            assertThat(server.exitCode()).isEqualTo(1);
            assertThat(server.line()).isNull();
        }
    }
}
