package io.carrick.serialization;

import io.carrick.ContentTypes;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
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
  byte[] write(Object value) {
    return mapper.writeValueAsBytes(value);
  }

  @Override
  JsonParser parser(byte[] bytes, Class<?> type) {
    new CborBody(bytes, type).check();
    return new StrictParser(mapper.createParser(bytes), true);
  }
}
