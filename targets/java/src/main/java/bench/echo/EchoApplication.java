package bench.echo;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import sun.misc.Signal;

/** The program: starts the server and ends it on a signal. */
@SpringBootApplication
public class EchoApplication {

    public static void main(String[] args) {
        exitWithZeroOn("TERM");
        exitWithZeroOn("INT");
        SpringApplication.run(EchoApplication.class, args);
    }

    /**
     * A JVM that a signal ends exits with 128 plus the signal's number, however well it shut down, and the contract
     * asks for 0. {@code Runtime.halt(0)} in a shutdown hook would do, but cuts off the other hooks, a profiler's for
     * one. Here every hook runs as ever, Spring's graceful shutdown among them. {@code sun.misc.Signal} is in the
     * module {@code jdk.unsupported}, which exists to keep it within reach.
     */
    private static void exitWithZeroOn(String signal) {
        Signal.handle(new Signal(signal), received -> System.exit(0));
    }
}
