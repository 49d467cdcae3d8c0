package bench.echo.settings;

import java.util.Map;

/**
 * The environment that the process was given. Read as it is, and not through Spring's {@code Environment}, which would
 * take a <code>${...}</code> within a secret for a placeholder.
 *
 * @param values the variables by name
 */
public record Variables(Map<String, String> values) {

    /** The variable's value; what stands in for it where it is not set. An empty value is a value. */
    public String get(String name, String otherwise) {
        return values.getOrDefault(name, otherwise);
    }
}
