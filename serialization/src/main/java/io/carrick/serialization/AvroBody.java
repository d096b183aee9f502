package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.avro.Schema;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reads a body by the schema of its writer, as a tree of names and values, and believes no length
 * that it declares (Avro specification, binary encoding). Logical types are what they stand on.
 */
final class AvroBody {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Records and nulls take no byte: how many values there may be for each, and beside. */
  private static final int VALUES_A_BYTE = 4;

  private static final int FREE_VALUES = 1_024;

  private final byte[] bytes;
  private final Type type;
  private final ByteBuffer in;
  private long valuesLeft;

  AvroBody(byte[] bytes, int from, Type type) {
    this.bytes = bytes;
    this.type = type;
    this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).position(from);
    this.valuesLeft = FREE_VALUES + (long) VALUES_A_BYTE * bytes.length;
  }

  /**
   * The tree.
   *
   * @throws CodecException that names the byte where it is none
   */
  JsonNode read(Schema schema) {
    JsonNode tree = value(schema, 0);
    if (in.hasRemaining()) {
      throw malformed("the value has ended");
    }
    return tree;
  }

  private JsonNode value(Schema schema, int depth) {
    if (--valuesLeft < 0) {
      throw limitPassed("more than " + VALUES_A_BYTE + " values for each byte");
    }
    return switch (schema.getType()) {
      case NULL -> NODES.nullNode();
      case BOOLEAN -> bool();
      case INT -> NODES.numberNode(integer());
      case LONG -> whole(number());
      case FLOAT -> NODES.numberNode(needs(4).getFloat());
      case DOUBLE -> NODES.numberNode(needs(8).getDouble());
      case STRING -> NODES.stringNode(text(JsonCodec.MAX_STRING_LENGTH, "string"));
      case BYTES -> NODES.binaryNode(block(number()));
      case FIXED -> NODES.binaryNode(block(schema.getFixedSize()));
      case ENUM ->
          NODES.stringNode(schema.getEnumSymbols().get(index(schema.getEnumSymbols().size())));
      case UNION -> value(schema.getTypes().get(index(schema.getTypes().size())), depth);
      case ARRAY -> array(schema.getElementType(), checked(depth));
      case MAP -> map(schema.getValueType(), checked(depth));
      case RECORD ->
          AvroShapes.ANY.equals(schema.getFullName()) && schema.getFields().size() == 1
              ? value(schema.getFields().get(0).schema(), depth)
              : record(schema, checked(depth));
    };
  }

  private JsonNode record(Schema schema, int depth) {
    ObjectNode record = NODES.objectNode();
    for (Schema.Field field : schema.getFields()) {
      record.set(field.name(), value(field.schema(), depth));
    }
    return record;
  }

  private ArrayNode array(Schema items, int depth) {
    ArrayNode array = NODES.arrayNode();
    for (long count = count(); count > 0; count = count()) {
      for (long i = 0; i < count; i++) {
        array.add(value(items, depth));
      }
    }
    return array;
  }

  private ObjectNode map(Schema values, int depth) {
    ObjectNode map = NODES.objectNode();
    for (long count = count(); count > 0; count = count()) {
      for (long i = 0; i < count; i++) {
        String name = text(JsonCodec.MAX_NAME_LENGTH, "name");
        if (map.has(name)) {
          throw malformed("the same name twice");
        }
        map.set(name, value(values, depth));
      }
    }
    return map;
  }

  /** How many items follow; a negative count has the size of its block behind it. */
  private long count() {
    long count = number();
    if (count >= 0) {
      return count;
    }
    if (number() < 0 || count == Long.MIN_VALUE) {
      throw malformed("a block of no size");
    }
    return -count;
  }

  private JsonNode bool() {
    byte value = needs(1).get();
    if (value != 0 && value != 1) {
      throw malformed("neither true nor false");
    }
    return NODES.booleanNode(value == 1);
  }

  private static JsonNode whole(long value) {
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  private int index(int size) {
    int index = integer();
    if (index < 0 || index >= size) {
      throw malformed("a choice that the schema does not have");
    }
    return index;
  }

  private int integer() {
    long value = number();
    if (value != (int) value) {
      throw malformed("a number beyond an int");
    }
    return (int) value;
  }

  private long number() {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      byte next = needs(1).get();
      value |= (next & 127L) << shift;
      if (next >= 0) {
        if (shift == 63 && next > 1) {
          break;
        }
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw malformed("a number beyond a long");
  }

  private String text(int limit, String what) {
    int start = in.position();
    byte[] utf8 = block(number());
    String text = new String(utf8, UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && Utf8.firstMalformed(utf8, 0, utf8.length) < utf8.length) {
      throw malformed(start, "no UTF-8");
    }
    if (text.length() > limit) {
      throw limitPassed("a " + what + " of " + text.length() + " characters exceeds " + limit);
    }
    return text;
  }

  private byte[] block(long length) {
    if (length < 0 || length > in.remaining()) {
      throw malformed("it ends before what it declares");
    }
    int from = in.position();
    in.position(from + (int) length);
    return Arrays.copyOfRange(bytes, from, from + (int) length);
  }

  private ByteBuffer needs(int count) {
    if (in.remaining() < count) {
      throw malformed("it ends too early");
    }
    return in;
  }

  private int checked(int depth) {
    if (depth == JsonCodec.MAX_DEPTH) {
      throw limitPassed("nesting is deeper than the " + JsonCodec.MAX_DEPTH + " levels allowed");
    }
    return depth + 1;
  }

  private CodecException limitPassed(String limit) {
    return Failures.limitPassed(ContentTypes.AVRO, type, limit, null);
  }

  private CodecException malformed(String what) {
    return malformed(in.position(), what);
  }

  private CodecException malformed(int where, String what) {
    return Failures.malformed(
        ContentTypes.AVRO, type, bytes.length, "byte " + where + " (" + what + ")");
  }
}
