package bench.echo.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;

/** The libraries in the packaged server are those of {@code dependencies.lock}: no other, none less, byte for byte. */
class DependenciesLockIT {

    private static final String FOLDER = "BOOT-INF/lib/";

    @Test
    void whatIsPackagedIsWhatWasLocked() throws Exception {
        List<String> packaged = new ArrayList<>();
        try (JarFile server = new JarFile(System.getProperty("server.jar"))) {
            for (JarEntry entry : server.stream().toList()) {
                if (entry.getName().startsWith(FOLDER) && entry.getName().endsWith(".jar")) {
                    packaged.add(line(server, entry));
                }
            }
        }
        assertThat(packaged).containsExactlyInAnyOrderElementsOf(Files.readAllLines(Path.of("dependencies.lock")));
    }

    private static String line(JarFile server, JarEntry entry) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream library = server.getInputStream(entry)) {
            digest.update(library.readAllBytes());
        }
        return HexFormat.of().formatHex(digest.digest())
                + "  target/server/lib/"
                + entry.getName().substring(FOLDER.length());
    }
}
