package bench.echo.web;

import static bench.echo.web.RawClient.post;
import static bench.echo.web.RawClient.request;
import static org.assertj.core.api.Assertions.assertThat;

import bench.echo.session.Signing;
import bench.echo.web.RawClient.Answer;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Signing in over real sockets; the secret and the user are those that {@code pom.xml} sets. */
class SessionContractTest extends ServerTest {

    private static final String PASSWORD = "correct horse battery staple";

    private static String login(String name, String password) {
        return post("/login", "{\"username\":\"" + name + "\",\"password\":\"" + password + "\",\"more\":1}");
    }

    private static String session(String authorization) {
        return "GET /session HTTP/1.1\r\nHost: test\r\n" + authorization + "\r\n";
    }

    private static void assertUnauthorized(Answer answer) {
        assertError(answer, 401);
        assertThat(answer.header("www-authenticate")).isEqualTo("Bearer");
        assertThat(answer.closes()).isFalse();
    }

    private static JsonNode json(Answer answer) {
        return JsonMapper.shared().readTree(answer.body());
    }

    @Test
    void aPasswordGivesATokenAndATokenTheSession() throws IOException {
        RawClient client = connect();
        long before = Instant.now().getEpochSecond();
        Answer answer = client.send(login("bench", PASSWORD)).answer();
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(json(answer).propertyNames()).containsExactly("token");
        String token = json(answer).get("token").stringValue();

        for (String scheme : new String[] {"Bearer ", "bearer ", "Bearer  "}) {
            Answer session = client.send(session("Authorization: " + scheme + token + "\r\n"))
                    .answer();
            assertThat(session.status()).as(session.toString()).isEqualTo(200);
            JsonNode claims = json(session);
            assertThat(claims.propertyNames()).containsExactlyInAnyOrder("sub", "iat", "exp");
            assertThat(claims.get("sub").stringValue()).isEqualTo("bench");
            assertThat(claims.get("iat").longValue())
                    .isBetween(before, Instant.now().getEpochSecond());
            assertThat(claims.get("exp").longValue())
                    .isEqualTo(claims.get("iat").longValue() + 3600);
        }
    }

    @Test
    void aTokenOfAnotherProcessIsAsGood() throws Exception {
        String claims = "{\"sub\":\"other\",\"iat\":1,\"exp\":33000000000}";
        String token = Signing.token(System.getenv("NODE_SECRET"), Signing.HEADER, claims);
        Answer answer = connect()
                .send(session("Authorization: Bearer " + token + "\r\n"))
                .answer();
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(json(answer)).isEqualTo(JsonMapper.shared().readTree(claims));
    }

    @Test
    void aWrongPasswordAndAnUnknownUserAre401() throws IOException {
        RawClient client = connect();
        assertUnauthorized(client.send(login("bench", "wrong")).answer());
        assertUnauthorized(client.send(login("nobody", PASSWORD)).answer());
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"username\":\"bench\"}",
                "{\"password\":\"x\"}",
                "{\"username\":1,\"password\":\"x\"}",
                "{\"username\":\"bench\",\"password\":null}"
            })
    void otherBodiesAre400(String body) throws IOException {
        assertError(connect().send(post("/login", body)).answer(), 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Authorization: \r\n",
                "Authorization: Bearer\r\n",
                "Authorization: Bearer \r\n",
                "Authorization: Basic YmVuY2g6YmVuY2g=\r\n",
                "Authorization: Bearerx.y.z\r\n",
                "Authorization: Bearer x.y.z\r\n",
                "Authorization: Bearer \u00e9.\u00e9.\u00e9\r\n",
                "Authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIiwiaWF0IjoxLCJleHAiOjMzMDAwMDAwMDAwfQ.\r\n"
            })
    void withoutAValidTokenThereIsNoSession(String header) throws IOException {
        RawClient client = connect();
        assertUnauthorized(client.send(session(header)).answer());
        assertThat(client.echo("1").body()).isEqualTo("1");
    }

    @Test
    void otherMethodsAre405() throws IOException {
        RawClient client = connect();
        Answer login = client.send(request("GET", "/login")).answer();
        assertError(login, 405);
        assertThat(login.header("allow")).isEqualTo("POST");
        Answer session = client.send(post("/session", "{}")).answer();
        assertError(session, 405);
        assertThat(session.header("allow")).isEqualTo("GET, HEAD");
    }
}
