package bench.echo.session;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes tokens apart from the code under test, well-formed or not. */
public final class Signing {

    public static final String HEADER = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

    private Signing() {}

    public static String token(String secret, String header, String claims) throws GeneralSecurityException {
        return token("HmacSHA256", secret, header, claims);
    }

    static String token(String algorithm, String secret, String header, String claims) throws GeneralSecurityException {
        return signed(algorithm, secret, base64(bytes(header)) + "." + base64(bytes(claims)));
    }

    /** The text, which need not be base64, with the signature over it. */
    static String signed(String algorithm, String secret, String text) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(algorithm);
        mac.init(new SecretKeySpec(bytes(secret), algorithm));
        return text + "." + base64(mac.doFinal(bytes(text)));
    }

    static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
