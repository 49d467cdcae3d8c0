package bench.echo.web;

import bench.echo.json.JsonCodec;
import java.util.Map;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;

/**
 * Answers in JSON. They are encoded here and not by Spring's converter, which writes to the stream and so sends chunks;
 * an array of bytes has a {@code Content-Length}. As the type is set, {@code Accept} is not looked at.
 */
@Component
class Answers {

    private final JsonCodec json;

    Answers(JsonCodec json) {
        this.json = json;
    }

    ResponseEntity<byte[]> of(HttpStatusCode status, Object value) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .body(json.encode(value));
    }

    ResponseEntity<byte[]> error(HttpStatusCode status, String message) {
        return of(status, Map.of("error", message));
    }

    /** An error with one more header. */
    ResponseEntity<byte[]> error(HttpStatusCode status, String message, String header, String value) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_JSON)
                .header(header, value)
                .body(json.encode(Map.of("error", message)));
    }
}
