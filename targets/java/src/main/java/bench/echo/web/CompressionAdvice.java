package bench.echo.web;

import bench.echo.gzip.AcceptEncoding;
import bench.echo.gzip.Compressor;
import org.springframework.core.MethodParameter;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.converter.ByteArrayHttpMessageConverter;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.servlet.mvc.method.annotation.ResponseBodyAdvice;

/**
 * Compresses answers, errors among them, before they are written: their length is known then. Tomcat's own compression
 * works on the stream, and so sends chunks.
 */
@RestControllerAdvice
class CompressionAdvice implements ResponseBodyAdvice<byte[]> {

    /** The least size that is compressed, in bytes. */
    static final int LEAST = 256;

    private static final String GZIP = "gzip";

    @Override
    public boolean supports(MethodParameter returnType, Class<? extends HttpMessageConverter<?>> converter) {
        return ByteArrayHttpMessageConverter.class.isAssignableFrom(converter);
    }

    @Override
    public byte[] beforeBodyWrite(
            byte[] body,
            MethodParameter returnType,
            MediaType type,
            Class<? extends HttpMessageConverter<?>> converter,
            ServerHttpRequest request,
            ServerHttpResponse response) {
        if (body == null || body.length < LEAST || !isWanted((ServletServerHttpRequest) request)) {
            return body;
        }
        response.getHeaders().set(HttpHeaders.CONTENT_ENCODING, GZIP);
        response.getHeaders().set(HttpHeaders.VARY, HttpHeaders.ACCEPT_ENCODING);
        return Compressor.compress(body);
    }

    private static boolean isWanted(ServletServerHttpRequest request) {
        return AcceptEncoding.namesGzip(request.getServletRequest().getHeaders(HttpHeaders.ACCEPT_ENCODING));
    }
}
