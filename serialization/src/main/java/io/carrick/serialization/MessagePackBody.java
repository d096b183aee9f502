package io.carrick.serialization;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigInteger;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.value.ValueType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Reads a body as a tree, and believes no length that it declares. */
final class MessagePackBody {

  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final byte[] bytes;
  private final Type type;
  private final MessageUnpacker unpacker;

  MessagePackBody(byte[] bytes, Type type) {
    this.bytes = bytes;
    this.type = type;
    this.unpacker = MessagePack.newDefaultUnpacker(bytes);
  }

  /**
   * The tree.
   *
   * @throws CodecException that names the byte where it is none
   */
  JsonNode read() {
    try {
      JsonNode tree = value(0);
      if (at() < bytes.length) {
        throw malformed("the value has ended");
      }
      return tree;
    } catch (MessagePackException | IOException e) {
      throw malformed(e.getClass().getSimpleName());
    }
  }

  private JsonNode value(int depth) throws IOException {
    MessageFormat format = unpacker.getNextFormat();
    switch (format.getValueType()) {
      case NIL -> {
        unpacker.unpackNil();
        return NODES.nullNode();
      }
      case BOOLEAN -> {
        return NODES.booleanNode(unpacker.unpackBoolean());
      }
      case INTEGER -> {
        return integer(format);
      }
      case FLOAT -> {
        return format == MessageFormat.FLOAT32
            ? NODES.numberNode(unpacker.unpackFloat())
            : NODES.numberNode(unpacker.unpackDouble());
      }
      case STRING -> {
        return NODES.stringNode(text(JsonCodec.MAX_STRING_LENGTH, "string"));
      }
      case BINARY -> {
        return NODES.binaryNode(payload(unpacker.unpackBinaryHeader()));
      }
      case ARRAY -> {
        return array(depth);
      }
      case MAP -> {
        return object(depth);
      }
      default -> throw malformed("an extension type; send its value as a text, a number or bytes");
    }
  }

  private JsonNode integer(MessageFormat format) throws IOException {
    long value;
    if (format == MessageFormat.UINT64) {
      BigInteger unsigned = unpacker.unpackBigInteger();
      if (unsigned.bitLength() > 63) {
        return NODES.numberNode(unsigned);
      }
      value = unsigned.longValue();
    } else {
      value = unpacker.unpackLong();
    }
    return value == (int) value ? NODES.numberNode((int) value) : NODES.numberNode(value);
  }

  private ArrayNode array(int depth) throws IOException {
    checkDepth(depth);
    int count = unpacker.unpackArrayHeader();
    checkLength(count);
    ArrayNode array = NODES.arrayNode();
    for (int i = 0; i < count; i++) {
      array.add(value(depth + 1));
    }
    return array;
  }

  private ObjectNode object(int depth) throws IOException {
    checkDepth(depth);
    int count = unpacker.unpackMapHeader();
    checkLength(2L * count);
    ObjectNode object = NODES.objectNode();
    for (int i = 0; i < count; i++) {
      String name = name();
      if (object.has(name)) {
        throw malformed("the same name twice");
      }
      object.set(name, value(depth + 1));
    }
    return object;
  }

  /** As JSON has it: a map of whole numbers has their digits as names. */
  private String name() throws IOException {
    MessageFormat format = unpacker.getNextFormat();
    if (format.getValueType() == ValueType.INTEGER) {
      return integer(format).asString();
    }
    if (format.getValueType() != ValueType.STRING) {
      throw malformed("a name that is neither a text nor a whole number");
    }
    return text(JsonCodec.MAX_NAME_LENGTH, "name");
  }

  private String text(int limit, String what) throws IOException {
    int start = at();
    byte[] utf8 = payload(unpacker.unpackRawStringHeader());
    String text = new String(utf8, UTF_8);
    if (text.indexOf('\uFFFD') >= 0 && Utf8.firstMalformed(utf8, 0, utf8.length) < utf8.length) {
      throw malformed(start, "no UTF-8");
    }
    if (text.length() > limit) {
      throw limitPassed("a " + what + " of " + text.length() + " characters exceeds " + limit);
    }
    return text;
  }

  private byte[] payload(int length) throws IOException {
    checkLength(length);
    return unpacker.readPayload(length);
  }

  /** Each item that is declared takes a byte at least. */
  private void checkLength(long declared) {
    if (declared > bytes.length - at()) {
      throw malformed("it ends before what it declares");
    }
  }

  private void checkDepth(int depth) {
    if (depth == JsonCodec.MAX_DEPTH) {
      throw limitPassed("nesting is deeper than the " + JsonCodec.MAX_DEPTH + " levels allowed");
    }
  }

  private int at() {
    return (int) unpacker.getTotalReadBytes();
  }

  private CodecException limitPassed(String limit) {
    return Failures.limitPassed(ContentTypes.MESSAGE_PACK, type, limit, null);
  }

  private CodecException malformed(String what) {
    return malformed(at(), what);
  }

  private CodecException malformed(int where, String what) {
    return Failures.malformed(
        ContentTypes.MESSAGE_PACK, type, bytes.length, "byte " + where + " (" + what + ")");
  }
}
