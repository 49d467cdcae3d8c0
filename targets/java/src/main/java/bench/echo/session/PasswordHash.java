package bench.echo.session;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;

/**
 * A password under PBKDF2 with HMAC-SHA-256.
 *
 * @param salt never empty
 * @param hash 32 bytes
 */
record PasswordHash(int iterations, byte[] salt, byte[] hash) {

    static final int BYTES = 32;

    /** Whether the password is the one. Takes milliseconds of CPU time, and the same whatever the answer. */
    boolean matches(String password) {
        // The JDK's derivation is over the UTF-8 bytes of these characters.
        PBEKeySpec key = new PBEKeySpec(password.toCharArray(), salt, iterations, BYTES * Byte.SIZE);
        try {
            byte[] derived = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256")
                    .generateSecret(key)
                    .getEncoded();
            return MessageDigest.isEqual(derived, hash);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has PBKDF2 with HMAC-SHA-256", e);
        } finally {
            key.clearPassword();
        }
    }
}
