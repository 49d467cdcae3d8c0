package bench.echo.json;

import java.math.BigInteger;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.NumericNode;
import tools.jackson.databind.node.ValueNode;

/**
 * Makes the nodes of a tree, but none for a number beyond the range of a double: Jackson would read {@code 1e400} as
 * infinity and write it as the string {@code "Infinity"}.
 */
class FiniteNumbers extends JsonNodeFactory {

    private static final long serialVersionUID = 1L;

    @Override
    public NumericNode numberNode(double value) {
        requireFinite(value);
        return super.numberNode(value);
    }

    @Override
    public ValueNode numberNode(BigInteger value) {
        requireFinite(value.doubleValue());
        return super.numberNode(value);
    }

    private static void requireFinite(double value) {
        if (!Double.isFinite(value)) {
            throw new StreamReadException("Number out of the range of a double");
        }
    }
}
