package bench.echo.metrics;

import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Counts requests and the time that they take. Series are made when they are first needed, looked up by their labels that
 * once and kept: there are as many as the contract has endpoints, methods and statuses, whatever clients send.
 */
public class RequestMetrics {

    private static final double[] BUCKETS_S = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.5, 1, 3};
    private static final String OTHER_METHOD = "other";
    private static final int STATUSES = 1000;

    private final Counter requests;
    private final Histogram durations;
    private final Map<Endpoint, Map<String, Series>> series = new EnumMap<>(Endpoint.class);

    public RequestMetrics(PrometheusRegistry registry) {
        // Exemplars would be looked for at each request, and there is no tracing to give any.
        requests = Counter.builder()
                .name("api_requests_total")
                .help("Requests that were answered.")
                .labelNames("method", "endpoint", "status")
                .withoutExemplars()
                .register(registry);
        durations = Histogram.builder()
                .name("api_request_duration_seconds")
                .help("Time from the whole head of a request to its answer.")
                .labelNames("method", "endpoint")
                .classicOnly()
                .classicUpperBounds(BUCKETS_S)
                .withoutExemplars()
                .register(registry);
        for (Endpoint endpoint : Endpoint.values()) {
            Map<String, Series> byMethod = new HashMap<>();
            for (String method : endpoint.methods()) {
                byMethod.put(method, new Series(method, endpoint));
            }
            byMethod.put(OTHER_METHOD, new Series(OTHER_METHOD, endpoint));
            series.put(endpoint, byMethod);
        }
    }

    /**
     * Counts a request.
     *
     * @param path without the query, as it was sent
     * @param status three digits
     */
    public void count(String method, String path, int status, long nanoseconds) {
        Map<String, Series> byMethod = series.get(Endpoint.of(path));
        Series counted = byMethod.get(method);
        (counted == null ? byMethod.get(OTHER_METHOD) : counted).count(status, nanoseconds);
    }

    /** The series of one method of one endpoint. Two threads may make the same at once: they get the same. */
    private final class Series {

        private final String method;
        private final String endpoint;
        private final AtomicReferenceArray<CounterDataPoint> byStatus = new AtomicReferenceArray<>(STATUSES);
        private volatile DistributionDataPoint duration;

        Series(String method, Endpoint endpoint) {
            this.method = method;
            this.endpoint = endpoint.label();
        }

        void count(int status, long nanoseconds) {
            CounterDataPoint counter = byStatus.get(status);
            if (counter == null) {
                counter = requests.labelValues(method, endpoint, Integer.toString(status));
                byStatus.set(status, counter);
            }
            if (duration == null) {
                duration = durations.labelValues(method, endpoint);
            }
            counter.inc();
            duration.observe(Unit.nanosToSeconds(nanoseconds));
        }
    }
}
