package bench.echo.process;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The packaged server as a process of its own. */
final class ServerProcess implements AutoCloseable {

    private final Process process;
    private final BufferedReader output;
    private final BufferedReader errors;

    ServerProcess(int port, String... flags) throws IOException {
        this(port, Map.of(), flags);
    }

    /** @param variables set in the environment of the tests, or removed from it where the value is null */
    ServerProcess(int port, Map<String, String> variables, String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(flags));
        command.addAll(List.of("-jar", System.getProperty("server.jar")));
        command.addAll(List.of("--server.address=127.0.0.1", "--server.port=" + port));
        ProcessBuilder builder = new ProcessBuilder(command);
        variables.forEach((name, value) -> {
            if (value == null) {
                builder.environment().remove(name);
            } else {
                builder.environment().put(name, value);
            }
        });
        process = builder.start();
        output = process.inputReader();
        errors = process.errorReader();
    }

    /** The next line of standard output; null at its end. */
    String line() throws IOException {
        return output.readLine();
    }

    /** The rest of standard error, to its end. */
    String errors() throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = errors.readLine(); line != null; line = errors.readLine()) {
            text.append(line).append('\n');
        }
        return text.toString();
    }

    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The exit code; -1 if the process still runs after 20 s. */
    int exitCode() throws InterruptedException {
        return process.waitFor(20, TimeUnit.SECONDS) ? process.exitValue() : -1;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
