import io.moquette.broker.Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/// Moquette as one process, a peer of the benchmarks: `MoquetteNode FOLDER`, which has `moquette.properties`. It has no program of its own
/// on Maven Central, only the broker that others embed.
final class MoquetteNode {
    public static void main(String[] args) throws IOException, InterruptedException {
        Properties settings = new Properties();
        try (var file = Files.newBufferedReader(Path.of(args[0], "moquette.properties"))) {
            settings.load(file);
        }
        Server node = new Server();
        Runtime.getRuntime().addShutdownHook(new Thread(node::stopServer, "stop"));
        node.startServer(settings);
        System.out.println("Moquette is ready");
        Thread.currentThread().join();
    }
}
