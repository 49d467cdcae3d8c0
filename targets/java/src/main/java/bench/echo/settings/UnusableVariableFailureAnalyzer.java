package bench.echo.settings;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Has Spring Boot say on standard error what is wrong with a variable, in place of a stack trace. */
class UnusableVariableFailureAnalyzer extends AbstractFailureAnalyzer<UnusableVariableException> {

    @Override
    protected FailureAnalysis analyze(Throwable failure, UnusableVariableException cause) {
        return new FailureAnalysis(
                cause.getMessage(), "Set " + cause.variable() + " in the environment as the README says.", cause);
    }
}
