package bench.echo.web;

import bench.echo.body.BodyReader;
import bench.echo.metrics.RequestMetrics;
import org.apache.coyote.http11.AbstractHttp11Protocol;
import org.springframework.boot.tomcat.ConfigurableTomcatWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The settings of Tomcat that {@code application.yaml} has no name for. */
@Configuration(proxyBeanMethods = false)
class TomcatConfiguration {

    @Bean
    WebServerFactoryCustomizer<ConfigurableTomcatWebServerFactory> tomcatForTheContract(RequestMetrics metrics) {
        return factory -> {
            factory.addEngineValves(new MetricsValve(metrics), new LateBodyValve());
            factory.addConnectorCustomizers(connector -> {
                var protocol = (AbstractHttp11Protocol<?>) connector.getProtocolHandler();
                // A limit of its own for each wait for bytes of a body.
                protocol.setDisableUploadTimeout(false);
                protocol.setConnectionUploadTimeout((int) BodyReader.PATIENCE.toMillis());
                // 100 Continue only once the body is wanted.
                protocol.setContinueResponseTiming("onRead");
            });
        };
    }
}
