package io.carrick.edge.http;

import io.carrick.Headers;
import io.carrick.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * CloudEvents 1.0 in its structured mode: one JSON object has what in the binary mode are headers
 * {@code ce-…}, content type and body. Pure functions.
 */
final class CloudEvents {

  static final String CONTENT_TYPE = "application/cloudevents+json";
  static final String PREFIX = "ce-";

  private static final String DATA_TYPE = "datacontenttype";
  private static final String VERSION = "1.0";
  private static final Set<String> REQUIRED = Set.of("id", "source", "specversion", "type");

  private CloudEvents() {}

  /**
   * The message of an event.
   *
   * @param beside headers of the request
   * @throws IllegalArgumentException if it is none
   */
  static Message read(String topic, Headers beside, byte[] body) {
    List<Headers.Entry> entries = new ArrayList<>();
    String type = "";
    byte @Nullable [] text = null; // Of data that is a string.
    byte[] data = {};
    try (JsonParser parser = MessageJson.JSON.createParser(ObjectReadContext.empty(), body)) {
      CallJson.expect(parser.nextToken(), JsonToken.START_OBJECT);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("data")) {
          text = value == JsonToken.VALUE_STRING ? utf8(parser.getString()) : null;
          data = raw(parser, body);
        } else if (name.equals("data_base64")) {
          data = Base64.getDecoder().decode(parser.getString());
          text = null;
        } else if (name.equals(DATA_TYPE)) {
          type = parser.getString();
        } else if (value.isScalarValue() && value != JsonToken.VALUE_NULL) {
          entries.add(new Headers.Entry(PREFIX + name, parser.getString()));
        } else if (value != JsonToken.VALUE_NULL) {
          throw new IllegalArgumentException("attribute " + name + " of the event is no text");
        }
      }
      CallJson.expect(parser.nextToken(), null);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("the event is no JSON: " + e.getOriginalMessage(), e);
    }
    checked(entries);
    entries.addAll(beside.entries());
    String contentType = MediaTypes.checked(type.isEmpty() ? "application/json" : type);
    byte[] payload = text != null && !isJson(contentType) ? text : data;
    return Message.wrap(topic, Headers.of(entries), contentType, payload);
  }

  private static void checked(List<Headers.Entry> entries) {
    Headers headers = Headers.of(entries);
    for (String name : REQUIRED) {
      if (headers.first(PREFIX + name).filter(value -> !value.isEmpty()).isEmpty()) {
        throw new IllegalArgumentException("the event has no " + name);
      }
    }
    if (!headers.first(PREFIX + "specversion").orElse("").equals(VERSION)) {
      throw new IllegalArgumentException("specversion is " + VERSION);
    }
  }

  /** The bytes of the value that the parser is at. */
  private static byte[] raw(JsonParser parser, byte[] body) {
    int start = (int) parser.currentTokenLocation().getByteOffset();
    parser.skipChildren();
    parser.finishToken();
    int end = (int) parser.currentLocation().getByteOffset();
    if (start < 0 || end < start) { // It counts characters of UTF-16 and UTF-32.
      throw new IllegalArgumentException("the event is no JSON in UTF-8");
    }
    return Arrays.copyOfRange(body, start, end);
  }

  private static boolean isJson(String contentType) {
    String type = MediaTypes.bare(contentType);
    return type.equals("application/json") || type.endsWith("+json");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Whether a message says that it is an event. */
  static boolean isEvent(Message message) {
    return REQUIRED.stream().allMatch(name -> message.headers().first(PREFIX + name).isPresent());
  }

  /** An event as one JSON object. */
  static byte[] write(Message event) {
    JsonText json = new JsonText();
    for (Headers.Entry each : event.headers().entries()) {
      if (each.name().startsWith(PREFIX)) {
        json.put(each.name().substring(PREFIX.length()), each.value());
      }
    }
    if (!event.contentType().isEmpty()) {
      json.put(DATA_TYPE, event.contentType());
    }
    if (event.size() > 0) {
      if (MediaTypes.isText(event.contentType()) && !isJson(event.contentType())) {
        json.put("data", event.text());
      } else {
        json.put("data_base64", Base64.getEncoder().encodeToString(event.sharedBytes()));
      }
    }
    return utf8(json.end());
  }
}
