package bench.echo.web;

import static bench.echo.web.RawClient.post;
import static bench.echo.web.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient.Answer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code /metrics} says, over real sockets. */
class MetricsContractTest extends ServerTest {

    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+(?:\\{[^}]*(?:\\{id}[^}]*)?})?) (\\S+)");
    private static final String DURATION = "api_request_duration_seconds_";

    /** Every sample by its name and labels. */
    private Map<String, Double> samples() throws IOException {
        Answer answer = connect().send(request("GET", "/metrics")).answer();
        assertThat(answer.status()).isEqualTo(200);
        Map<String, Double> samples = new HashMap<>();
        for (String line : answer.body().split("\n")) {
            if (!line.startsWith("#")) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                assertThat(samples.put(sample.group(1), Double.valueOf(sample.group(2))))
                        .as(line)
                        .isNull();
            }
        }
        return samples;
    }

    private static String requests(String method, String endpoint, int status) {
        return "api_requests_total{endpoint=\"%s\",method=\"%s\",status=\"%d\"}".formatted(endpoint, method, status);
    }

    private static String labels(String method, String endpoint) {
        return "{endpoint=\"%s\",method=\"%s\"}".formatted(endpoint, method);
    }

    @Test
    void theTextHasTheCollectorsOfTheLibrary() throws IOException {
        Answer answer = connect().send(request("GET", "/metrics")).answer();
        assertThat(answer.header("content-type")).startsWith("text/plain").contains("version=0.0.4");
        assertThat(answer.body())
                .contains("# TYPE api_requests_total counter\n", "# TYPE api_request_duration_seconds histogram\n");
        assertThat(samples().keySet())
                .contains(
                        "process_cpu_seconds_total",
                        "process_resident_memory_bytes",
                        "process_start_time_seconds",
                        "jvm_threads_current",
                        "jvm_memory_used_bytes{area=\"heap\"}")
                .anyMatch(name -> name.startsWith("jvm_gc_collection_seconds_count{"));
    }

    @Test
    void headAndMethodsAreAsElsewhere() throws IOException {
        RawClient client = connect();
        assertThat(client.send(request("HEAD", "/metrics")).head().header("content-type"))
                .startsWith("text/plain");
        assertError(client.send(post("/metrics", "{}")).answer(), 405);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /healthz, 0, GET, /healthz, 200",
        "HEAD, /healthz?x=1, 0, HEAD, /healthz, 200",
        "POST, /echo, 1, POST, /echo, 200",
        "POST, /echo, [, POST, /echo, 400",
        "POST, /tx, {}, POST, /tx, 400",
        "POST, /login, '{\"username\":\"\",\"password\":\"\"}', POST, /login, 401",
        "GET, /accounts/acct-0001, 0, GET, /accounts/{id}, 200",
        "GET, /accounts/nobody, 0, GET, /accounts/{id}, 404",
        "GET, /echo, 0, other, /echo, 405",
        "FOO, /accounts/nobody, 0, other, /accounts/{id}, 405",
        "GET, /nope, 0, other, other, 404",
        "BAR, /accounts/x/y, 0, other, other, 404",
        "TRACE, /echo, 0, other, /echo, 405"
    })
    void everyRequestIsCountedOnce(String method, String path, String body, String label, String endpoint, int status)
            throws Exception {
        String counter = requests(label, endpoint, status);
        String count = DURATION + "count" + labels(label, endpoint);
        Map<String, Double> before = samples();
        RawClient client = connect();
        String text = "%s %s HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n%s";
        // Tomcat refuses a TRACE with a body by itself.
        client.send(method.equals("TRACE") ? request(method, path) : text.formatted(method, path, body.length(), body));
        assertThat(client.head().status()).isEqualTo(status);
        TimeUnit.MILLISECONDS.sleep(100);
        Map<String, Double> after = samples();
        assertThat(after.get(counter)).isEqualTo(before.getOrDefault(counter, 0.0) + 1);
        assertThat(after.get(count)).isEqualTo(before.getOrDefault(count, 0.0) + 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n[1]\r\n0\r\n\r\n", "-1\r\n"})
    void whatTomcatReportsIsCountedAsItIsAnswered(String chunks) throws Exception {
        String counter = requests("POST", "/echo", 400);
        double before = samples().getOrDefault(counter, 0.0);
        RawClient client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        assertError(client.answer(), 400);
        TimeUnit.MILLISECONDS.sleep(100);
        assertThat(samples().get(counter)).isEqualTo(before + 1);
    }

    @Test
    void theBucketsAreThoseOfTheContractAndHoldTheWait() throws Exception {
        connect().send(request("GET", "/nope")).answer();
        RawClient client = connect();
        String labels = labels("POST", "/echo");
        double sum = samples().getOrDefault(DURATION + "sum" + labels, 0.0);
        double slow = slowEchoes();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        // The server has begun with the request.
        assertThat(client.head().status()).isEqualTo(100);
        TimeUnit.MILLISECONDS.sleep(400);
        client.send("1");
        assertThat(client.answer().body()).isEqualTo("1");
        TimeUnit.MILLISECONDS.sleep(100);
        Map<String, Double> samples = samples();
        assertThat(samples.get(DURATION + "sum" + labels)).isGreaterThan(sum + 0.4);
        assertThat(slowEchoes()).isEqualTo(slow + 1);
        Pattern bound = Pattern.compile(
                Pattern.quote(DURATION + "bucket{endpoint=\"other\",method=\"other\",le=\"") + "([^\"]+)\"}");
        TreeSet<Double> bounds = new TreeSet<>();
        for (String name : samples.keySet()) {
            Matcher matcher = bound.matcher(name);
            if (matcher.matches()) {
                bounds.add(Double.valueOf(matcher.group(1).replace("+Inf", "Infinity")));
            }
        }
        assertThat(bounds)
                .containsExactlyElementsOf(List.of(
                        0.0005,
                        0.001,
                        0.0025,
                        0.005,
                        0.01,
                        0.025,
                        0.05,
                        0.1,
                        0.3,
                        0.5,
                        1.0,
                        3.0,
                        Double.POSITIVE_INFINITY));
    }

    /** How many took more than 0.3 s. */
    private double slowEchoes() throws IOException {
        Map<String, Double> samples = samples();
        String prefix = DURATION + "bucket{endpoint=\"/echo\",method=\"POST\",le=\"";
        return samples.getOrDefault(prefix + "+Inf\"}", 0.0) - samples.getOrDefault(prefix + "0.3\"}", 0.0);
    }

    @Test
    void nothingThatAClientSendsBecomesALabel() throws Exception {
        connect().send(request("GET", "/nope")).answer();
        connect().send(request("BAZ", "/echo")).answer();
        connect().send(request("GET", "/accounts/nobody")).answer();
        samples();
        TimeUnit.MILLISECONDS.sleep(100);
        var before = samples().keySet();
        for (int number = 0; number < 50; number++) {
            RawClient client = connect();
            client.send(request("GET", "/nope" + number)).answer();
            client.send(request("BAZ" + number, "/echo?" + number)).answer();
            client.send(request("GET", "/accounts/nobody" + number)).answer();
        }
        TimeUnit.MILLISECONDS.sleep(100);
        TreeSet<String> fresh = new TreeSet<>(samples().keySet());
        fresh.removeAll(before);
        assertThat(fresh).allMatch(name -> name.startsWith("jvm_"));
    }
}
