package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A class that is first needed where there is no memory must not stay broken. */
final class InitializedTest {

  @Test
  void eachClassThatHasSomethingToInitializeIsInitializedAtTheBeginning() throws Exception {
    List<String> there =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.carrick.core", "io.carrick.spi", "io.carrick")
                .stream()
                .filter(c -> isOfTheApi(c) || c.getPackageName().startsWith("io.carrick.core"))
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

  private static boolean isOfTheApi(JavaClass c) {
    return c.getPackageName().equals("io.carrick") || c.getPackageName().equals("io.carrick.spi");
  }
}
