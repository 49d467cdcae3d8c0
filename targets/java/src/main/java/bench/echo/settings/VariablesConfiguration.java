package bench.echo.settings;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class VariablesConfiguration {

    @Bean
    Variables variables() {
        return new Variables(System.getenv());
    }
}
