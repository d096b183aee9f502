package io.carrick.edge.http;

import com.google.protobuf.ByteString;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Header;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/** Reads a Call as Protocol Buffers map it to JSON. Members that it does not know are skipped. */
final class CallJson {

  private CallJson() {}

  /**
   * A call.
   *
   * @throws IllegalArgumentException if it is none
   */
  static Call read(byte[] body) {
    Call.Builder call = Call.newBuilder();
    try (JsonParser parser = MessageJson.JSON.createParser(ObjectReadContext.empty(), body)) {
      expect(parser.nextToken(), JsonToken.START_OBJECT);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        boolean absent = parser.nextToken() == JsonToken.VALUE_NULL;
        if (!absent) {
          member(parser, name, call);
        }
      }
      expect(parser.nextToken(), null);
      return call.build();
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the body is no JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void member(JsonParser parser, String name, Call.Builder call) {
    switch (name) {
      case "topic" -> call.setTopic(text(parser));
      case "contentType", "content_type" -> call.setContentType(text(parser));
      case "payload" -> call.setPayload(bytes(text(parser)));
      case "headers" -> headers(parser, call);
      default -> parser.skipChildren();
    }
  }

  private static void headers(JsonParser parser, Call.Builder call) {
    expect(parser.currentToken(), JsonToken.START_ARRAY);
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser.currentToken(), JsonToken.START_OBJECT);
      Header.Builder header = Header.newBuilder();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "name" -> header.setName(text(parser));
          case "value" -> header.setValue(text(parser));
          default -> parser.skipChildren();
        }
      }
      call.addHeaders(header);
    }
  }

  private static String text(JsonParser parser) {
    expect(parser.currentToken(), JsonToken.VALUE_STRING);
    return parser.getString();
  }

  /** Base64 of either alphabet, with or without its end. */
  private static ByteString bytes(String base64) {
    String standard = base64.replace('-', '+').replace('_', '/');
    return ByteString.copyFrom(Base64.getDecoder().decode(standard));
  }

  static void expect(@Nullable JsonToken found, @Nullable JsonToken due) {
    if (found != due) {
      throw new IllegalArgumentException(
          "the body is no carrick.v1.Call in JSON: " + due + " is due where " + found + " stands");
    }
  }
}
