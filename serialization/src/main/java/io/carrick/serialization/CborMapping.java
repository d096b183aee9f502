package io.carrick.serialization;

import io.carrick.ContentTypes;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.databind.JavaType;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORMapper;

/** CBOR by Jackson. */
final class CborMapping extends JacksonMapping {

  static final CborMapping INSTANCE = new CborMapping();

  private CborMapping() {
    super(
        ContentTypes.CBOR,
        JacksonRules.binary(
                CBORMapper.builder(
                    JacksonRules.bounded(CBORFactory.builder(), StreamReadConstraints.defaults())
                        .build()))
            .build());
  }

  @Override
  byte[] write(Object value, @Nullable JavaType as) {
    return writer(as).writeValueAsBytes(value);
  }

  @Override
  JsonParser parser(byte[] bytes, Type type) {
    new CborBody(bytes, type).check();
    return new StrictParser(mapper.createParser(bytes), true);
  }
}
