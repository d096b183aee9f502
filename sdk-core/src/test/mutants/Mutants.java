import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/**
 * Plants the mistakes of mutants.txt one at a time and says which the tests of this module notice:
 * {@code java Mutants.java MODULE CLASS_PATH [--check] [NAME…]}. Exits with 1 where one survives
 * that has no excuse, with 2 where one cannot be planted or the tests fail without any.
 */
final class Mutants {

  private static final String PLANTED = "planted";
  private static final String REFUSED = "CANNOT BE PLANTED";
  private static final String KILLED = "killed";
  private static final String SURVIVED = "SURVIVED";

  private static final String PACKAGE = "io/carrick/core/";
  private static final Pattern FAILED =
      Pattern.compile("MethodSource \\[className = '([^']*)', methodName = '([^']*)'");

  /** What notices most in the least time is run first; the first test that fails is the last. */
  private static final List<List<String>> STAGES =
      List.of(
          List.of(
              "-Dcarrick.sim.seeds=20",
              "--select-class=io.carrick.core.session.SessionSimulationTest"),
          List.of(
              "--select-package=io.carrick.core.session",
              "--exclude-classname=.*(Simulation|LeftOutRule|Timing).*"),
          List.of(
              "--select-package=io.carrick.core",
              "--exclude-package=io.carrick.core.session",
              "--exclude-package=io.carrick.core.frame",
              "--exclude-tag=schedules"),
          List.of(
              "-Dcarrick.sim.seeds=300",
              "--select-class=io.carrick.core.session.SessionSimulationTest"));

  private record Mutant(
      String name, String file, String anchor, String from, String to, String excuse) {}

  private record Result(String state, String by) {}

  private final Path module;
  private final String classPath;
  private final Path work;

  private Mutants(Path module, String classPath) throws IOException {
    this.module = module;
    this.classPath = classPath;
    this.work = Files.createTempDirectory("mutants");
  }

  public static void main(String[] args) throws Exception {
    Mutants run = new Mutants(Path.of(args[0]).toAbsolutePath(), args[1]);
    try {
      System.exit(run.all(List.of(args).subList(2, args.length)));
    } finally {
      run.clear(run.work);
    }
  }

  private int all(List<String> args) throws Exception {
    List<Mutant> mutants = read(module.resolve("src/test/mutants/mutants.txt"));
    List<String> names = args.stream().filter(arg -> !arg.startsWith("--")).toList();
    boolean check = args.contains("--check");
    long limit = check ? 0 : timeWithout();
    Map<String, Integer> counts = new TreeMap<>();
    for (Mutant m : mutants) {
      if (names.isEmpty() ? check || m.excuse.isEmpty() : names.contains(m.name)) {
        Result result;
        try {
          plant(m);
          result = check ? new Result(PLANTED, "") : test(limit);
        } catch (IllegalStateException e) {
          result = new Result(REFUSED, e.getMessage());
        }
        counts.merge(result.state, 1, Integer::sum);
        System.out.println(result.state + "  " + m.name + " (" + m.file + ")  " + result.by);
      }
    }
    System.out.println(counts);
    return counts.containsKey(REFUSED) ? 2 : counts.containsKey(SURVIVED) ? 1 : 0;
  }

  /** How long the tests may take with a mutant, after they have passed without any. */
  private long timeWithout() throws Exception {
    long start = System.nanoTime();
    Result without = test(TimeUnit.MINUTES.toNanos(30));
    if (!without.state.equals(SURVIVED)) {
      System.out.println("the tests fail without any mutant: " + without.by);
      System.exit(2);
    }
    return Math.max(3 * (System.nanoTime() - start), TimeUnit.MINUTES.toNanos(3));
  }

