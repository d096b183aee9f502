package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.carrick.spi.Codec;
import io.carrick.spi.Compressor;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class InstallationTest {

  @Test
  void allCodecsAreFoundAndAvailableWithTheirLibraries() {
    List<Codec> codecs = found(InstallationTest.class.getClassLoader());

    assertThat(codecs)
        .extracting(Codec::contentType)
        .contains(
            "application/octet-stream",
            "text/plain",
            "application/x-protobuf",
            "application/json",
            "application/cbor",
            "application/vnd.msgpack",
            "application/avro");
    assertThat(codecs).allMatch(Codec::isAvailable);
  }

  @Test
  void withoutTheirLibrariesTheyLoadAndNameWhatIsMissing() throws Exception {
    URL[] withoutLibraries = {place(BytesCodec.class), place(Codec.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutLibraries, ClassLoader.getPlatformClassLoader())) {
      Class<?> type = loader.loadClass(Codec.class.getName());

      List<String> seen = new ArrayList<>();
      for (Object codec : ServiceLoader.load(type, loader)) {
        String contentType = (String) type.getMethod("contentType").invoke(codec);
        boolean available = (boolean) type.getMethod("isAvailable").invoke(codec);
        seen.add(contentType + " " + available + " " + type.getMethod("remedy").invoke(codec));
      }

      assertThat(seen)
          .containsExactlyInAnyOrder(
              "application/octet-stream true ",
              "text/plain true ",
              "application/x-protobuf false add com.google.protobuf:protobuf-java 4.36 or later",
              "application/json false add com.google.protobuf:protobuf-java-util 4.36 and"
                  + " tools.jackson.core:jackson-databind 3.2, or later ones, for messages of"
                  + " protobuf",
              "application/json false add tools.jackson.core:jackson-databind 3.2 or later",
              "application/cbor false add tools.jackson.dataformat:jackson-dataformat-cbor 3.2 or"
                  + " later",
              "application/vnd.msgpack false add org.msgpack:msgpack-core 0.9.12 and"
                  + " tools.jackson.core:jackson-databind 3.2 or later",
              "application/avro false add org.apache.avro:avro 1.12 and"
                  + " tools.jackson.core:jackson-databind 3.2 or later");
    }
  }

  @Test
  void withoutJacksonAValueIsRefusedWithTheRemedy() throws Throwable {
    URL[] withoutLibraries = {place(BytesCodec.class), place(Codec.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutLibraries, ClassLoader.getPlatformClassLoader())) {
      Class<?> json = loader.loadClass(JsonCodec.class.getName());
      // As code does that makes one: reflection would look at the constructor with a mapper, too.
      Object codec =
          MethodHandles.publicLookup()
              .findConstructor(json, MethodType.methodType(void.class))
              .invoke();

      Throwable refusal =
          catchThrowable(() -> json.getMethod("encode", Object.class).invoke(codec, 42));

      assertThat(refusal.getCause())
          .hasMessage(
              "application/json needs a library that is not installed: "
                  + "add tools.jackson.core:jackson-databind 3.2 or later");
    }
  }

  @Test
  void withoutTheirLibrariesCompressorsLoadAndNameWhatIsMissing() throws Throwable {
    URL[] withoutLibraries = {place(BytesCodec.class), place(Codec.class)};
    try (URLClassLoader loader =
        new URLClassLoader(withoutLibraries, ClassLoader.getPlatformClassLoader())) {
      List<String> seen = new ArrayList<>();
      for (String name : List.of("Zstd", "Lz4", "Snappy", "Gzip", "Deflate")) {
        Class<?> type = loader.loadClass(Compressor.class.getName());
        Object compressor =
            loader
                .loadClass("io.carrick.serialization." + name + "Compressor")
                .getConstructor()
                .newInstance();
        seen.add(
            type.getMethod("encoding").invoke(compressor)
                + " "
                + type.getMethod("isAvailable").invoke(compressor)
                + " "
                + type.getMethod("remedy").invoke(compressor));
      }

      assertThat(seen)
          .containsExactly(
              "zstd false add com.github.luben:zstd-jni 1.5.7 or later",
              "lz4 false add at.yawk.lz4:lz4-java 1.14",
              "snappy false add org.xerial.snappy:snappy-java 1.1.10.12 or later",
              "gzip true ",
              "deflate true ");
    }
  }

  private static List<Codec> found(ClassLoader loader) {
    return ServiceLoader.load(Codec.class, loader).stream()
        .map(ServiceLoader.Provider::get)
        .toList();
  }

  private static URL place(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
