package bench.echo;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.stream.Collectors;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Says on standard output where the server listens and what the JVM was given. */
@Component
class StartupLine {

    private final String host;
    private final boolean virtualThreads;

    StartupLine(
            @Value("${server.address:0.0.0.0}") String host,
            @Value("${spring.threads.virtual.enabled:false}") boolean virtualThreads) {
        this.host = host;
        this.virtualThreads = virtualThreads;
    }

    @EventListener
    void print(ApplicationReadyEvent event) {
        int port = ((WebServerApplicationContext) event.getApplicationContext())
                .getWebServer()
                .getPort();
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        String collectors = ManagementFactory.getGarbageCollectorMXBeans().stream()
                .map(GarbageCollectorMXBean::getName)
                .collect(Collectors.joining(" + "));
        System.out.printf(
                "listening on http://%s:%d with %d processors, Java %s, heap %d to %d MiB, %s, %s threads%n",
                host.contains(":") ? "[" + host + "]" : host,
                port,
                Runtime.getRuntime().availableProcessors(),
                Runtime.version(),
                heap.getInit() >> 20,
                heap.getMax() >> 20,
                collectors,
                virtualThreads ? "virtual" : "platform");
    }
}
