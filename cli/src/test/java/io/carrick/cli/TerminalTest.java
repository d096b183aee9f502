package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.ContentTypes;
import io.carrick.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
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
        new Terminal(new PrintStream(closed), System.err, InputStream.nullInputStream(), false);

    assertThat(terminal.body(Message.ofText("x"))).isFalse();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
