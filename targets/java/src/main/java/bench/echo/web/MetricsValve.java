package bench.echo.web;

import bench.echo.metrics.RequestMetrics;
import jakarta.servlet.ServletException;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;

/**
 * Counts every request whose line Tomcat has understood. A valve of the engine and not a servlet filter: only here is the
 * status known of what ends in Tomcat's own errors, after they have been given their words.
 */
class MetricsValve extends ValveBase {

    private final RequestMetrics metrics;

    MetricsValve(RequestMetrics metrics) {
        super(true);
        this.metrics = metrics;
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        long started = System.nanoTime();
        try {
            getNext().invoke(request, response);
        } finally {
            String path = request.getRequestURI();
            // Tomcat has a malformed request line pass by here too, for the words of its 400.
            if (path != null) {
                metrics.count(request.getMethod(), path, response.getStatus(), System.nanoTime() - started);
            }
        }
    }
}
