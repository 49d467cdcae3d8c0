package bench.echo.web;

import bench.echo.body.BodyReader;
import bench.echo.json.JsonCodec;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /echo}. Takes the request instead of a {@code @RequestBody}, whose converter would be chosen by the
 * request's {@code Content-Type}, and would refuse one that it cannot parse.
 */
@RestController
class EchoController {

    private final BodyReader bodies;
    private final JsonCodec json;
    private final Answers answers;

    EchoController(BodyReader bodies, JsonCodec json, Answers answers) {
        this.bodies = bodies;
        this.json = json;
        this.answers = answers;
    }

    @PostMapping("/echo")
    ResponseEntity<byte[]> echo(HttpServletRequest request) throws IOException {
        return answers.of(HttpStatus.OK, json.decode(bodies.read(request)));
    }
}
