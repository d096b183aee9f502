package io.carrick.core.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.carrick.Message;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A class that is first needed where there is no memory must not stay broken. */
final class InitializedTest {

  @Test
  void eachClassThatHasSomethingToInitializeIsInitializedAtTheBeginning() throws Exception {
    List<String> there =
        new ClassFileImporter()
            .importUrls(List.of(placeOf(Initialized.class), placeOf(Message.class))).stream()
                .filter(c -> c.getStaticInitializer().isPresent())
                .map(JavaClass::getName)
                .filter(name -> !name.equals(Initialized.class.getName()))
                .sorted()
                .toList();
    try (InputStream list = Initialized.class.getResourceAsStream(Initialized.LIST)) {
      String named = new String(list.readAllBytes(), StandardCharsets.US_ASCII);
      assertThat(named.lines()).containsExactlyElementsOf(there);
    }
  }

  private static URL placeOf(Class<?> type) {
    return type.getProtectionDomain().getCodeSource().getLocation();
  }
}
