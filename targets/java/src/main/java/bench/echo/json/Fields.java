package bench.echo.json;

import tools.jackson.databind.JsonNode;

/**
 * The keys of a JSON object, each with the type that it must have. Binding to a record would take {@code 5} for
 * {@code "5"}, and a missing key for null.
 */
public final class Fields {

    private static final double MOST_WHOLE = 9_007_199_254_740_991d;

    private final JsonNode object;

    private Fields(JsonNode object) {
        this.object = object;
    }

    /** @throws InvalidValueException if the value is not an object */
    public static Fields of(JsonNode value) {
        if (!value.isObject()) {
            throw new InvalidValueException("an object is asked for");
        }
        return new Fields(value);
    }

    /** @throws InvalidValueException if the key is missing or not a string */
    public String string(String key) {
        JsonNode value = object.get(key);
        if (value == null || !value.isString()) {
            throw new InvalidValueException("\"" + key + "\" must be a string");
        }
        return value.stringValue();
    }

    /** @throws InvalidValueException if the key is missing or not a number */
    public double number(String key) {
        JsonNode value = object.get(key);
        if (value == null || !value.isNumber()) {
            throw new InvalidValueException("\"" + key + "\" must be a number");
        }
        return value.doubleValue();
    }

    /**
     * A whole number, however it is written.
     *
     * @return from -(2^53 - 1) to 2^53 - 1
     * @throws InvalidValueException if the key is missing or not such a number
     */
    public long wholeNumber(String key) {
        double value = number(key);
        if (value % 1 != 0 || Math.abs(value) > MOST_WHOLE) {
            throw new InvalidValueException("\"" + key + "\" must be a whole number");
        }
        return (long) value;
    }
}
