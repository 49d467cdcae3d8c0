package bench.echo.web;

import static bench.echo.web.RawClient.post;
import static bench.echo.web.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.web.RawClient.Answer;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Work, errors and HTTP: the contract over real sockets. */
class ContractTest extends ServerTest {

    private static final String CHUNKED = "POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";

    @Test
    void healthAnswersGetAndHeadWithTheSameHeaders() throws IOException {
        RawClient client = connect();
        Answer get = client.send(request("GET", "/healthz")).answer();
        assertThat(get.status()).isEqualTo(200);
        assertThat(get.body()).isEqualTo("{\"status\":\"ok\"}");
        Answer head = client.send(request("HEAD", "/healthz")).head();
        assertThat(head.headers().keySet()).isEqualTo(get.headers().keySet());
        assertThat(head.header("content-length")).isEqualTo("15");
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"null", "\"\"", "[]", "{}", "{\"a\":[1,2.5,\"é中😀\"]}", "\"\\u0000\"", "18446744073709551616"})
    void valuesComeBack(String text) throws IOException {
        Answer answer = connect().echo(text);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.headers()).doesNotContainKeys("transfer-encoding", "content-encoding");
        assertThat(answer.body()).isEqualTo(text);
    }

    @Test
    void nestingOfAHundredComesBackAndAMillionIsRefused() throws IOException {
        String deep = "[".repeat(100) + "]".repeat(100);
        assertThat(connect().echo(deep).body()).isEqualTo(deep);
        assertError(connect().echo("[".repeat(1_000_000)), 400);
        assertThat(connect().echo("1").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[1,]", "1 2", "{'a':1}", "NaN", "01", "[1e400]", "\"\t\""})
    void whatIsNotJsonIs400AndSaysWhere(String text) throws IOException {
        Answer answer = connect().echo(text);
        assertError(answer, 400);
        assertThat(answer.body()).contains("line 1 column");
    }

    @Test
    void bytesThatAreNotUtf8Are400() throws IOException {
        assertError(connect().send(post("/echo", "\"\u00c0\u00af\"")).answer(), 400);
        assertError(connect().send(post("/echo", "[\0001\000]\000")).answer(), 400);
    }

    /** Tomcat's own rule (400, 408, 413, 500 and others end the connection): a deviation that the README tells of. */
    @Test
    void tomcatClosesAfter400() throws IOException {
        RawClient client = connect();
        assertThat(client.echo("[").closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/nope",
                "/echo/",
                "/ECHO",
                "/healthz/",
                "/healthz/x",
                "//healthz",
                "/error",
                "/x/../healthz"
            })
    void otherPathsAre404WhateverTheMethod(String path) throws IOException {
        RawClient client = connect();
        for (String method : List.of("GET", "DELETE", "OPTIONS", "FOO")) {
            assertError(client.send(request(method, path)).answer(), 404);
        }
        assertError(client.send(post(path, "[1]")).answer(), 404);
        assertThat(client.send(request("GET", "/healthz?x=1")).answer().status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET     | /echo    | POST
                    PUT     | /echo    | POST
                    OPTIONS | /echo    | POST
                    FOO     | /echo    | POST
                    POST    | /healthz | GET, HEAD
                    PATCH   | /healthz | GET, HEAD
                    OPTIONS | /healthz | GET, HEAD
                    """)
    void otherMethodsAre405WithAllow(String method, String path, String allow) throws IOException {
        RawClient client = connect();
        client.send(method + " " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n[1]");
        Answer answer = client.answer();
        assertError(answer, 405);
        assertThat(answer.header("allow")).isEqualTo(allow);
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @Test
    void headOfEchoIs405WithoutABody() throws IOException {
        RawClient client = connect();
        assertThat(client.send(request("HEAD", "/echo")).head().status()).isEqualTo(405);
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: ;;;",
                "Content-Type: application/x-www-form-urlencoded",
                "Accept: text/html",
                "Accept: ;;;",
                "Content-Type: multipart/form-data; boundary=x",
                "Content-Type: text/plain; charset=utf-16",
                "Accept-Encoding: gzip",
                "Origin: http://elsewhere.test"
            })
    void typesAreNotLookedAt(String header) throws IOException {
        RawClient client = connect();
        String end = "\r\nHost: test\r\nContent-Length: 5\r\n\r\n";
        assertThat(client.send("POST /echo HTTP/1.1\r\n" + header + end + "{\"a\":1}".substring(0, 5))
                        .answer()
                        .status())
                .isEqualTo(400);
        assertThat(connect()
                        .send("POST /echo HTTP/1.1\r\n" + header + end + "\"a=b\"")
                        .answer()
                        .body())
                .isEqualTo("\"a=b\"");
        assertError(
                connect()
                        .send("POST /nope HTTP/1.1\r\n" + header + end + "\"a=b\"")
                        .answer(),
                404);
    }

    @Test
    void aConnectionServesManyRequests() throws IOException {
        RawClient client = connect();
        for (int number = 0; number < 300; number++) {
            Answer answer = client.echo(Integer.toString(number));
            assertThat(answer.body()).isEqualTo(Integer.toString(number));
            assertThat(answer.closes()).isFalse();
        }
    }

    @Test
    void pipelinedRequestsAreAnsweredInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        for (int number = 0; number < 100; number++) {
            requests.append(post("/echo", Integer.toString(number)));
        }
        RawClient client = connect().send(requests.toString());
        for (int number = 0; number < 100; number++) {
            assertThat(client.answer().body()).isEqualTo(Integer.toString(number));
        }
    }

    @Test
    void aWholeRequestIsAnsweredWhileTheNextIsCutOff() throws IOException {
        String next = post("/echo", "[2]");
        RawClient client = connect().send(post("/echo", "[1]") + next.substring(0, 20));
        assertThat(client.answer().body()).isEqualTo("[1]");
        assertThat(client.send(next.substring(20)).answer().body()).isEqualTo("[2]");
    }

    @Test
    void aRequestMayComeByteByByte() throws IOException {
        RawClient client = connect();
        for (char letter : post("/echo", "{\"a\":1}").toCharArray()) {
            client.send(String.valueOf(letter));
        }
        assertThat(client.answer().body()).isEqualTo("{\"a\":1}");
    }

    @Test
    void connectionCloseIsHonoured() throws IOException {
        RawClient client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: 1\r\n\r\n7");
        Answer answer = client.answer();
        assertThat(answer.body()).isEqualTo("7");
        assertThat(answer.closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void http10ClosesUnlessAskedToStay() throws IOException {
        RawClient client = connect();
        client.send("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
        Answer answer = client.answer();
        assertThat(answer.body()).isEqualTo("1");
        assertThat(answer.header("connection")).isEqualTo("keep-alive");
        assertThat(client.send("GET /healthz HTTP/1.0\r\n\r\n").answer().status())
                .isEqualTo(200);
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void chunkedBodiesArePutTogether() throws IOException {
        RawClient client = connect();
        client.send(CHUNKED + "1\r\n[\r\n3;name=value\r\n1,2\r\n1\r\n]\r\n0\r\nTrailer: x\r\n\r\n");
        assertThat(client.answer().body()).isEqualTo("[1,2]");
        client.send(CHUNKED);
        for (String piece : List.of("2\r\n\"a", "\r\n2\r", "\nb\"\r\n0\r\n", "\r\n")) {
            client.send(piece);
        }
        assertThat(client.answer().body()).isEqualTo("\"ab\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"zz\r\n[1]\r\n0\r\n\r\n", "3\r\n[1]xx0\r\n\r\n", "-1\r\n[1]\r\n0\r\n\r\n"})
    void malformedChunksAre400AndClose(String body) throws IOException {
        RawClient client = connect().send(CHUNKED + body);
        Answer answer = client.answer();
        assertError(answer, 400);
        assertThat(answer.closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aBodyThatEndsEarlyIs400AndCloses() throws IOException {
        RawClient client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n[1,")
                .finishSending();
        Answer answer = client.answer();
        assertError(answer, 400);
        assertThat(answer.closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aClientThatHasFinishedSendingStillGetsEveryAnswer() throws IOException {
        String large = "\"" + "x".repeat(1_000_000) + "\"";
        RawClient client = connect().send(post("/echo", large) + post("/echo", "1"));
        client.finishSending();
        assertThat(client.answer().body()).isEqualTo(large);
        assertThat(client.answer().body()).isEqualTo("1");
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aBodyOfAMebibyteIsServedAndOneByteMoreIsNot() throws IOException {
        String most = "\"" + "x".repeat((1 << 20) - 2) + "\"";
        assertThat(connect().echo(most).body()).isEqualTo(most);
        RawClient client = connect().send(post("/echo", most + " "));
        Answer answer = client.answer();
        assertError(answer, 413);
        assertThat(answer.closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aSizeThatIsAnnouncedIsRefusedBeforeTheBody() throws IOException {
        RawClient client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1048577\r\n\r\n");
        Answer answer = client.answer();
        assertError(answer, 413);
        assertThat(answer.closes()).isTrue();
    }

    @Test
    void aChunkedBodyIsRefusedAsSoonAsItIsTooLarge() throws IOException {
        RawClient client = connect().send(CHUNKED);
        for (int chunk = 0; chunk < 17; chunk++) {
            client.send("10000\r\n" + "x".repeat(65_536) + "\r\n");
        }
        Answer answer = client.answer();
        assertError(answer, 413);
        assertThat(answer.closes()).isTrue();
    }

    @Test
    void expectContinueIsAnsweredBeforeABodyThatIsWanted() throws IOException {
        RawClient client = connect();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
        assertThat(client.head().status()).isEqualTo(100);
        assertThat(client.send("42").answer().body()).isEqualTo("42");
        assertThat(client.echo("43").body()).isEqualTo("43");
    }

    @ParameterizedTest
    @CsvSource({"/nope,2,404", "/healthz,2,405", "/echo,2000000,413"})
    void expectContinueOfABodyThatIsNotWantedGetsTheFinalAnswer(String path, int length, int status)
            throws IOException {
        RawClient client = connect();
        client.send("POST " + path + " HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: " + length
                + "\r\n\r\n");
        Answer answer = client.answer();
        assertError(answer, status);
        assertThat(answer.closes()).isTrue();
        assertThat(client.isClosed()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello\r\n\r\n",
                "GET / HTTP/1.1\r\nno colon\r\n\r\n",
                "\0\0\0\0\r\n\r\n",
                "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1",
                "POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n1"
            })
    void whatIsNotHttpIs400AndClosed(String nonsense) throws IOException {
        RawClient client = connect().send(nonsense);
        assertThat(client.answer().status()).isEqualTo(400);
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void aHeaderOfEightKibibytesIsAcceptedAndAMuchLargerOneIsNot() throws IOException {
        String start = "GET /healthz HTTP/1.1\r\nHost: test\r\nX-Padding: ";
        assertThat(connect()
                        .send(start + "x".repeat(8192) + "\r\n\r\n")
                        .answer()
                        .status())
                .isEqualTo(200);
        assertThat(connect()
                        .send(start + "x".repeat(20_000) + "\r\n\r\n")
                        .answer()
                        .status())
                .isIn(400, 431);
    }

    @Test
    void aBodyThatStallsIs408() throws IOException {
        RawClient client = connect();
        long started = System.nanoTime();
        client.send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\n[1,");
        Answer answer = client.answer();
        assertError(answer, 408);
        assertThat(answer.closes()).isTrue();
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - started)).isBetween(29L, 40L);
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    void clientsThatGoAwayHarmNobody() throws IOException {
        for (int number = 0; number < 50; number++) {
            connect()
                    .send("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n\r\n{\"half\":")
                    .close();
            connect().send("POST /ec").close();
        }
        assertThat(connect().echo("[]").body()).isEqualTo("[]");
    }
}
