package bench.echo.session;

import static bench.echo.session.Signing.HEADER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bench.echo.json.JsonCodecs;
import bench.echo.settings.UnusableVariableException;
import bench.echo.settings.Variables;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokensTest {

    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    // Made with Python's hmac.
    private static final String TOKEN =
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJiZW5jaCIsImlhdCI6MSwiZXhwIjozNjAxfQ"
                    + ".-URqCZpEyu6PtJV3_G7T2-5km2Npywda6a8jw7fPdcw";
    private static final String CLAIMS = "{\"sub\":\"bench\",\"iat\":1,\"exp\":3601}";

    private static Tokens at(String instant, String secret) {
        Clock clock = Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
        return new Tokens(secret.getBytes(StandardCharsets.UTF_8), JsonCodecs.make(), clock);
    }

    private final Tokens tokens = at("1970-01-01T00:00:01.999Z", SECRET);

    @Test
    void aTokenIsTheJwtOfTheContract() {
        assertThat(tokens.issue("bench")).isEqualTo(TOKEN);
        assertThat(tokens.verify(TOKEN)).hasValue(new Claims("bench", 1, 3601));
    }

    @Test
    void aTokenHoldsForAnHourWithoutLeeway() {
        assertThat(at("1970-01-01T01:00:00.999Z", SECRET).verify(TOKEN)).isPresent();
        assertThat(at("1970-01-01T01:00:01Z", SECRET).verify(TOKEN)).isEmpty();
    }

    @Test
    void theSecretDecides() {
        assertThat(at("1970-01-01T00:00:01Z", SECRET.replace('0', '1')).verify(TOKEN))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"alg\":\"HS256\"}",
                "{\"typ\":\"other\",\"alg\":\"HS256\",\"kid\":\"7\"}",
            })
    void theRestOfTheHeaderDoesNotMatter(String header) throws Exception {
        assertThat(tokens.verify(Signing.token(SECRET, header, CLAIMS))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"sub\":\"bench\",\"iat\":1.0,\"exp\":3.601e3,\"more\":[null]}",
                "{\"sub\":\"\",\"iat\":9,\"exp\":9007199254740991}"
            })
    void claimsMayBeWrittenOtherwise(String claims) throws Exception {
        assertThat(tokens.verify(Signing.token(SECRET, HEADER, claims))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"iat\":1,\"exp\":3601}",
                "{\"sub\":\"bench\",\"exp\":3601}",
                "{\"sub\":\"bench\",\"iat\":1}",
                "{\"sub\":7,\"iat\":1,\"exp\":3601}",
                "{\"sub\":\"bench\",\"iat\":\"1\",\"exp\":3601}",
                "{\"sub\":\"bench\",\"iat\":1,\"exp\":\"3601\"}",
                "{\"sub\":\"bench\",\"iat\":1,\"exp\":null}",
                "{\"sub\":\"bench\",\"iat\":1,\"exp\":3601.5}",
                "{\"sub\":\"bench\",\"iat\":1,\"exp\":-3601}",
                "{\"sub\":\"bench\",\"iat\":1,\"exp\":1e400}"
            })
    void otherClaimsAreNone(String claims) throws Exception {
        assertThat(tokens.verify(Signing.token(SECRET, HEADER, claims))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"typ\":\"JWT\"}",
                "{\"alg\":\"none\"}",
                "{\"alg\":\"hs256\"}",
                "{\"alg\":\"RS256\"}",
                "{\"alg\":256}",
                "{\"alg\":\"HS256\",\"crit\":[\"x\"],\"x\":1}",
                "{\"alg\":\"HS256\"",
                "[]",
                "null",
                ""
            })
    void otherHeadersAreNone(String header) throws Exception {
        assertThat(tokens.verify(Signing.token(SECRET, header, CLAIMS))).isEmpty();
    }

    @Test
    void otherAlgorithmsAreNoneHoweverLongTheSecret() throws Exception {
        String secret = SECRET + SECRET;
        Tokens patient = at("1970-01-01T00:00:01Z", secret);
        for (String bits : new String[] {"384", "512"}) {
            String token = Signing.token("HmacSHA" + bits, secret, HEADER.replace("256", bits), CLAIMS);
            assertThat(patient.verify(token)).isEmpty();
        }
        assertThat(patient.verify(Signing.token(secret, HEADER, CLAIMS))).isPresent();
    }

    @Test
    void whatIsNotAsItWasIssuedIsNone() throws Exception {
        for (int at = 0; at < TOKEN.length(); at++) {
            char other = TOKEN.charAt(at) == 'A' ? 'B' : 'A';
            String changed = TOKEN.substring(0, at) + other + TOKEN.substring(at + 1);
            assertThat(tokens.verify(changed)).as(changed).isEmpty();
        }
        // The last character of a signature has two bits to spare: w and x to z are the same to a lenient decoder.
        String unsigned = TOKEN.substring(0, TOKEN.lastIndexOf('.'));
        for (String token : new String[] {
            "",
            ".",
            "..",
            "a.b.c",
            unsigned,
            unsigned + ".",
            TOKEN + ".",
            TOKEN + "=",
            TOKEN + "A",
            TOKEN.substring(0, TOKEN.length() - 1) + "x",
            TOKEN.replace("J9.", "J9=."),
            TOKEN.replace("9.e", "9. e"),
            Signing.signed("HmacSHA256", SECRET, unsigned + "=="),
            Signing.signed("HmacSHA256", SECRET, unsigned + "!")
        }) {
            assertThat(tokens.verify(token)).as(token).isEmpty();
        }
    }

    @Test
    void aSecretHasThirtyTwoBytes() {
        String umlauts = "ä".repeat(16);
        assertThat(Tokens.secret(new Variables(Map.of("NODE_SECRET", SECRET)))).hasSize(32);
        assertThat(Tokens.secret(new Variables(Map.of("NODE_SECRET", umlauts)))).hasSize(32);
        String undecodable = "\uFFFD".repeat(32);
        assertThatThrownBy(() -> Tokens.secret(new Variables(Map.of()))).isInstanceOf(UnusableVariableException.class);
        for (String secret : new String[] {"", SECRET.substring(1), undecodable}) {
            assertThatThrownBy(() -> Tokens.secret(new Variables(Map.of("NODE_SECRET", secret))))
                    .isInstanceOf(UnusableVariableException.class)
                    .hasMessageStartingWith("NODE_SECRET ")
                    .hasMessageNotContaining(SECRET.substring(1));
        }
    }
}
