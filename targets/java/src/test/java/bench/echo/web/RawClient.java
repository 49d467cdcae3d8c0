package bench.echo.web;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** One connection, spoken to in raw bytes. Text is Latin-1: a char is a byte. Nothing waits longer than 45 s. */
public final class RawClient implements Closeable {

    private static final int PATIENCE_MS = 45_000;

    private final Socket socket;
    private final InputStream in;

    public RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        in = socket.getInputStream();
    }

    /** The text of a POST with that body, of which each char is a byte. */
    public static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: test\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
    }

    public static String request(String method, String path) {
        return method + " " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
    }

    public RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    public void finishSending() throws IOException {
        socket.shutdownOutput();
    }

    public Answer echo(String json) throws IOException {
        return send(post("/echo", new String(json.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1)))
                .answer();
    }

    /** The next answer with its body, whose length is announced. */
    public Answer answer() throws IOException {
        Answer head = head();
        byte[] body = in.readNBytes(Integer.parseInt(head.header("content-length")));
        return new Answer(
                head.version(), head.status(), head.headers(), new String(body, StandardCharsets.UTF_8), body);
    }

    /** The next answer's head alone. */
    public Answer head() throws IOException {
        String[] start = line().split(" ", -1);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
        return new Answer(start[0], Integer.parseInt(start[1]), headers, "", new byte[0]);
    }

    /** Whether the server has closed, with nothing more sent; waits for it. */
    public boolean isClosed() throws IOException {
        return in.read() == -1;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next == -1) {
                throw new EOFException("closed after: " + line);
            }
            line.append((char) next);
        }
        return line.toString().stripTrailing();
    }

    /** An answer; the names of its headers are in lower case. The body is there as text and as the bytes that came. */
    public record Answer(String version, int status, Map<String, String> headers, String body, byte[] bytes) {

        public String header(String name) {
            return headers.get(name);
        }

        public boolean closes() {
            return "close".equals(header("connection"));
        }
    }
}
