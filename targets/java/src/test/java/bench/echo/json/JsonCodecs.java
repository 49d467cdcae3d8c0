package bench.echo.json;

/** The codec as the server has it, for tests without a server. */
public final class JsonCodecs {

    private JsonCodecs() {}

    public static JsonCodec make() {
        return new JsonCodec(new JsonConfiguration().jsonMapper());
    }
}
