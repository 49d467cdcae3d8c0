package bench.echo.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/** Words for the errors that Tomcat reports: a body that ends early, malformed chunks, a body that stalls. */
@RestController
class ContainerErrorController implements ErrorController {

    private final Answers answers;

    ContainerErrorController(Answers answers) {
        this.answers = answers;
    }

    @RequestMapping("/error")
    ResponseEntity<byte[]> error(HttpServletRequest request) {
        if (request.getDispatcherType() != DispatcherType.ERROR) {
            // A client asked for this very path.
            return answers.error(HttpStatus.NOT_FOUND, "no such path: " + request.getRequestURI());
        }
        Object code = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
        HttpStatus status = code instanceof Integer number ? HttpStatus.resolve(number) : null;
        if (status == null) {
            status = HttpStatus.INTERNAL_SERVER_ERROR;
        }
        return answers.error(
                status,
                switch (status) {
                    case BAD_REQUEST -> "the request or its body is malformed, or ends early";
                    case REQUEST_TIMEOUT -> "the body did not end in time";
                    default -> status.getReasonPhrase();
                });
    }
}
