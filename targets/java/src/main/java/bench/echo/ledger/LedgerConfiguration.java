package bench.echo.ledger;

import bench.echo.settings.Variables;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class LedgerConfiguration {

    @Bean
    Ledger ledger(Variables variables) {
        return new Ledger(Acknowledgement.from(variables), Ledger.OPEN);
    }
}
