package bench.echo.settings;

/** A variable of the environment that the server cannot start with. The message never holds its value. */
public class UnusableVariableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String variable;

    public UnusableVariableException(String variable, String problem) {
        super(variable + " " + problem);
        this.variable = variable;
    }

    public String variable() {
        return variable;
    }
}
