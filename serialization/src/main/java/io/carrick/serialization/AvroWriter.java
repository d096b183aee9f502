package io.carrick.serialization;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import tools.jackson.databind.JsonNode;

/** Writes a tree by the schema of its type (Avro specification, binary encoding). */
final class AvroWriter {

  private final ByteArrayOutputStream out;
  private final Class<?> type;

  AvroWriter(ByteArrayOutputStream out, Class<?> type) {
    this.out = out;
    this.type = type;
  }

  void write(Schema schema, JsonNode node, String path) {
    switch (schema.getType()) {
      case NULL -> check(node.isNull() || node.isMissingNode(), path);
      case BOOLEAN -> {
        check(node.isBoolean(), path);
        out.write(node.booleanValue() ? 1 : 0);
      }
      case INT, LONG -> {
        check(node.isIntegralNumber() && node.canConvertToLong(), path);
        number(node.longValue());
      }
      case FLOAT -> {
        check(node.isNumber(), path);
        fixed(4, Float.floatToRawIntBits(node.floatValue()));
      }
      case DOUBLE -> {
        check(node.isNumber(), path);
        fixed(8, Double.doubleToRawLongBits(node.doubleValue()));
      }
      case STRING -> {
        check(node.isString() || node.isNumber(), path);
        text(node.asString(), path);
      }
      case BYTES -> {
        check(node.isBinary(), path);
        bytes(node.binaryValue());
      }
      case ARRAY -> array(schema, node, path);
      case MAP -> map(schema, node, path);
      case UNION -> union(schema.getTypes(), node, path);
      case RECORD -> record(schema, node, path);
      default -> throw new IllegalStateException("no schema of a type has " + schema.getType());
    }
  }

  private void array(Schema schema, JsonNode node, String path) {
    check(node.isArray(), path);
    if (!node.isEmpty()) {
      number(node.size());
      int index = 0;
      for (JsonNode item : node) {
        write(schema.getElementType(), item, path + "[" + index++ + "]");
      }
    }
    number(0);
  }

  private void map(Schema schema, JsonNode node, String path) {
    check(node.isObject(), path);
    if (!node.isEmpty()) {
      number(node.size());
      for (Map.Entry<String, JsonNode> entry : node.properties()) {
        text(entry.getKey(), path);
        write(schema.getValueType(), entry.getValue(), path + "[*]");
      }
    }
    number(0);
  }

  private void record(Schema schema, JsonNode node, String path) {
    List<Schema.Field> fields = schema.getFields();
    if (AvroShapes.ANY.equals(schema.getFullName())) {
      write(fields.get(0).schema(), node, path);
      return;
    }
    check(node.isObject(), path);
    int there = 0;
    for (Schema.Field field : fields) {
      JsonNode value = node.path(field.name());
      there += value.isMissingNode() ? 0 : 1;
      write(field.schema(), value, path.isEmpty() ? field.name() : path + "." + field.name());
    }
    // Of a class that extends the one that was declared: its properties would be lost.
    check(there == node.size(), path);
  }

  private void union(List<Schema> kinds, JsonNode node, String path) {
    Schema.Type wanted =
        switch (node.getNodeType()) {
          case NULL, MISSING -> Schema.Type.NULL;
          case BOOLEAN -> Schema.Type.BOOLEAN;
          case BINARY -> Schema.Type.BYTES;
          case ARRAY -> Schema.Type.ARRAY;
          case OBJECT -> Schema.Type.MAP;
          case NUMBER ->
              node.isIntegralNumber() && node.canConvertToLong()
                  ? Schema.Type.LONG
                  : node.isFloat() || node.isDouble() ? Schema.Type.DOUBLE : Schema.Type.STRING;
          default -> Schema.Type.STRING;
        };
    int index = wanted == Schema.Type.NULL || kinds.size() == 2 ? 0 : -1;
    if (index == 0 && wanted != Schema.Type.NULL) {
      index = 1;
    }
    for (int i = 0; index < 0 && i < kinds.size(); i++) {
      index = kinds.get(i).getType() == wanted ? i : -1;
    }
    number(index);
    write(kinds.get(index), node, path);
  }

  private void number(long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~127L) != 0) {
      out.write((int) (rest | 128));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private void fixed(int length, long bits) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array();
    out.write(all, 0, length);
  }

  private void text(String text, String path) {
    try {
      bytes(Utf8.encode(text));
    } catch (CharacterCodingException e) {
      throw Failures.notEncodable(
          ContentTypes.AVRO, type, "it has an unpaired surrogate" + in(path), e);
    }
  }

  private void bytes(byte[] bytes) {
    number(bytes.length);
    out.writeBytes(bytes);
  }

  private void check(boolean fits, String path) {
    if (!fits) {
      throw misfit(path);
    }
  }

  private CodecException misfit(String path) {
    return Failures.notEncodable(
        ContentTypes.AVRO,
        type,
        "it is not what the schema of its declared type says" + in(path),
        null);
  }

  private static String in(String path) {
    return path.isEmpty() ? "" : ", in " + path;
  }
}
