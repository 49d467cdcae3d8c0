package bench.echo.gzip;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptEncodingTest {

    private static boolean namesGzip(String... headers) {
        return AcceptEncoding.namesGzip(Collections.enumeration(List.of(headers)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "gzip",
                "GZip",
                "gzip, deflate, br",
                "br,gzip",
                "br;q=1.0,\t gzip ; q=0.5 , *;q=0",
                "gzip;Q=0.001",
                "gzip;q=1",
                "gzip;q=0, gzip",
                ", gzip,"
            })
    void gzipIsNamed(String header) {
        assertThat(namesGzip(header)).isTrue();
        assertThat(namesGzip("br", header)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "*",
                "*;q=1",
                "identity",
                "br",
                "x-gzip",
                "gzipped",
                "gzip;q=0",
                "gzip; q=0.000",
                "gzip;q=",
                "gzip;q=-1",
                "br;q=0.5;gzip"
            })
    void gzipIsNotNamed(String header) {
        assertThat(namesGzip(header)).isFalse();
    }

    @Test
    void withoutAHeaderNothingIsNamed() {
        assertThat(namesGzip()).isFalse();
    }
}
