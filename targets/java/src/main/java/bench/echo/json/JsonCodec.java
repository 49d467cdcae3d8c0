package bench.echo.json;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Between bytes and JSON values. */
@Component
public class JsonCodec {

    private static final int SCRATCH_CHARS = 4096;

    private final JsonMapper mapper;

    public JsonCodec(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * Decodes the whole body into a tree.
     *
     * @throws NotJsonException if it is not one JSON value in UTF-8
     */
    public JsonNode decode(byte[] body) {
        requireUtf8(body);
        try (JsonParser parser = mapper.createParser(body)) {
            try {
                JsonNode value = mapper.readTree(parser);
                if (value == null || value.isMissingNode()) {
                    throw new NotJsonException("not JSON: there is no value" + at(parser.currentLocation()));
                }
                return value;
            } catch (JacksonException e) {
                TokenStreamLocation location = e.getLocation();
                throw new NotJsonException("not JSON: " + e.getOriginalMessage()
                        + at(location == null ? parser.currentLocation() : location));
            }
        }
    }

    /** Encodes a value that was decoded here, or any other that Jackson knows. */
    public byte[] encode(Object value) {
        return mapper.writeValueAsBytes(value);
    }

    /**
     * Jackson lets pass what is nearly UTF-8: characters in more bytes than they need, and encoded halves of a
     * surrogate pair. The JDK's decoder is exact, and took a sixth of the time of decoding and encoding (300 bytes,
     * Java 17).
     */
    private static void requireUtf8(byte[] body) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer in = ByteBuffer.wrap(body);
        CharBuffer scratch = CharBuffer.allocate(Math.min(body.length, SCRATCH_CHARS));
        CoderResult result;
        do {
            scratch.clear();
            result = decoder.decode(in, scratch, true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new NotJsonException("not JSON: not UTF-8 at byte " + (in.position() + 1));
        }
    }

    private static String at(TokenStreamLocation location) {
        return " at line " + location.getLineNr() + " column " + location.getColumnNr();
    }
}
