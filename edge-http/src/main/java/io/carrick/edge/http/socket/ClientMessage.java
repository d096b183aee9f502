package io.carrick.edge.http.socket;

import io.carrick.Headers;
import io.carrick.edge.http.MediaTypes;
import io.carrick.edge.http.MessageJson;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/**
 * One message of a client. What it does not say is empty, 0 or null.
 *
 * @param type what it is
 * @param call the number of the call that it is about
 * @param kind what an open asks for
 * @param topic or, of a subscription, the filter
 * @param items how many the node may send of the call, since it began; -1 where it does not say
 * @param contentType of its payload; null where it does not say
 * @param payload what it carries; null for nothing
 * @param headers of the message
 * @param accept content types of replies, best first
 * @param timeoutMillis what the call may take; 0 where it does not say
 * @param token a bearer token
 */
record ClientMessage(
    Type type,
    long call,
    @Nullable Kind kind,
    String topic,
    long items,
    @Nullable String contentType,
    byte @Nullable [] payload,
    List<Headers.Entry> headers,
    List<String> accept,
    long timeoutMillis,
    String token) {

  enum Type {
    HELLO,
    OPEN,
    ITEM,
    END,
    CREDIT,
    CANCEL,
    PING
  }

  enum Kind {
    REQUEST,
    SEND,
    PUBLISH,
    STREAM,
    CHANNEL,
    SUBSCRIBE;

    /** Whether it has one answer, rather than items. */
    boolean isUnary() {
      return this == REQUEST || this == SEND || this == PUBLISH;
    }
  }

  /** The largest number that JavaScript counts to. */
  static final long MOST = (1L << 53) - 1;

  private static final long MOST_MILLIS = 9_999_999_999L;
  private static final int MOST_ACCEPTED = 16;

  /**
   * Reads one. Members that it does not know are skipped.
   *
   * @throws Violation if it is none
   */
  static ClientMessage read(String text) {
    try (JsonParser json = MessageJson.JSON.createParser(ObjectReadContext.empty(), text)) {
      Reader reader = new Reader(json);
      expect(json.nextToken(), JsonToken.START_OBJECT, "the message");
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        json.nextToken();
        reader.member(name);
      }
      expect(json.nextToken(), null, "the end of the message");
      return reader.message();
    } catch (JacksonException e) {
      throw new Violation(Violation.MALFORMED, "the message is no JSON: " + e.getOriginalMessage());
    } catch (IllegalArgumentException e) {
      throw new Violation(Violation.PROTOCOL, String.valueOf(e.getMessage()));
    }
  }

  private static void expect(@Nullable JsonToken found, @Nullable JsonToken due, String where) {
    if (found != due) {
      throw new Violation(
          Violation.PROTOCOL, where + " has " + found + " where " + due + " is due");
    }
  }

  private static final class Reader {

    private final JsonParser json;
    private @Nullable Type type;
    private long call;
    private @Nullable Kind kind;
    private String topic = "";
    private long items = -1;
    private @Nullable String contentType;
    private byte @Nullable [] payload;
    private final List<Headers.Entry> headers = new ArrayList<>();
    private final List<String> accept = new ArrayList<>();
    private long timeoutMillis;
    private String token = "";

    Reader(JsonParser json) {
      this.json = json;
    }

    void member(String name) {
      switch (name) {
        case "t" -> type = word(name, Type.class);
        case "x" -> call = number(name, MOST);
        case "kind" -> kind = word(name, Kind.class);
        case "topic" -> topic = text(name);
        case "items" -> items = number(name, MOST);
        case "contentType" -> contentType = MediaTypes.checked(text(name));
        case "payload" -> payload = text(name).getBytes(StandardCharsets.UTF_8);
        case "payloadBase64" -> payload = Base64.getDecoder().decode(text(name));
        case "headers" -> readHeaders();
        case "accept" -> readAccepted();
        case "timeoutMillis" -> timeoutMillis = number(name, MOST_MILLIS);
        case "token" -> token = text(name);
        default -> json.skipChildren();
      }
    }

    private <E extends Enum<E>> E word(String name, Class<E> words) {
      String word = text(name);
      for (E each : words.getEnumConstants()) {
        if (each.name().toLowerCase(Locale.ROOT).equals(word)) {
          return each;
        }
      }
      String shown = word.length() > 20 ? word.substring(0, 20) + "..." : word;
      throw new Violation(Violation.PROTOCOL, name + " is the unknown word " + shown);
    }

    private String text(String where) {
      expect(json.currentToken(), JsonToken.VALUE_STRING, where);
      return json.getString();
    }

    private long number(String where, long most) {
      expect(json.currentToken(), JsonToken.VALUE_NUMBER_INT, where);
      if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || json.getLongValue() < 0
          || json.getLongValue() > most) {
        throw new Violation(Violation.PROTOCOL, where + " is a number from 0 to " + most);
      }
      return json.getLongValue();
    }

    private void readHeaders() {
      expect(json.currentToken(), JsonToken.START_ARRAY, "headers");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (headers.size() == Headers.MAX_ENTRIES) {
          throw new Violation(
              Violation.PROTOCOL, "more than " + Headers.MAX_ENTRIES + " headers came");
        }
        expect(json.currentToken(), JsonToken.START_ARRAY, "headers");
        json.nextToken();
        String name = text("headers");
        json.nextToken();
        headers.add(new Headers.Entry(name, text("headers")));
        expect(json.nextToken(), JsonToken.END_ARRAY, "headers");
      }
    }

    private void readAccepted() {
      expect(json.currentToken(), JsonToken.START_ARRAY, "accept");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (accept.size() == MOST_ACCEPTED) {
          throw new Violation(
              Violation.PROTOCOL, "more than " + MOST_ACCEPTED + " content types came");
        }
        accept.add(MediaTypes.bare(MediaTypes.checked(text("accept"))));
      }
    }

    ClientMessage message() {
      if (type == null) {
        throw new Violation(Violation.PROTOCOL, "the message does not say what it is: t");
      }
      if (call == 0 && type != Type.HELLO && type != Type.PING) {
        throw new Violation(Violation.PROTOCOL, "the message does not say its call: x, from 1");
      }
      if (type == Type.OPEN && kind == null) {
        throw new Violation(Violation.PROTOCOL, "the message does not say its kind");
      }
      return new ClientMessage(
          type,
          call,
          kind,
          topic,
          items,
          contentType,
          payload,
          headers,
          accept,
          timeoutMillis,
          token);
    }
  }
}
