package bench.echo.session;

import bench.echo.json.JsonCodec;
import bench.echo.settings.Variables;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class SessionConfiguration {

    @Bean
    Users users(Variables variables) {
        return Users.from(variables);
    }

    @Bean
    Tokens tokens(Variables variables, JsonCodec json) {
        return new Tokens(Tokens.secret(variables), json, Clock.systemUTC());
    }
}
