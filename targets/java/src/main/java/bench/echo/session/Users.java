package bench.echo.session;

import bench.echo.settings.UnusableVariableException;
import bench.echo.settings.Variables;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who may sign in, and whether they have. Passwords are hashed by as many threads as there are processors, and never by
 * a thread that serves requests: a virtual one would keep its carrier for milliseconds, and two hundred platform ones
 * would leave little for whoever asks for something else.
 */
public class Users implements AutoCloseable {

    private static final String VARIABLE = "NODE_USERS";
    private static final Pattern ENTRY =
            Pattern.compile("([A-Za-z0-9._-]{1,64}):pbkdf2-sha256\\$([1-9][0-9]{0,7})\\$([^$]+)\\$([^$]+)");
    private static final int MOST_ITERATIONS = 10_000_000;
    private static final int LEAST_SALT_BYTES = 8;
    private static final int MOST_SALT_BYTES = 64;

    /** Is hashed for a user that there is not, so that the time does not tell. */
    private static final PasswordHash NOBODY = new PasswordHash(10_000, new byte[16], new byte[PasswordHash.BYTES]);

    private final Map<String, PasswordHash> hashes;
    private final ExecutorService hashing;

    private Users(Map<String, PasswordHash> hashes) {
        this.hashes = hashes;
        hashing = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors(), task -> {
            Thread thread = new Thread(task, "password");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Those of {@code NODE_USERS}.
     *
     * @throws UnusableVariableException if an entry is malformed, or names a user once more
     */
    static Users from(Variables variables) {
        Map<String, PasswordHash> hashes = new HashMap<>();
        String users = variables.get(VARIABLE, "");
        if (!users.isEmpty()) {
            int number = 0;
            for (String entry : users.split(",", -1)) {
                number++;
                Matcher parts = ENTRY.matcher(entry);
                PasswordHash hash = parts.matches() ? hash(parts) : null;
                if (hash == null) {
                    throw new UnusableVariableException(
                            VARIABLE,
                            "has an entry (number " + number
                                    + ") that is not <name>:pbkdf2-sha256$<iterations>$<salt>$<hash>");
                }
                if (hashes.put(parts.group(1), hash) != null) {
                    throw new UnusableVariableException(VARIABLE, "names " + parts.group(1) + " twice");
                }
            }
        }
        return new Users(hashes);
    }

    /** The hash that an entry describes; null if a part of it is out of range. */
    private static PasswordHash hash(Matcher parts) {
        int iterations = Integer.parseInt(parts.group(2));
        byte[] salt = base64(parts.group(3));
        byte[] hash = base64(parts.group(4));
        boolean inRange = iterations <= MOST_ITERATIONS
                && salt.length >= LEAST_SALT_BYTES
                && salt.length <= MOST_SALT_BYTES
                && hash.length == PasswordHash.BYTES;
        return inRange ? new PasswordHash(iterations, salt, hash) : null;
    }

    /** The bytes; none if it is not base64 with its padding, which the JDK's decoder does not insist on. */
    private static byte[] base64(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return Base64.getEncoder().encodeToString(bytes).equals(text) ? bytes : new byte[0];
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    /** Whether there is such a user with that password. Takes as long for a user that there is not. */
    public boolean mayEnter(String name, String password) {
        PasswordHash hash = hashes.get(name);
        boolean matches = CompletableFuture.supplyAsync(() -> (hash == null ? NOBODY : hash).matches(password), hashing)
                .join();
        return hash != null && matches;
    }

    @Override
    public void close() {
        hashing.shutdownNow();
    }
}
