package bench.echo.session;

import bench.echo.json.Fields;
import bench.echo.json.JsonCodec;
import bench.echo.settings.UnusableVariableException;
import bench.echo.settings.Variables;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Issues and verifies tokens: JWTs signed with HS256 and {@code NODE_SECRET}. */
public class Tokens {

    static final Duration LIFETIME = Duration.ofHours(1);

    private static final String VARIABLE = "NODE_SECRET";
    private static final int LEAST_BYTES = 32;
    /** What the JVM puts where the locale cannot decode a byte of the environment. */
    private static final char UNDECODABLE = '\uFFFD';

    private static final JWSHeader HEADER = header("{\"alg\":\"HS256\",\"typ\":\"JWT\"}");

    private final JsonCodec json;
    private final Clock clock;
    private final JWSSigner signer;
    private final JWSVerifier verifier;

    /** @param secret at least 32 bytes */
    Tokens(byte[] secret, JsonCodec json, Clock clock) {
        this.json = json;
        this.clock = clock;
        try {
            signer = new MACSigner(secret);
            verifier = new MACVerifier(secret);
        } catch (JOSEException e) {
            throw new IllegalArgumentException("the secret is too short", e);
        }
    }

    /**
     * The secret's bytes.
     *
     * @throws UnusableVariableException if there are fewer than 32, or some that are not what was set: under the locale
     *     {@code C} all bytes beyond ASCII would become one character, and the secret could be guessed
     */
    static byte[] secret(Variables variables) {
        String text = variables.get(VARIABLE, "");
        byte[] secret = text.getBytes(StandardCharsets.UTF_8);
        if (secret.length < LEAST_BYTES) {
            throw new UnusableVariableException(
                    VARIABLE, "must have at least " + LEAST_BYTES + " bytes, and has " + secret.length);
        }
        if (text.indexOf(UNDECODABLE) >= 0) {
            throw new UnusableVariableException(
                    VARIABLE, "has bytes that this locale cannot decode; a UTF-8 locale can, or use ASCII");
        }
        return secret;
    }

    /** A token for the user, from now on. */
    public String issue(String user) {
        long now = clock.instant().getEpochSecond();
        JWSObject token =
                new JWSObject(HEADER, new Payload(json.encode(new Claims(user, now, now + LIFETIME.toSeconds()))));
        try {
            token.sign(signer);
        } catch (JOSEException e) {
            throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
        }
        return token.serialize();
    }

    /** The claims of a token that holds now. */
    public Optional<Claims> verify(String token) {
        try {
            JWSObject parsed = JWSObject.parse(token);
            // The verifier would take HS384 and HS512 too, where the secret is long enough for them.
            if (!JWSAlgorithm.HS256.equals(parsed.getHeader().getAlgorithm())
                    || !isExact(parsed.getHeader().getParsedBase64URL())
                    || !isExact(parsed.getPayload().toBase64URL())
                    || !isExact(parsed.getSignature())
                    || !parsed.verify(verifier)) {
                return Optional.empty();
            }
            Fields fields = Fields.of(json.decode(parsed.getPayload().toBytes()));
            Claims claims = new Claims(fields.string("sub"), fields.wholeNumber("iat"), fields.wholeNumber("exp"));
            return claims.exp() > clock.instant().getEpochSecond() ? Optional.of(claims) : Optional.empty();
        } catch (ParseException | JOSEException | RuntimeException e) {
            // Ours for claims that are not as they should be; and the library's, to which a header of "null" is one.
            return Optional.empty();
        }
    }

    /** Whether it is base64url to the letter: the library skips what is not, and the spare bits of the last character. */
    private static boolean isExact(Base64URL part) {
        return Base64URL.encode(part.decode()).equals(part);
    }

    /** A header that is sent exactly as it is written here. */
    private static JWSHeader header(String text) {
        try {
            return JWSHeader.parse(Base64URL.encode(text));
        } catch (ParseException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
