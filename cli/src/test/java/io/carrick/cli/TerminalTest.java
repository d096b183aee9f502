package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ContentTypes;
import io.carrick.Message;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class TerminalTest {

  private final Captured captured = Captured.plain();

  @Test
  void textAndJsonArePrintedAsTheyAreOneALine() {
    captured.terminal().body(Message.ofText("grün 🪢"));
    captured.terminal().body(Message.of(ContentTypes.JSON, utf8("{\"a\":1}")));
    captured.terminal().body(Message.ofText("ends by itself\n"));
    captured.terminal().body(Message.empty());

    assertThat(captured.out()).isEqualTo("grün 🪢\n{\"a\":1}\nends by itself\n\n");
  }

  @Test
  void otherBytesArePrintedAsBase64() {
    captured.terminal().body(Message.of(new byte[] {0, 1, (byte) 0xFF}));

    assertThat(captured.out()).isEqualTo("AAH/\n");
  }

  @Test
  void textWithBytesThatAreNoUtf8IsPrintedAsItIs() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(new Output(bytes), System.err, InputStream.nullInputStream(), false, false);

    terminal.body(Message.of(ContentTypes.TEXT, new byte[] {'a', (byte) 0xFF, '\n'}));

    assertThat(bytes.toByteArray()).containsExactly('a', 0xFF, '\n');
  }

  @Test
  void whatAPeerSaysInAnErrorCannotSteerTheTerminalOfAPerson() {
    Captured person = new Captured(true, new byte[0]);

    person.terminal().error("UNKNOWN: \u001b[2Jgone");

    assertThat(person.err()).contains("\\u001b[2Jgone").doesNotContain("\u001b");
  }

  @Test
  void coloursAreForThoseWhoWantThem() {
    Terminal coloured =
        new Terminal(
            new Output(OutputStream.nullOutputStream()),
            System.err,
            InputStream.nullInputStream(),
            true,
            true);

    assertThat(coloured.painted(Terminal.Colour.RED, "x")).isEqualTo("\u001b[31mx\u001b[0m");
    assertThat(captured.terminal().painted(Terminal.Colour.RED, "x")).isEqualTo("x");
  }

  @Test
  void rawBytesArePrintedWithoutAnEndOfLine() {
    captured.terminal().raw(Message.of(utf8("bytes")));

    assertThat(captured.out()).isEqualTo("bytes");
  }

  @Test
  void aPeerCannotSteerTheTerminalOfAPerson() {
    Captured person = new Captured(true, new byte[0]);

    person.terminal().body(Message.ofText("\u001b[2Jgone\u202Etxt\tstays\r"));

    assertThat(person.out()).isEqualTo("\\u001b[2Jgone\\u202etxt\tstays\\u000d\n");
  }

  @Test
  void whoNoLongerReadsIsNoticed() {
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Terminal terminal =
        new Terminal(new Output(closed), System.err, InputStream.nullInputStream(), false, false);

    assertThat(terminal.body(Message.ofText("x"))).isFalse();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
