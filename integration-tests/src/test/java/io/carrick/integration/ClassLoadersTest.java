package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Messenger;
import io.carrick.Remote;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The Javadoc of Messenger.builder: an application whose classes have a loader of their own, as
 * those of a fat jar do, asks on threads that know nothing of it, as those of the common pool.
 */
@Timeout(60)
final class ClassLoadersTest {

  /** Loaded by the loader of the application: two messengers that exchange JSON. */
  public static final class Application implements Supplier<String> {

    /** What passes. */
    public record Hello(String name) {}

    @Override
    public String get() {
      String endpoint = "memory:" + UUID.randomUUID();
      try (Messenger server = Messenger.builder("server").listen(endpoint).build();
          Messenger client = Messenger.builder("client").build()) {
        server.handle("greet", Hello.class, hello -> "Hello, " + hello.name());
        Remote remote = client.connect(endpoint);
        return remote.request("greet", new Hello("you"), String.class).join();
      }
    }
  }

  private static URLClassLoader ofApplication() throws Exception {
    List<URL> urls = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      urls.add(Path.of(entry).toUri().toURL());
    }
    return new URLClassLoader(urls.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  private static String runOn(ClassLoader context) throws Exception {
    try (URLClassLoader loader = ofApplication()) {
      Supplier<?> application =
          (Supplier<?>)
              loader.loadClass(Application.class.getName()).getDeclaredConstructor().newInstance();
      CompletableFuture<Object> result = new CompletableFuture<>();
      Thread thread =
          new Thread(
              () -> {
                try {
                  result.complete(application.get());
                } catch (Throwable e) {
                  result.completeExceptionally(e);
                }
              });
      thread.setContextClassLoader(context);
      thread.start();
      return (String) result.get(30, TimeUnit.SECONDS);
    }
  }

  @Test
  void aThreadWhoseLoaderDoesNotKnowCarrickFindsIt() throws Exception {
    assertThat(runOn(ClassLoader.getPlatformClassLoader())).isEqualTo("Hello, you");
  }

  @Test
  void aThreadWhoseLoaderKnowsAnotherCarrickFindsTheOneThatItCalls() throws Exception {
    assertThat(runOn(ClassLoader.getSystemClassLoader())).isEqualTo("Hello, you");
  }

  @Test
  void aThreadWithoutALoaderFindsIt() throws Exception {
    assertThat(runOn(null)).isEqualTo("Hello, you");
  }
}
