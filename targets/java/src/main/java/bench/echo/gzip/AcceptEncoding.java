package bench.echo.gzip;

import java.util.Enumeration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request's {@code Accept-Encoding} says of gzip (RFC 9110, section 12.5.3). */
public final class AcceptEncoding {

    /** One member of the list: the coding, and its weight if it has one. */
    private static final Pattern MEMBER =
            Pattern.compile("[ \t]*([^ \t;]+)[ \t]*(?:;[ \t]*[qQ]=([01](?:\\.[0-9]{0,3})?)[ \t]*)?");

    private AcceptEncoding() {}

    /**
     * Whether gzip is named with no weight or one above 0; {@code *} does not name it.
     *
     * @param headers the values of all such headers
     */
    public static boolean namesGzip(Enumeration<String> headers) {
        while (headers.hasMoreElements()) {
            for (String member : headers.nextElement().split(",")) {
                if (isWantedGzip(member)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean isWantedGzip(String member) {
        if (member.equals("gzip")) {
            return true;
        }
        Matcher parts = MEMBER.matcher(member);
        return parts.matches()
                && parts.group(1).equalsIgnoreCase("gzip")
                && (parts.group(2) == null || Double.parseDouble(parts.group(2)) > 0);
    }
}
