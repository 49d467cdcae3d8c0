package bench.echo.web;

import static bench.echo.web.RawClient.post;
import static bench.echo.web.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The ledger over real sockets. */
class LedgerContractTest extends ServerTest {

    private static JsonNode json(Answer answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String freshId() {
        return "t-" + UUID.randomUUID();
    }

    private static String transaction(String id, String from, String to, String amount) {
        return "{\"id\":\"%s\",\"from\":\"%s\",\"to\":\"%s\",\"amount\":%s}".formatted(id, from, to, amount);
    }

    private JsonNode get(String path) throws IOException {
        Answer answer = connect().send(request("GET", path)).answer();
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        return json(answer);
    }

    @Test
    void aReceiptTellsThePlaceInAChainThatCanBeRead() throws IOException {
        long before = get("/accounts/acct-0042").get("balance").longValue();
        String id = freshId();
        RawClient client = connect();
        Answer answer = client.send(post("/tx?x=1", transaction(id, "acct-0042", "acct-0043", "5e0")))
                .answer();
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        JsonNode receipt = json(answer);
        assertThat(receipt.propertyNames()).containsExactlyInAnyOrder("id", "status", "block", "index");
        assertThat(receipt.get("id").stringValue()).isEqualTo(id);
        assertThat(receipt.get("status").stringValue()).isEqualTo("committed");
        int height = receipt.get("block").intValue();

        JsonNode blocks = get("/blocks?limit=1&from=" + height).get("blocks");
        assertThat(blocks).hasSize(1);
        JsonNode transaction =
                blocks.get(0).get("transactions").get(receipt.get("index").intValue());
        assertThat(transaction).isEqualTo(JsonMapper.shared().readTree(transaction(id, "acct-0042", "acct-0043", "5")));
        assertThat(get("/ledger").get("height").intValue()).isGreaterThanOrEqualTo(height);
        assertThat(get("/accounts/acct-0042").get("balance").longValue()).isEqualTo(before - 5);

        client.send(post("/tx", transaction(id, "nobody", "nobody", "-1")));
        assertThat(json(client.answer())).isEqualTo(receipt);
        assertThat(get("/accounts/acct-0042").get("balance").longValue()).isEqualTo(before - 5);
    }

    @ParameterizedTest
    @CsvSource({
        "acct-0000, acct-0001, 0.5, amount must be a positive integer",
        "acct-0000, acct-1000, 1, unknown account",
        "acct-0000, acct-0000, 1, same account",
        "acct-0000, acct-0001, 9007199254740991, insufficient funds"
    })
    void aRefusalIs422AndTheConnectionStays(String from, String to, String amount, String error) throws IOException {
        RawClient client = connect();
        Answer answer = client.send(post("/tx", transaction(freshId(), from, to, amount)))
                .answer();
        assertError(answer, 422);
        assertThat(answer.body()).isEqualTo("{\"error\":\"" + error + "\"}");
        assertThat(answer.closes()).isFalse();
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @Test
    void aBatchIsAnsweredInItsOrder() throws IOException {
        String first = freshId();
        String second = freshId();
        String body = "[" + transaction(first, "acct-0100", "acct-0101", "1") + ","
                + transaction(second, "acct-0100", "acct-0100", "1") + ","
                + transaction(first, "acct-0100", "acct-0101", "1") + "]";
        JsonNode results = json(connect().send(post("/tx/batch", body)).answer());
        assertThat(results).hasSize(3);
        assertThat(results.get(0).get("status").stringValue()).isEqualTo("committed");
        assertThat(results.get(2)).isEqualTo(results.get(0));
        assertThat(results.get(1))
                .isEqualTo(JsonMapper.shared()
                        .readTree("{\"id\":\"" + second + "\",\"status\":\"refused\",\"error\":\"same account\"}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "[]", "{\"id\":7}", ""})
    void whatIsNoTransactionIs400(String body) throws IOException {
        assertError(connect().send(post("/tx", body)).answer(), 400);
        assertError(connect().send(post("/tx/batch", body)).answer(), 400);
    }

    @Test
    void aBatchWithOneMalformedElementMovesNothing() throws IOException {
        String id = freshId();
        String good = transaction(id, "acct-0200", "acct-0201", "1");
        assertError(connect().send(post("/tx/batch", "[" + good + ",{}]")).answer(), 400);
        assertThat(get("/accounts/acct-0200").get("balance").longValue()).isEqualTo(1_000_000);
        assertThat(connect().send(post("/tx", good)).answer().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from=0",
                "limit=0",
                "limit=1001",
                "from=",
                "limit=",
                "from=-1",
                "from=%2B1",
                "from=1.0",
                "from=a",
                "from=1&from=2",
                "from=%zz",
                "limit=99999999999999999999"
            })
    void otherQueriesOfBlocksAre400(String query) throws IOException {
        assertError(connect().send(request("GET", "/blocks?" + query)).answer(), 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"from=2147483648", "from=9223372036854775807", "from=99999999999999999999&limit=1000"})
    void beyondTheLastBlockIsNothing(String query) throws IOException {
        assertThat(get("/blocks?" + query).get("blocks")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/accounts/acct-1000", "/accounts/x", "/accounts/", "/accounts", "/accounts/acct-0000/"})
    void otherAccountsAre404(String path) throws IOException {
        RawClient client = connect();
        assertError(client.send(request("GET", path)).answer(), 404);
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ledger", "/blocks", "/accounts/acct-0000"})
    void whatIsReadAnswersHeadAndNothingElse(String path) throws IOException {
        RawClient client = connect();
        Answer get = client.send(request("GET", path)).answer();
        assertThat(get.status()).isEqualTo(200);
        Answer head = client.send(request("HEAD", path)).head();
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
        Answer refused = client.send(post(path, "{}")).answer();
        assertError(refused, 405);
        assertThat(refused.header("allow")).isEqualTo("GET, HEAD");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/tx", "/tx/batch"})
    void whatIsWrittenIsPosted(String path) throws IOException {
        Answer refused = connect().send(request("GET", path)).answer();
        assertError(refused, 405);
        assertThat(refused.header("allow")).isEqualTo("POST");
    }

    /** Retries of one id are the only requests that can wait in any number: more of them than there are threads. */
    @Test
    void moreWaitThanThereAreThreads() throws IOException {
        String request = post("/tx", transaction(freshId(), "acct-0300", "acct-0301", "1"));
        List<RawClient> waiting = new ArrayList<>();
        for (int number = 0; number < 300; number++) {
            waiting.add(connect().send(request));
        }
        String body = waiting.get(0).answer().body();
        for (RawClient client : waiting.subList(1, waiting.size())) {
            assertThat(client.answer().body()).isEqualTo(body);
        }
        assertThat(get("/accounts/acct-0300").get("balance").longValue()).isEqualTo(999_999);
    }
}
