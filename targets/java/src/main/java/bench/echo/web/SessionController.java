package bench.echo.web;

import bench.echo.body.BodyReader;
import bench.echo.json.Fields;
import bench.echo.json.JsonCodec;
import bench.echo.session.Tokens;
import bench.echo.session.Users;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Optional;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/** Signing in: a password for a token, and a token for what it says. */
@RestController
class SessionController {

    private static final String SCHEME = "Bearer";

    private final BodyReader bodies;
    private final JsonCodec json;
    private final Users users;
    private final Tokens tokens;
    private final Answers answers;

    SessionController(BodyReader bodies, JsonCodec json, Users users, Tokens tokens, Answers answers) {
        this.bodies = bodies;
        this.json = json;
        this.users = users;
        this.tokens = tokens;
        this.answers = answers;
    }

    @PostMapping("/login")
    ResponseEntity<byte[]> login(HttpServletRequest request) throws IOException {
        Fields fields = Fields.of(json.decode(bodies.read(request)));
        String name = fields.string("username");
        return users.mayEnter(name, fields.string("password"))
                ? answers.of(HttpStatus.OK, new Token(tokens.issue(name)))
                : unauthorized("wrong user or password");
    }

    @RequestMapping(
            path = "/session",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> session(HttpServletRequest request) {
        return bearer(request.getHeader(HttpHeaders.AUTHORIZATION))
                .flatMap(tokens::verify)
                .map(claims -> answers.of(HttpStatus.OK, claims))
                .orElseGet(() -> unauthorized("a valid token is asked for"));
    }

    /** The token after the scheme, whose case does not matter. */
    private static Optional<String> bearer(String authorization) {
        int length = SCHEME.length();
        return authorization != null
                        && authorization.regionMatches(true, 0, SCHEME, 0, length)
                        && authorization.startsWith(" ", length)
                ? Optional.of(authorization.substring(length).strip())
                : Optional.empty();
    }

    private ResponseEntity<byte[]> unauthorized(String message) {
        return answers.error(HttpStatus.UNAUTHORIZED, message, HttpHeaders.WWW_AUTHENTICATE, SCHEME);
    }

    private record Token(String token) {}
}
