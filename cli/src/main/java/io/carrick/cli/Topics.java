package io.carrick.cli;

import io.carrick.CallException;
import io.carrick.ContentTypes;
import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.StatusCode;
import io.carrick.serialization.JsonCodec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a service tells of its topics. That is a convention, not a part of the protocol: a service
 * that wants to be listed answers requests on {@code carrick/topics} with a JSON array.
 */
final class Topics {

  static final String TOPIC = "carrick/topics";

  private static final JsonCodec JSON = new JsonCodec();

  private final List<Entry> entries;

  private Topics(List<Entry> entries) {
    this.entries = entries;
  }

  /**
   * One handler.
   *
   * @param topic its topic
   * @param pattern request, send, stream or channel
   * @param takes the type of what it takes, for people
   * @param gives the type of what it answers, for people; empty for a send
   */
  record Entry(String topic, String pattern, String takes, String gives) {}

  /** These, and the listing itself. */
  static Topics of(Entry... entries) {
    List<Entry> all = new ArrayList<>(List.of(entries));
    all.add(new Entry(TOPIC, "request", "nothing", ContentTypes.JSON));
    return new Topics(List.copyOf(all));
  }

  /** Answers who asks. */
  void register(Messenger messenger) {
    Message listing = Message.of(ContentTypes.JSON, JSON.encode(entries));
    messenger.handle(TOPIC, Message.class, (Message request) -> listing);
  }

  /** What a service answered. */
  static List<Entry> parse(Message answer) {
    try {
      Entry[] entries = JSON.decode(answer.toByteArray(), Entry[].class);
      return Arrays.stream(entries).map(Topics::complete).toList();
    } catch (RuntimeException e) {
      throw new CallException(
          StatusCode.INVALID_ARGUMENT,
          "what the service answers on "
              + TOPIC
              + " is no JSON array of objects with topic, pattern, takes and gives");
    }
  }

  // A member that a service leaves out comes as null.
  private static Entry complete(Entry entry) {
    return new Entry(
        orEmpty(entry.topic), orEmpty(entry.pattern), orEmpty(entry.takes), orEmpty(entry.gives));
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}
