package io.carrick.serialization;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Int32Value;
import com.google.protobuf.Int64Value;
import com.google.protobuf.NullValue;
import com.google.protobuf.StringValue;
import com.google.protobuf.Timestamp;
import com.google.protobuf.Value;
import io.carrick.CodecException;
import io.carrick.StatusCode;
import io.carrick.spi.Codec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** What becomes of a value where one side has a newer type: the table of docs/serialization.md. */
class EvolutionTest {

  private static final long BEYOND_AN_INT = (1L << 32) + 5;

  record Short(String id) {}

  record Long(String id, Optional<String> note) {}

  record Renamed(@JsonAlias("id") String key) {}

  record Narrow(int count) {}

  record Wide(long count) {}

  enum Few {
    RED
  }

  enum Many {
    BLUE,
    RED
  }

  record OfFew(Few colour) {}

  record OfMany(Many colour) {}

  record Forth(String first, int second) {}

  record Back(int second, String first) {}

  private static final List<Codec> RECORDS =
      List.of(new JsonCodec(), new CborCodec(), new MessagePackCodec(), new AvroCodec());
  private static final Codec PROTOBUF = new ProtobufCodec();

  private final List<String> table = new ArrayList<>();

  @Test
  void theTableSaysWhatHappens() throws Exception {
    row(
        "add an optional property",
        records(new Short("a"), Long.class, v -> is(v, new Long("a", Optional.empty()), "absent")),
        records(
            new Long("a", Optional.of("n")), Short.class, v -> is(v, new Short("a"), "ignored")),
        protobuf(StringValue.of("a"), Any.class, v -> is(v.getValue(), ByteString.EMPTY, "absent")),
        protobuf(
            any("a", "n"),
            StringValue.class,
            v -> is(PROTOBUF.encode(v), PROTOBUF.encode(any("a", "n")), "kept unseen")));
    row(
        "remove an optional property",
        records(
            new Long("a", Optional.of("n")), Short.class, v -> is(v, new Short("a"), "ignored")),
        records(new Short("a"), Long.class, v -> is(v, new Long("a", Optional.empty()), "absent")),
        protobuf(
            any("a", "n"),
            StringValue.class,
            v -> is(PROTOBUF.encode(v), PROTOBUF.encode(any("a", "n")), "kept unseen")),
        protobuf(
            StringValue.of("a"), Any.class, v -> is(v.getValue(), ByteString.EMPTY, "absent")));
    row(
        "rename, with `@JsonAlias` of the old name",
        records(new Short("a"), Renamed.class, v -> is(v, new Renamed("a"), "kept")),
        records(new Renamed("a"), Short.class, v -> is(v, new Short(null), "absent")),
        protobuf(Int64Value.of(7), Timestamp.class, v -> is(v.getSeconds(), 7L, "kept")),
        protobuf(
            Timestamp.newBuilder().setSeconds(7).build(),
            Int64Value.class,
            v -> is(v, Int64Value.of(7), "kept")));
    row(
        "widen a number that fits",
        records(new Narrow(7), Wide.class, v -> is(v, new Wide(7), "kept")),
        records(new Wide(7), Narrow.class, v -> is(v, new Narrow(7), "kept")),
        protobuf(Int32Value.of(-7), Int64Value.class, v -> is(v, Int64Value.of(-7), "kept")),
        protobuf(Int64Value.of(-7), Int32Value.class, v -> is(v, Int32Value.of(-7), "kept")));
    row(
        "widen a number that no longer fits",
        "–",
        records(new Wide(BEYOND_AN_INT), Narrow.class, v -> "taken"),
        "–",
        protobuf(
            Int64Value.of(BEYOND_AN_INT),
            Int32Value.class,
            v -> is(v, Int32Value.of(5), "**cut to 32 bits**")));
    row(
        "add a value to an enum",
        records(new OfFew(Few.RED), OfMany.class, v -> is(v, new OfMany(Many.RED), "kept")),
        records(new OfMany(Many.BLUE), OfFew.class, v -> "taken"),
        protobuf(
            Value.newBuilder().setNullValue(NullValue.NULL_VALUE).build(),
            Value.class,
            v -> is(v.getNullValue(), NullValue.NULL_VALUE, "kept")),
        protobuf(
            Int32Value.of(7),
            Value.class,
            v -> is(v.getNullValue(), NullValue.UNRECOGNIZED, "`UNRECOGNIZED`")));
    row(
        "reorder properties",
        records(new Forth("a", 1), Back.class, v -> is(v, new Back(1, "a"), "kept")),
        records(new Back(1, "a"), Forth.class, v -> is(v, new Forth("a", 1), "kept")),
        protobuf(any("a", "n"), Any.class, v -> is(v, any("a", "n"), "kept")),
        reordered());

    assertThat(Files.readString(Path.of("..", "docs", "serialization.md")))
        .contains(String.join("\n", table));
  }

  private void row(String change, String... outcomes) {
    table.add("| " + change + " | " + String.join(" | ", outcomes) + " |");
  }

  /** What all codecs of records make of it; a refusal names the property. */
  private static <T> String records(Object sent, Class<T> type, Function<T, String> judge) {
    List<String> outcomes =
        RECORDS.stream().map(codec -> outcome(codec, sent, type, judge)).distinct().toList();
    assertThat(outcomes).hasSize(1);
    return outcomes.get(0);
  }

  private static <T> String protobuf(Object sent, Class<T> type, Function<T, String> judge) {
    return outcome(PROTOBUF, sent, type, judge);
  }

  private static <T> String outcome(
      Codec codec, Object sent, Class<T> type, Function<T, String> judge) {
    T value;
    try {
      value = codec.decode(codec.encode(sent), type);
    } catch (CodecException e) {
      assertThat(e.code()).isEqualTo(StatusCode.INVALID_ARGUMENT);
      assertThat(e).hasMessageContaining(type.getRecordComponents()[0].getName());
      return "refused";
    }
    return judge.apply(value);
  }

  private static String is(Object actual, Object expected, String word) {
    assertThat(actual).isEqualTo(expected);
    return word;
  }

  private static String reordered() {
    byte[] secondFirst = {0x12, 1, 'n', 0x0A, 1, 'a'};
    return is(PROTOBUF.decode(secondFirst, Any.class), any("a", "n"), "kept");
  }

  private static Any any(String first, String second) {
    return Any.newBuilder().setTypeUrl(first).setValue(ByteString.copyFromUtf8(second)).build();
  }
}
