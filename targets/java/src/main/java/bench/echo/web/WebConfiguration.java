package bench.echo.web;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Set;
import org.springframework.boot.webmvc.autoconfigure.WebMvcRegistrations;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.HttpMethod;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** OPTIONS is a method like any other: 405 where Spring would answer 200 by itself. */
@Configuration(proxyBeanMethods = false)
class WebConfiguration {

    @Bean
    WebMvcRegistrations optionsLikeAnyOther() {
        return new WebMvcRegistrations() {
            @Override
            public RequestMappingHandlerMapping getRequestMappingHandlerMapping() {
                return new OptionsLikeAnyOther();
            }
        };
    }

    /** Only asked where no mapping fits, so other requests pay nothing. */
    private static class OptionsLikeAnyOther extends RequestMappingHandlerMapping {

        @Override
        protected HandlerMethod handleNoMatch(Set<RequestMappingInfo> mappings, String path, HttpServletRequest request)
                throws ServletException {
            HandlerMethod handler = super.handleNoMatch(mappings, path, request);
            if (handler == null || !HttpMethod.OPTIONS.matches(request.getMethod())) {
                return handler;
            }
            List<String> allowed = mappings.stream()
                    .filter(mapping -> mapping.getActivePatternsCondition().getMatchingCondition(request) != null)
                    .flatMap(mapping -> mapping.getMethodsCondition().getMethods().stream())
                    .map(Enum::name)
                    .toList();
            if (allowed.isEmpty()) {
                // A path that is not a client's to ask for: see ContainerErrorController.
                return null;
            }
            throw new HttpRequestMethodNotSupportedException(request.getMethod(), allowed);
        }
    }
}
