package bench.echo.web;

import bench.echo.body.BodyReader;
import bench.echo.json.InvalidValueException;
import bench.echo.json.JsonCodec;
import bench.echo.ledger.Ledger;
import bench.echo.ledger.Result;
import bench.echo.ledger.Result.Refusal;
import bench.echo.ledger.SealedBlock;
import bench.echo.ledger.TransferReader;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/**
 * The ledger over HTTP. A handler blocks until its block is sealed. That holds few threads: who waits is in the open
 * block, and a block has room for 100 (the README says more).
 */
@RestController
class LedgerController {

    private static final int MOST_BLOCKS = 1000;

    private final BodyReader bodies;
    private final JsonCodec json;
    private final Ledger ledger;
    private final Answers answers;

    LedgerController(BodyReader bodies, JsonCodec json, Ledger ledger, Answers answers) {
        this.bodies = bodies;
        this.json = json;
        this.ledger = ledger;
        this.answers = answers;
    }

    @PostMapping("/tx")
    ResponseEntity<byte[]> transaction(HttpServletRequest request) throws IOException {
        Result result =
                ledger.apply(List.of(TransferReader.transfer(body(request)))).get(0);
        return result instanceof Refusal refusal
                ? answers.error(HttpStatus.UNPROCESSABLE_CONTENT, refusal.error())
                : answers.of(HttpStatus.OK, result);
    }

    @PostMapping("/tx/batch")
    ResponseEntity<byte[]> batch(HttpServletRequest request) throws IOException {
        return answers.of(HttpStatus.OK, ledger.apply(TransferReader.batch(body(request))));
    }

    @RequestMapping(
            path = "/ledger",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> state() {
        return answers.of(HttpStatus.OK, ledger.state());
    }

    @RequestMapping(
            path = "/blocks",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> blocks(HttpServletRequest request) {
        long from = parameter(request, "from", 1, Long.MAX_VALUE);
        long limit = parameter(request, "limit", 100, MOST_BLOCKS);
        return answers.of(HttpStatus.OK, new Blocks(ledger.blocks(from, (int) limit)));
    }

    @RequestMapping(
            path = "/accounts/{id}",
            method = {RequestMethod.GET, RequestMethod.HEAD})
    ResponseEntity<byte[]> account(@PathVariable("id") String id) {
        return ledger.account(id)
                .map(account -> answers.of(HttpStatus.OK, account))
                .orElseGet(() -> answers.error(HttpStatus.NOT_FOUND, "no such account: " + id));
    }

    private JsonNode body(HttpServletRequest request) throws IOException {
        return json.decode(bodies.read(request));
    }

    /** The parameter's value, a whole number from 1 to {@code most}; {@code otherwise} if there is none. */
    private static long parameter(HttpServletRequest request, String name, long otherwise, long most) {
        String[] values = request.getParameterValues(name);
        if (values == null) {
            return otherwise;
        }
        long value = values.length == 1 ? wholeNumber(values[0]) : 0;
        if (value < 1 || value > most) {
            throw new InvalidValueException("\"" + name + "\" must be a whole number of at least 1"
                    + (most == Long.MAX_VALUE ? "" : " and at most " + most));
        }
        return value;
    }

    /** The number, or the greatest there is if it has more digits than that; -1 if the text is not all digits. */
    private static long wholeNumber(String text) {
        if (text.isEmpty() || !text.chars().allMatch(letter -> letter >= '0' && letter <= '9')) {
            return -1;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException tooLong) {
            return Long.MAX_VALUE;
        }
    }

    private record Blocks(List<SealedBlock> blocks) {}
}
