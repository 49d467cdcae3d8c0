package bench.echo.json;

import bench.echo.body.BodyReader;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Jackson, as strict and as exact as the contract asks for. Takes the place of Spring Boot's own mapper. */
@Configuration(proxyBeanMethods = false)
class JsonConfiguration {

    @Bean
    JsonMapper jsonMapper() {
        JsonFactory factory = JsonFactory.builder()
                // A number or a key may be as long as a body (1000 and 50,000 characters unless told). The depth of
                // nesting is left at 500.
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNumberLength(BodyReader.LIMIT)
                        .maxNameLength(BodyReader.LIMIT)
                        .build())
                // Bytes are UTF-8; Jackson would else take UTF-16 and UTF-32 for JSON too.
                .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
                // The fewest digits that give the same double back: Double.toString of Java 17 can write more.
                .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
                .build();
        return JsonMapper.builder(factory)
                .nodeFactory(new FiniteNumbers())
                // Both are Jackson's defaults; the contract rests on them.
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
                .build();
    }
}
