package bench.echo.web;

import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /metrics}, in the text format whatever {@code Accept} asks for. */
@RestController
class MetricsController {

    private static final int USUAL_BYTES = 16 * 1024;

    private final PrometheusRegistry registry;
    private final PrometheusTextFormatWriter text = PrometheusTextFormatWriter.create();

    MetricsController(PrometheusRegistry registry) {
        this.registry = registry;
    }

    @RequestMapping(
            path = "/metrics",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> metrics() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream(USUAL_BYTES);
        text.write(body, registry.scrape());
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_TYPE, text.getContentType())
                .body(body.toByteArray());
    }
}
