package io.carrick.serialization;

import io.carrick.ContentTypes;
import tools.jackson.core.JsonParser;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** JSON by Jackson. */
final class JsonMapping extends JacksonMapping {

  static final JsonMapping DEFAULT =
      new JsonMapping(
          JacksonRules.safe(
                  JacksonRules.exact(
                      JsonMapper.builder(JacksonRules.bounded(JsonFactory.builder()).build())))
              .build());

  private JsonMapping(JsonMapper mapper) {
    super(ContentTypes.JSON, mapper);
  }

  @Override
  byte[] write(Object value) {
    byte[] json = mapper.writeValueAsBytes(value);
    if (Utf8.unpairedInJson(json) >= 0) {
      throw Failures.notEncodable(
          ContentTypes.JSON, value.getClass(), "it has an unpaired surrogate", null);
    }
    return json;
  }

  @Override
  JsonParser parser(byte[] bytes, Class<?> type) {
    int bad = Utf8.unpairedInJson(bytes);
    if (bad >= 0) {
      throw Failures.malformed(
          ContentTypes.JSON, type, bytes.length, "byte " + bad + " (an unpaired surrogate)");
    }
    return new StrictParser(mapper.createParser(bytes), false);
  }
}
