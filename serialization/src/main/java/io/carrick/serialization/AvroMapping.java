package io.carrick.serialization;

import io.carrick.ContentTypes;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.util.TokenBuffer;

/** Avro, from and to the trees that Jackson makes of values. */
final class AvroMapping extends JacksonMapping {

  /** What single-object encoding begins with. */
  private static final int MARKER = 0xC301;

  private static final int HEAD = 2 + Long.BYTES;

  final AvroSchemas schemas;

  AvroMapping(Function<String, Optional<String>> source) {
    super(
        ContentTypes.AVRO,
        JacksonRules.binary(
                JsonMapper.builder(
                    JacksonRules.bounded(JsonFactory.builder(), StreamReadConstraints.defaults())
                        .build()))
            .build());
    schemas = new AvroSchemas(mapper, source);
  }

  @Override
  byte[] write(Object value, @Nullable JavaType as) {
    AvroSchemas.Known known = schemas.of(as == null ? mapper.constructType(value.getClass()) : as);
    JsonNode tree;
    try (TokenBuffer buffer = mapper._serializationContext().bufferForValueConversion()) {
      writer(as).writeValue(new ShallowGenerator(buffer), value);
      tree = mapper.readTree(buffer.asParser());
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(
        ByteBuffer.allocate(HEAD)
            .putShort((short) MARKER)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(known.fingerprint())
            .array());
    new AvroWriter(out, value.getClass()).write(known.schema(), tree, "");
    return out.toByteArray();
  }

  @Override
  JsonParser parser(byte[] bytes, Type type) {
    ByteBuffer head = ByteBuffer.wrap(bytes);
    if (bytes.length < HEAD || (head.getShort() & 0xFFFF) != MARKER) {
      throw Failures.malformed(
          ContentTypes.AVRO, type, bytes.length, "byte 0 (it begins with no fingerprint)");
    }
    // Before the body is looked at, so that a peer with the same type is understood.
    schemas.of(mapper.constructType(type));
    AvroSchemas.Known known =
        schemas.find(head.order(ByteOrder.LITTLE_ENDIAN).getLong(), bytes.length, type);
    JsonNode tree = new AvroBody(bytes, HEAD, type).read(known.schema());
    return new StrictParser(mapper.treeAsTokens(tree), true);
  }
}
