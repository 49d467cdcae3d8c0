package bench.echo.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonCodecTest {

    private final JsonCodec json = JsonCodecs.make();

    private String roundTrip(String text) {
        byte[] answer = json.encode(json.decode(text.getBytes(StandardCharsets.UTF_8)));
        return new String(answer, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "0",
                "\"\"",
                "[]",
                "{}",
                "{\"\":\"\"}",
                "[[],{},[[{}]]]",
                "-12",
                "2.5",
                "9007199254740993",
                "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0000\\u001F\"",
                "\"é中😀\u2028\uFFFD\"",
                "18446744073709551616"
            })
    void aValueInItsShortestFormComesBackAsItIs(String text) {
        assertThat(roundTrip(text)).isEqualTo(text);
    }

    @Test
    void escapesAndWhiteSpaceAreReadAndNotKept() {
        assertThat(roundTrip("\t[ \"\\u00e9\\/\\ud83d\\uDE00\" ]\r\n")).isEqualTo("[\"é/😀\"]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.1",
                "-0.0",
                "1e3",
                "1E-3",
                "5e-324",
                "4.9e-324",
                "2.2250738585072011e-308",
                "1.7976931348623157e308",
                "0.30000000000000004",
                "2e-3",
                "123456789.123456789",
                "9007199254740993",
                "18446744073709551616",
                "3.14159265358979323846264338327950288",
                "1e-400",
                "1e23",
                "2.0e22",
                "-1.0e-7",
                "9.007199254740993e15"
            })
    void aNumberComesBackAsTheSameDouble(String text) {
        assertThat(Double.doubleToLongBits(Double.parseDouble(roundTrip(text))))
                .isEqualTo(Double.doubleToLongBits(Double.parseDouble(text)));
    }

    @Test
    void aNumberAndAKeyMayBeLong() {
        String ones = "1".repeat(100_000);
        assertThat(roundTrip("0." + ones)).isEqualTo("0.1111111111111111");
        assertThat(roundTrip("{\"" + ones + "\":1}")).isEqualTo("{\"" + ones + "\":1}");
    }

    @Test
    void theLastOfEqualKeysWins() {
        assertThat(roundTrip("{\"a\":1,\"b\":2,\"a\":3}")).isEqualTo("{\"a\":3,\"b\":2}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "[",
                "[1",
                "[1,]",
                "[,1]",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{'a':1}",
                "'a'",
                "nul",
                "truex",
                "True",
                "NaN",
                "Infinity",
                "-Infinity",
                "01",
                "-01",
                "1.",
                ".5",
                "+1",
                "-",
                "1e",
                "0x1",
                "\"",
                "\"\t\"",
                "\"\u0000\"",
                "\"\\x\"",
                "\"\\u12\"",
                "1 2",
                "1,2",
                "[]]",
                "/**/1",
                "1//",
                "#\n1",
                "[1e400]",
                "-1e400",
                "\u00a01"
            })
    void whatIsNotJsonIsRefusedWithItsPlace(String text) {
        assertThatThrownBy(() -> roundTrip(text))
                .isInstanceOf(NotJsonException.class)
                .hasMessageStartingWith("not JSON: ")
                .hasMessageContaining("at line ")
                .hasMessageContaining(" column ");
    }

    @Test
    void thePlaceIsWhereItGoesWrong() {
        assertThatThrownBy(() -> roundTrip("{\n  \"a\": ?\n}")).hasMessageContaining("line 2 column 8");
    }

    @Test
    void anIntegerBeyondTheRangeOfADoubleIsRefused() {
        assertThat(roundTrip("1" + "0".repeat(308))).startsWith("1000");
        assertThatThrownBy(() -> roundTrip("1" + "0".repeat(309))).isInstanceOf(NotJsonException.class);
    }

    static Stream<byte[]> notUtf8() {
        return Stream.of(
                bytes('"', 0xff, '"'),
                bytes('"', 0x80, '"'),
                bytes('"', 0xc3, '"'),
                bytes('"', 0xc0, 0xaf, '"'),
                bytes('"', 0xe0, 0x80, 0xaf, '"'),
                bytes('"', 0xed, 0xa0, 0x80, '"'),
                bytes('"', 0xf4, 0x90, 0x80, 0x80, '"'),
                bytes('"', 0xe4, 0xb8),
                "[1]".getBytes(StandardCharsets.UTF_16LE),
                "[1]".getBytes(StandardCharsets.UTF_16));
    }

    @ParameterizedTest
    @MethodSource
    void notUtf8(byte[] body) {
        assertThatThrownBy(() -> json.decode(body)).isInstanceOf(NotJsonException.class);
    }

    @Test
    void notUtf8IsFoundFarFromTheStart() {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        body.writeBytes(("\"" + "é".repeat(10_000)).getBytes(StandardCharsets.UTF_8));
        body.writeBytes(bytes(0xff, '"'));
        assertThatThrownBy(() -> json.decode(body.toByteArray())).hasMessageContaining("not UTF-8 at byte 20002");
    }

    @Test
    void halfASurrogatePairDoesNoHarm() {
        assertThat(roundTrip("\"\\ud800\"")).isEqualToIgnoringCase("\"\\ud800\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100, 500})
    void nestingIsAccepted(int depth) {
        String arrays = "[".repeat(depth) + "]".repeat(depth);
        String objects = "{\"a\":".repeat(depth) + "1" + "}".repeat(depth);
        assertThat(roundTrip(arrays)).isEqualTo(arrays);
        assertThat(roundTrip(objects)).isEqualTo(objects);
    }

    @ParameterizedTest
    @ValueSource(ints = {501, 1_000_000})
    void deeperNestingIsRefused(int depth) {
        assertThatThrownBy(() -> roundTrip("[".repeat(depth))).isInstanceOf(NotJsonException.class);
        assertThatThrownBy(() -> roundTrip("{\"\":".repeat(depth))).isInstanceOf(NotJsonException.class);
    }

    @Test
    void aTreeHasJacksonsOwnNodes() {
        JsonNode tree = json.decode("{\"a\":[1,2.5,null]}".getBytes(StandardCharsets.UTF_8));
        assertThat(tree.isObject()).isTrue();
        assertThat(tree.get("a").get(1).isDouble()).isTrue();
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }
}
