package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What others compile against, as text in sdk-api/public-api.txt: whoever changes it sees it in
 * review. Where a change is meant, the file that the failure names takes the place of the old one.
 */
final class PublicApiTest {

  private static final Pattern PACKAGES =
      Pattern.compile("\\b(io\\.carrick|java\\.lang|java\\.util(\\.concurrent)?)\\.(?=[A-Z])");
  private static final Path KEPT = Path.of("public-api.txt");
  private static final Path FOUND = Path.of("target", "public-api.txt");

  @Test
  void thePublicApiIsWhatTheFileSays() throws Exception {
    String found = PACKAGES.matcher(String.join("\n", lines())).replaceAll("") + "\n";
    Files.writeString(FOUND, found);

    assertThat(found)
        .as("what is public has changed: if it is meant, copy %s over %s", FOUND, KEPT)
        .isEqualTo(Files.readString(KEPT));
  }

  private static List<String> lines() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Messenger.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<String> lines = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.endsWith("-info.class"))
          .map(name -> name.substring(0, name.length() - ".class".length()).replace('/', '.'))
          .sorted()
          .map(PublicApiTest::named)
          .filter(PublicApiTest::isVisible)
          .forEach(type -> add(type, lines));
    }
    return lines;
  }

  private static Class<?> named(String name) {
    try {
      return Class.forName(name, false, PublicApiTest.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean isVisible(Class<?> type) {
    Class<?> around = type.getEnclosingClass();
    return isVisible(type.getModifiers())
        && !type.isAnonymousClass()
        && (around == null || isVisible(around));
  }

  private static boolean isVisible(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  private static void add(Class<?> type, List<String> lines) {
    String above =
        Stream.concat(
                Stream.ofNullable(type.getGenericSuperclass()),
                Arrays.stream(type.getGenericInterfaces()))
            .map(java.lang.reflect.Type::getTypeName)
            .filter(name -> !name.equals("java.lang.Object"))
            .collect(Collectors.joining(", "));
    lines.add(
        deprecated(type)
            + type.toGenericString().replaceAll("(non-)?sealed ", "")
            + (above.isEmpty() ? "" : " : " + above)
            + (type.isSealed() ? " permits " + permitted(type) : ""));
    List<String> members = new ArrayList<>();
    for (Field field : type.getDeclaredFields()) {
      add(field, field.toGenericString(), members);
    }
    for (Constructor<?> constructor : type.getDeclaredConstructors()) {
      add(constructor, constructor.toGenericString(), members);
    }
    for (Method method : type.getDeclaredMethods()) {
      if (!method.isBridge()) {
        add(method, method.toGenericString(), members);
      }
    }
    members.sort(null);
    lines.addAll(members);
  }

  private static <M extends Member & AnnotatedElement> void add(
      M member, String text, List<String> members) {
    if (isVisible(member.getModifiers()) && !member.isSynthetic()) {
      members.add("  " + deprecated(member) + text);
    }
  }

  private static String deprecated(AnnotatedElement element) {
    return element.isAnnotationPresent(Deprecated.class) ? "@Deprecated " : "";
  }

  private static String permitted(Class<?> type) {
    return Arrays.stream(type.getPermittedSubclasses())
        .map(Class::getSimpleName)
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
