import com.hivemq.embedded.EmbeddedHiveMQ;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;

/// HiveMQ Community Edition as one process, a peer of the benchmarks: `HiveMqNode FOLDER`, which has `conf/config.xml` and gets `data`.
/// Embedded it lets every client in; as a server of its own it would need an extension for that.
final class HiveMqNode {
    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        EmbeddedHiveMQ node = EmbeddedHiveMQ.builder()
            .withConfigurationFolder(folder.resolve("conf"))
            .withDataFolder(Files.createDirectories(folder.resolve("data")))
            .withExtensionsFolder(Files.createDirectories(folder.resolve("extensions")))
            .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(node), "stop"));
        node.start().get();
        System.out.println("HiveMQ is ready");
        Thread.currentThread().join();
    }

    static void stop(EmbeddedHiveMQ node) {
        try {
            node.close();
            System.out.println("HiveMQ has stopped");
        } catch (ExecutionException failed) {
            System.err.println("HiveMQ did not stop as it should: " + failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
