package io.carrick.serialization;

import io.carrick.ContentTypes;
import java.io.IOException;
import java.lang.reflect.Type;
import java.math.BigInteger;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.TokenBuffer;

/** MessagePack by its own library, from and to the trees that Jackson makes of values. */
final class MessagePackMapping extends JacksonMapping {

  static final MessagePackMapping INSTANCE = new MessagePackMapping();

  private MessagePackMapping() {
    super(
        ContentTypes.MESSAGE_PACK,
        JacksonRules.binary(
                JsonMapper.builder(
                    JacksonRules.bounded(JsonFactory.builder(), StreamReadConstraints.defaults())
                        .build()))
            .build());
  }

  @Override
  byte[] write(Object value, @Nullable JavaType as) {
    JsonNode tree;
    try (TokenBuffer buffer = mapper._serializationContext().bufferForValueConversion()) {
      writer(as).writeValue(new ShallowGenerator(buffer), value);
      tree = mapper.readTree(buffer.asParser());
    }
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      pack(packer, tree);
      return packer.toByteArray();
    } catch (IOException e) {
      throw Failures.notEncodable(
          ContentTypes.MESSAGE_PACK, value.getClass(), "it has an unpaired surrogate", e);
    }
  }

  @Override
  JsonParser parser(byte[] bytes, Type type) {
    JsonNode tree = new MessagePackBody(bytes, type).read();
    return new StrictParser(mapper.treeAsTokens(tree), true);
  }

  private static void pack(MessagePacker packer, JsonNode node) throws IOException {
    switch (node.getNodeType()) {
      case OBJECT -> {
        packer.packMapHeader(node.size());
        for (Map.Entry<String, JsonNode> property : node.properties()) {
          text(packer, property.getKey());
          pack(packer, property.getValue());
        }
      }
      case ARRAY -> {
        packer.packArrayHeader(node.size());
        for (JsonNode item : node) {
          pack(packer, item);
        }
      }
      case BINARY -> {
        byte[] bytes = node.binaryValue();
        packer.packBinaryHeader(bytes.length);
        packer.writePayload(bytes);
      }
      case BOOLEAN -> packer.packBoolean(node.booleanValue());
      case NUMBER -> number(packer, node);
      case NULL, MISSING -> packer.packNil();
      default -> text(packer, node.asString());
    }
  }

  private static void number(MessagePacker packer, JsonNode node) throws IOException {
    switch (node.numberType()) {
      case INT, LONG -> packer.packLong(node.longValue());
      case FLOAT -> packer.packFloat(node.floatValue());
      case DOUBLE -> packer.packDouble(node.doubleValue());
      default -> {
        BigInteger whole = node.isBigInteger() ? node.bigIntegerValue() : null;
        if (whole != null && whole.bitLength() <= (whole.signum() < 0 ? 63 : 64)) {
          packer.packBigInteger(whole);
        } else {
          text(packer, node.asString());
        }
      }
    }
  }

  // Not packString, which replaces what it cannot encode.
  private static void text(MessagePacker packer, String text) throws IOException {
    byte[] utf8 = Utf8.encode(text);
    packer.packRawStringHeader(utf8.length);
    packer.writePayload(utf8);
  }
}
