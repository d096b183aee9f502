package io.carrick.cli;

import io.carrick.certificates.CertificateAuthority;
import io.carrick.certificates.CertificateOrder;
import io.carrick.certificates.PemPair;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes certificates to try TLS with. */
@Command(
    name = "cert",
    footerHeading = "%nExamples:%n",
    footer = {
      "  carrick cert orders --for localhost,127.0.0.1",
      "  carrick cert alice --dir tls --for spiffe://demo/alice"
    },
    description = {
      "Makes a certificate and its key, signed by a throw-away authority, to try TLS with.",
      "The authority is made in the directory when there is none. Its key lies beside it: whoever"
          + " reads that can be everybody. For services that matter use your platform's authority."
    })
final class CertCommand implements Callable<Integer> {

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

  @Parameters(
      paramLabel = "NAME",
      description =
          "Whose certificate: the first DNS name in it, by which services know who calls. Its files"
              + " are NAME.pem and NAME-key.pem.")
  private String name = "";

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where the files are; default: ${DEFAULT-VALUE}.")
  private Path directory = Path.of(".");

  @Option(
      names = "--for",
      split = ",",
      paramLabel = "HOST",
      description =
          "What else it is for: the DNS names and IP addresses where a service is reached, for"
              + " instance localhost,127.0.0.1, or a URI (spiffe://...) as the name of who calls.")
  private List<String> others = List.of();

  @Option(names = "--force", description = "Replace the files if they are there.")
  private boolean force;

  @Option(
      names = "--valid",
      paramLabel = "TIME",
      defaultValue = "24h",
      converter = Converters.OfPositive.class,
      description = "For how long, up to 8760h; default: ${DEFAULT-VALUE}.")
  private Duration valid = Duration.ofHours(24);

  private final Terminal terminal;

  CertCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (!NAME.matcher(name).matches() || name.equals(CertificateAuthority.NAME)) {
      throw new IllegalArgumentException(
          "name \"" + name + "\" must match " + NAME.pattern() + " and not be ca");
    }
    refuseToReplace(PemPair.certificateFile(directory, name));
    refuseToReplace(PemPair.keyFile(directory, name));
    List<String> names =
        Stream.concat(Stream.of(name), others.stream().map(String::strip)).distinct().toList();
    Files.createDirectories(directory);
    authority().issue(CertificateOrder.of(name, names, valid)).write(directory, name);
    Path certificate = PemPair.certificateFile(directory, name);
    terminal.line("certificate " + certificate + " for " + String.join(", ", names));
    terminal.line("key " + PemPair.keyFile(directory, name));
    terminal.line("authority " + PemPair.certificateFile(directory, CertificateAuthority.NAME));
    return ExitCode.DONE;
  }

  private void refuseToReplace(Path file) {
    if (!force && Files.exists(file)) {
      throw new IllegalArgumentException(
          file + " exists: give --force to replace it, or another name or --dir");
    }
  }

  private CertificateAuthority authority() throws IOException {
    if (Files.exists(PemPair.certificateFile(directory, CertificateAuthority.NAME))) {
      return CertificateAuthority.read(directory);
    }
    CertificateAuthority fresh = CertificateAuthority.create("carrick throw-away authority");
    fresh.own().write(directory, CertificateAuthority.NAME);
    return fresh;
  }
}
