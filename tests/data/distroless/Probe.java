import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.FileInputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.Charset;
import java.security.KeyStore;
import java.time.Instant;
import java.time.ZoneId;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What a program in Java expects of its runtime and of what is around it; a line for each. */
public class Probe {
    public static void main(String[] words) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init((KeyStore) null);
        int anchors = ((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers().length;
        System.out.println("anchors " + (anchors > 100));
        System.out.println("charset " + Charset.defaultCharset() + " größe");
        System.out.println("zone " + Instant.ofEpochSecond(1700000000).atZone(ZoneId.of("Asia/Kathmandu")).getHour());
        System.out.println("reflection " + Class.forName("java.util.ArrayList").getMethod("size").invoke(new java.util.ArrayList<>()));
        System.out.println("sql " + java.sql.Date.valueOf("2000-01-01"));
        System.out.println("log " + java.util.logging.Logger.getLogger("").getHandlers().length);
        System.out.println("memory " + (java.lang.management.ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getMax() > 0));
        System.out.println("https " + https());
        System.out.println("user " + System.getProperty("user.name") + " " + System.getProperty("user.home"));
    }

    static String https() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        char[] password = "secret".toCharArray();
        try (FileInputStream file = new FileInputStream("/app/site.p12")) {
            store.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(store, password);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        HttpsServer server = HttpsServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context));
        server.createContext("/", exchange -> {
            byte[] page = "größe".getBytes("UTF-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        URI place = URI.create("https://localhost:" + server.getAddress().getPort() + "/");
        String answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(place).build(), BodyHandlers.ofString()).body();
        server.stop(0);
        return answer;
    }
}
