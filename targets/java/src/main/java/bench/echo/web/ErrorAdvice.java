package bench.echo.web;

import bench.echo.body.BodyTooLargeException;
import bench.echo.body.BodyTooLateException;
import bench.echo.body.UnknownEncodingException;
import bench.echo.gzip.NotGzipException;
import bench.echo.gzip.TooMuchInGzipException;
import bench.echo.json.InvalidValueException;
import bench.echo.json.NotJsonException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.NoHandlerFoundException;

/** Which answer an exception of the application becomes. What Tomcat reports is {@link ContainerErrorController}'s. */
@RestControllerAdvice
class ErrorAdvice {

    private static final Logger log = LoggerFactory.getLogger(ErrorAdvice.class);

    private final Answers answers;

    ErrorAdvice(Answers answers) {
        this.answers = answers;
    }

    @ExceptionHandler
    ResponseEntity<byte[]> notJson(NotJsonException e) {
        return answers.error(HttpStatus.BAD_REQUEST, e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> invalidValue(InvalidValueException e) {
        return answers.error(HttpStatus.BAD_REQUEST, e.getMessage());
    }

    /** A query that Tomcat cannot decode, where one is looked at. */
    @ExceptionHandler
    ResponseEntity<byte[]> invalidQuery(InvalidParameterException e) {
        return answers.error(HttpStatus.BAD_REQUEST, "the query is malformed");
    }

    @ExceptionHandler
    ResponseEntity<byte[]> tooLarge(BodyTooLargeException e) {
        return answers.error(HttpStatus.CONTENT_TOO_LARGE, e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> tooMuchInGzip(TooMuchInGzipException e) {
        return answers.error(HttpStatus.CONTENT_TOO_LARGE, e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> notGzip(NotGzipException e) {
        return answers.error(HttpStatus.BAD_REQUEST, e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> unknownEncoding(UnknownEncodingException e) {
        return answers.error(HttpStatus.UNSUPPORTED_MEDIA_TYPE, e.getMessage(), HttpHeaders.ACCEPT_ENCODING, "gzip");
    }

    @ExceptionHandler
    ResponseEntity<byte[]> tooLate(BodyTooLateException e) {
        return answers.error(HttpStatus.REQUEST_TIMEOUT, e.getMessage());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> unknownPath(NoHandlerFoundException e, HttpServletRequest request) {
        return answers.error(HttpStatus.NOT_FOUND, "no such path: " + request.getRequestURI());
    }

    @ExceptionHandler
    ResponseEntity<byte[]> wrongMethod(HttpRequestMethodNotSupportedException e, HttpServletRequest request) {
        ResponseEntity<byte[]> answer =
                answers.error(HttpStatus.METHOD_NOT_ALLOWED, e.getMethod() + " is not for " + request.getRequestURI());
        return ResponseEntity.status(answer.getStatusCode())
                .headers(answer.getHeaders())
                .headers(e.getHeaders())
                .body(answer.getBody());
    }

    /**
     * The client went away, stalled, or sent malformed chunks. Tomcat has noted what to answer by now, and asks
     * {@link ContainerErrorController} for the words.
     */
    @ExceptionHandler(IOException.class)
    void connectionFailed() {}

    @ExceptionHandler
    ResponseEntity<byte[]> unexpected(Exception e) {
        log.error("A request failed", e);
        return answers.error(HttpStatus.INTERNAL_SERVER_ERROR, "internal error");
    }
}