  private static List<Mutant> read(Path list) throws IOException {
    List<Mutant> mutants = new ArrayList<>();
    String[] part = null;
    for (String line : Files.readAllLines(list)) {
      String text = line.length() > 2 ? line.substring(2).strip() : "";
      switch (line.isEmpty() ? ' ' : line.charAt(0)) {
        case '=' -> {
          add(part, mutants);
          String[] names = text.split(" \\| ");
          part = new String[] {names[0], names[1], "", "", "", ""};
        }
        case '@' -> part[2] = text;
        case '-' -> part[3] = text;
        case '+' -> part[4] = text;
        case '~' -> part[5] = text;
        default -> {}
      }
    }
    add(part, mutants);
    return mutants;
  }

  private static void add(String[] p, List<Mutant> to) {
    if (p != null) {
      to.add(new Mutant(p[0], p[1], p[2], p[3], p[4], p[5]));
    }
  }

  /** Compiles the file with the mistake, in the place of the one without. */
  private void plant(Mutant m) throws IOException {
    clear(work);
    String file = PACKAGE + m.file;
    String source = Files.readString(module.resolve("src/main/java").resolve(file));
    int after = m.anchor.isEmpty() ? 0 : once(source, m.anchor);
    int at = m.anchor.isEmpty() ? once(source, m.from) : source.indexOf(m.from, after);
    if (at < 0) {
      throw new IllegalStateException("not behind its anchor: " + m.from);
    }
    Path mutated = work.resolve("source").resolve(file);
    Files.createDirectories(mutated.getParent());
    Files.writeString(
        mutated, source.substring(0, at) + m.to + source.substring(at + m.from.length()));
    Path classes = Files.createDirectories(work.resolve("classes"));
    String[] options = {
      "-d",
      classes.toString(),
      "-cp",
      classPath,
      "-proc:none",
      "-nowarn",
      "-g",
      "-parameters",
      "-Xlint:none",
      "--release",
      "17",
      mutated.toString()
    };
    var complaints = new java.io.ByteArrayOutputStream();
    if (ToolProvider.getSystemJavaCompiler().run(null, complaints, complaints, options) != 0) {
      throw new IllegalStateException("does not compile: " + complaints);
    }
  }

  private static int once(String source, String text) {
    int at = source.indexOf(text);
    if (at < 0 || source.indexOf(text, at + 1) >= 0) {
      throw new IllegalStateException((at < 0 ? "not there: " : "there more than once: ") + text);
    }
    return at;
  }

  private Result test(long limitNanos) throws Exception {
    long until = System.nanoTime() + limitNanos;
    Path output = work.resolve("output");
    Files.createDirectories(work);
    for (List<String> stage : STAGES) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx512m", "-XX:TieredStopAtLevel=1"));
      stage.stream().filter(Mutants::isOfJvm).forEach(command::add);
      command.add("-cp");
      command.add(work.resolve("classes") + File.pathSeparator + classPath);
      command.addAll(
          List.of("org.junit.platform.console.ConsoleLauncher", "execute", "--fail-fast"));
      command.addAll(List.of("--disable-banner", "--disable-ansi-colors", "--details=none"));
      stage.stream().filter(argument -> !isOfJvm(argument)).forEach(command::add);
      Process process =
          new ProcessBuilder(command)
              .directory(module.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS)) {
        process.destroyForcibly().waitFor();
        return new Result(KILLED, "by the time limit");
      }
      if (process.exitValue() != 0) {
        Matcher failed = FAILED.matcher(Files.readString(output));
        return failed.find()
            ? new Result(KILLED, "by " + failed.group(1) + "." + failed.group(2))
            : new Result(KILLED, "exit " + process.exitValue() + ": " + Files.readString(output));
      }
    }
    return new Result(SURVIVED, "");
  }

  private static boolean isOfJvm(String argument) {
    return argument.startsWith("-D");
  }

  private void clear(Path directory) {
    try (Stream<Path> below = Files.exists(directory) ? Files.walk(directory) : Stream.empty()) {
      below.sorted(Comparator.reverseOrder()).forEach(Mutants::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
