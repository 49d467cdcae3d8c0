package bench.echo.metrics;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The endpoints of the contract, as metrics name them. Paths are compared exactly, before any decoding. */
enum Endpoint {
    HEALTHZ("/healthz", Methods.READING),
    ECHO("/echo", Methods.WRITING),
    TX("/tx", Methods.WRITING),
    TX_BATCH("/tx/batch", Methods.WRITING),
    LEDGER("/ledger", Methods.READING),
    BLOCKS("/blocks", Methods.READING),
    ACCOUNT("/accounts/{id}", Methods.READING),
    LOGIN("/login", Methods.WRITING),
    SESSION("/session", Methods.READING),
    METRICS("/metrics", Methods.READING),
    /** Every other path, which no method is for. */
    OTHER("other", List.of());

    private static final String ACCOUNTS = "/accounts/";
    private static final Map<String, Endpoint> BY_PATH =
            Arrays.stream(values()).collect(Collectors.toMap(Endpoint::label, Function.identity()));

    private final String label;
    private final List<String> methods;

    Endpoint(String label, List<String> methods) {
        this.label = label;
        this.methods = methods;
    }

    /** The endpoint of a request's path, which has no query. */
    static Endpoint of(String path) {
        Endpoint endpoint = BY_PATH.get(path);
        if (endpoint != null && path.startsWith("/") && endpoint != ACCOUNT) {
            return endpoint;
        }
        boolean isAccount = path.startsWith(ACCOUNTS)
                && path.length() > ACCOUNTS.length()
                && path.indexOf('/', ACCOUNTS.length()) < 0;
        return isAccount ? ACCOUNT : OTHER;
    }

    String label() {
        return label;
    }

    /** The methods that it allows. */
    List<String> methods() {
        return methods;
    }

    private static final class Methods {
        static final List<String> READING = List.of("GET", "HEAD");
        static final List<String> WRITING = List.of("POST");
    }
}
