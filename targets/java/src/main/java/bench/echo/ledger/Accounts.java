package bench.echo.ledger;

import java.util.Arrays;

/** A thousand accounts, {@code acct-0000} to {@code acct-0999}. Not safe for several threads: {@link Ledger} has the lock. */
final class Accounts {

    static final int COUNT = 1000;
    static final long OPENING_BALANCE = 1_000_000;

    private static final String PREFIX = "acct-";
    private static final int NAME_LENGTH = 9;
    private static final String[] NAMES = new String[COUNT];

    static {
        Arrays.setAll(NAMES, number -> PREFIX + String.format("%04d", number));
    }

    private final long[] balances = new long[COUNT];

    Accounts() {
        Arrays.fill(balances, OPENING_BALANCE);
    }

    /** The number of the account with that name; -1 if there is none. */
    static int number(String name) {
        if (name.length() != NAME_LENGTH || !name.startsWith(PREFIX)) {
            return -1;
        }
        int number = 0;
        for (int at = PREFIX.length(); at < NAME_LENGTH; at++) {
            char digit = name.charAt(at);
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = 10 * number + digit - '0';
        }
        return number < COUNT ? number : -1;
    }

    /** The account's name: always the same string, so that a million transactions share a thousand of them. */
    static String name(int number) {
        return NAMES[number];
    }

    long balance(int number) {
        return balances[number];
    }

    void move(int from, int to, long amount) {
        balances[from] -= amount;
        balances[to] += amount;
    }

    long sum() {
        return Arrays.stream(balances).sum();
    }
}
