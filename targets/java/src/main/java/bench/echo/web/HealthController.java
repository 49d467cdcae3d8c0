package bench.echo.web;

import java.util.Map;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** {@code GET /healthz}. HEAD is named so that it stands in the {@code Allow} of a 405. */
@RestController
class HealthController {

    private final Answers answers;

    HealthController(Answers answers) {
        this.answers = answers;
    }

    @RequestMapping(
            path = "/healthz",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> health() {
        return answers.of(HttpStatus.OK, Map.of("status", "ok"));
    }
}
