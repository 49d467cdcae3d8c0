package bench.echo.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import bench.echo.json.InvalidValueException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TransferReaderTest {

    private static final String WHOLE = "{\"id\":\"t-1\",\"from\":\"a\",\"to\":\"b\",\"amount\":5}";

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @Test
    void otherKeysAndTheFormOfNumbersDoNotMatter() {
        Transfer transfer = new Transfer("t-1", "a", "b", 5);
        assertThat(TransferReader.transfer(json(WHOLE))).isEqualTo(transfer);
        assertThat(TransferReader.transfer(json(WHOLE.replace("5", "5.0")))).isEqualTo(transfer);
        assertThat(TransferReader.transfer(json(WHOLE.replace("5", "5e0,\"more\":[]"))))
                .isEqualTo(transfer);
    }

    @ParameterizedTest
    @ValueSource(strings = {"A", "z.Z_9-", "0123456789012345678901234567890123456789012345678901234567890123"})
    void idsMayBeOfAnyOfThoseCharacters(String id) {
        assertThat(TransferReader.transfer(json(WHOLE.replace("t-1", id))).id()).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[]",
                "\"t-1\"",
                "{}",
                "{\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t-1\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t-1\",\"from\":\"a\",\"amount\":5}",
                "{\"id\":\"t-1\",\"from\":\"a\",\"to\":\"b\"}",
                "{\"id\":1,\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t-1\",\"from\":null,\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t-1\",\"from\":\"a\",\"to\":[\"b\"],\"amount\":5}",
                "{\"id\":\"t-1\",\"from\":\"a\",\"to\":\"b\",\"amount\":\"5\"}",
                "{\"id\":\"t-1\",\"from\":\"a\",\"to\":\"b\",\"amount\":true}",
                "{\"id\":\"\",\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t 1\",\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"t-1\\n\",\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"é\",\"from\":\"a\",\"to\":\"b\",\"amount\":5}",
                "{\"id\":\"01234567890123456789012345678901234567890123456789012345678901234\","
                        + "\"from\":\"a\",\"to\":\"b\",\"amount\":5}"
            })
    void whatIsNotATransferIsRefusedAloneAndInABatch(String text) {
        assertThatThrownBy(() -> TransferReader.transfer(json(text))).isInstanceOf(InvalidValueException.class);
        assertThatThrownBy(() -> TransferReader.batch(json("[" + WHOLE + "," + text + "]")))
                .isInstanceOf(InvalidValueException.class)
                .hasMessageStartingWith("transaction 1: ");
    }

    @Test
    void aBatchHasOneToAThousand() {
        String thousand = WHOLE + ("," + WHOLE).repeat(999);
        assertThat(TransferReader.batch(json("[" + thousand + "]"))).hasSize(1000);
        for (String text : new String[] {"[]", WHOLE, "[" + thousand + "," + WHOLE + "]"}) {
            assertThatThrownBy(() -> TransferReader.batch(json(text))).isInstanceOf(InvalidValueException.class);
        }
    }
}
