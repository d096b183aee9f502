package io.carrick.core.message;

import io.carrick.CodecException;
import io.carrick.ContentTypes;
import io.carrick.Delivered;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import io.carrick.core.frame.Text;
import io.carrick.core.run.Installed;
import io.carrick.spi.Codec;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses among the installed codecs. A {@link Message} passes as it is, and {@link Void} takes
 * nothing. Immutable; what it throws is a {@link CodecException}.
 */
public final class Codecs {

  /** A message as it is. */
  public static final TypeRef<Message> MESSAGE = TypeRef.of(Message.class);

  /** What nothing is wanted of. */
  public static final TypeRef<Void> NOTHING = TypeRef.of(Void.class);

  private static final int MAX_ACCEPT = 16;
  private static final Pattern MEDIA_TYPE =
      Pattern.compile("[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*");

  private static final Comparator<Codec> BEST_FIRST =
      Comparator.comparingInt(Codec::priority).reversed();

  private final List<Codec> available;
  private final List<Codec> missing;
  private final List<String> contentTypes;

  /** By the types that the application uses. */
  private final Map<Type, List<Codec>> byType = new ConcurrentHashMap<>();

  private final Map<Type, List<String>> acceptByType = new ConcurrentHashMap<>();

  /**
   * Chooses among these.
   *
   * @param codecs of two for one content type that take the same type, the first is used
   */
  public Codecs(List<? extends Codec> codecs) {
    available = codecs.stream().map(Codec.class::cast).filter(Codec::isAvailable).toList();
    missing = codecs.stream().map(Codec.class::cast).filter(c -> !c.isAvailable()).toList();
    contentTypes =
        available.stream().sorted(BEST_FIRST).map(Codec::contentType).distinct().toList();
  }

  private List<Codec> forType(Type type) {
    List<Codec> known = byType.get(type);
    if (known == null) {
      Map<String, Codec> byName = new LinkedHashMap<>();
      for (Codec codec : available) {
        if (!byName.containsKey(codec.contentType()) && codec.supports(type)) {
          byName.put(codec.contentType(), codec);
        }
      }
      known = byName.values().stream().sorted(BEST_FIRST).toList();
      byType.put(type, known);
    }
    return known;
  }

  /** Those that are given before those that ServiceLoader finds. */
  public static Codecs with(List<Codec> given) {
    return new Codecs(
        Stream.concat(given.stream(), Installed.of(Codec.class).stream().sorted(BEST_FIRST))
            .toList());
  }

  /** A codec of the application, if it can be used. */
  public static Codec checked(Codec codec) {
    String name = codec.contentType();
    if (!MEDIA_TYPE.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "content type \""
              + Text.printable(name)
              + "\" of "
              + codec.getClass().getName()
              + " must be a media type in lower case, without parameters");
    }
    if (!codec.isAvailable()) {
      throw new IllegalArgumentException(
          "the codec of " + name + " is not available: " + codec.remedy());
    }
    return codec;
  }

  /** What can be encoded and decoded here, best first. */
  public List<String> contentTypes() {
    return contentTypes;
  }

  /** What a caller that wants this type can decode; empty for anything. */
  public List<String> accept(TypeRef<?> wanted) {
    Type type = wanted.type();
    if (type == Message.class || type == Void.class) {
      return List.of();
    }
    List<String> known = acceptByType.get(type);
    if (known == null) {
      known = forType(type).stream().map(Codec::contentType).limit(MAX_ACCEPT).toList();
      acceptByType.put(type, known);
    }
    return known;
  }

  /**
   * Encodes the value of a call.
   *
   * @param wanted the content type that the caller asked for
   * @param offered what the peer can decode, empty where it did not say
   */
  public Encoded encode(Object value, Optional<String> wanted, List<String> offered) {
    if (value instanceof Message message) {
      return new Encoded(message.headers(), message.contentType(), message.sharedBytes());
    }
    Codec codec =
        wanted.isPresent()
            ? named(wanted.get(), value.getClass())
            : best(value.getClass(), "", List.of(), offered);
    return encode(codec, value, value.getClass());
  }

  /**
   * Encodes a reply or an item: by preference like the request was, else by what the caller takes.
   *
   * @param as the type that it was declared with, or its class
   */
  public Encoded encodeReply(
      Object value, Type as, String requestType, List<String> accept, List<String> offered) {
    if (value instanceof Message message) {
      return new Encoded(message.headers(), message.contentType(), message.sharedBytes());
    }
    return encode(best(as, bare(requestType), accept, offered), value, as);
  }

  private static Encoded encode(Codec codec, Object value, Type as) {
    try {
      return new Encoded(
          io.carrick.Headers.EMPTY,
          codec.contentType(),
          as instanceof Class<?> ? codec.encode(value) : codec.encode(value, as));
    } catch (MessagingException e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException(
          StatusCode.INVALID_ARGUMENT,
          Delivered.NO,
          "a " + value.getClass().getName() + " could not be encoded as " + codec.contentType(),
          e);
    }
  }

  /** Whether a value may be sent to a peer with these offers under this content type. */
  public static boolean suits(String contentType, List<String> offered) {
    return contentType.isEmpty() || offered.isEmpty() || offered.contains(contentType);
  }

  /** Decodes bytes to a type; null for {@link Void}. */
  public <T> @Nullable T decode(Message message, TypeRef<T> wanted) {
    Type type = wanted.type();
    if (type == Message.class) {
      return cast(wanted, message);
    }
    if (type == Void.class) {
      return null;
    }
    Codec codec = decoder(bare(message.contentType()), type);
    try {
      return cast(wanted, codec.decode(message.sharedBytes(), type));
    } catch (MessagingException e) {
      throw e;
    } catch (Throwable e) {
      throw new CodecException(
          StatusCode.INVALID_ARGUMENT,
          Delivered.MAYBE,
          "a body of "
              + message.size()
              + " bytes of "
              + codec.contentType()
              + " is no "
              + type.getTypeName(),
          e);
    }
  }

  /** Decodes what a call brought back: whatever is wrong with it, the call was delivered. */
  public <T> @Nullable T decodeReply(Supplier<Message> message, TypeRef<T> type) {
    try {
      return decode(message.get(), type);
    } catch (CodecException e) {
      throw new CodecException(e.code(), Delivered.YES, String.valueOf(e.getMessage()), e);
    }
  }

  /** A value as the type that it was made as. */
  @SuppressWarnings("unchecked") // Codecs make what they are asked for; a class is checked.
  public static <T> T cast(TypeRef<T> type, Object value) {
    return type.type() instanceof Class<?> plain && !plain.isPrimitive()
        ? (T) plain.cast(value)
        : (T) value;
  }

  private Codec decoder(String contentType, Type type) {
    List<Codec> suitable = forType(type);
    for (Codec codec : suitable) {
      if (contentType.isEmpty() || codec.contentType().equals(contentType)) {
        return codec;
      }
    }
    throw failure(
        "no codec for "
            + type.getTypeName()
            + (contentType.isEmpty() ? "" : " from " + Text.printable(contentType))
            + " is installed",
        contentType,
        type);
  }

  private Codec named(String contentType, Type type) {
    String name = bare(contentType);
    for (Codec codec : forType(type)) {
      if (codec.contentType().equals(name)) {
        return codec;
      }
    }
    throw failure(
        "no codec for " + type.getTypeName() + " as " + name + " is installed", name, type);
  }

  private Codec best(Type type, String preferred, List<String> accept, List<String> offered) {
    Codec first = null;
    for (Codec codec : forType(type)) {
      String name = codec.contentType();
      boolean welcome = accept.isEmpty() ? suits(name, offered) : accept.contains(name);
      if (welcome && name.equals(preferred)) {
        return codec;
      }
      if (welcome && first == null) {
        first = codec;
      }
    }
    if (first != null) {
      return first;
    }
    throw failure(
        "no codec for "
            + type.getTypeName()
            + " is shared with the peer, which takes "
            + (accept.isEmpty() ? offered : accept),
        "",
        type);
  }

  private CodecException failure(String what, String contentType, Type type) {
    List<String> remedies = new ArrayList<>();
    for (Codec codec : missing) {
      if (contentType.isEmpty() || codec.contentType().equals(contentType)) {
        remedies.add(codec.contentType() + " needs " + codec.remedy());
      }
    }
    String remedy =
        !remedies.isEmpty()
            ? String.join("; ", remedies)
            : contentTypes.isEmpty()
                ? "add io.carrick:carrick-serialization, or send a Message"
                : !(type instanceof Class<?>)
                    ? "types with arguments go as JSON, CBOR or MessagePack, not as text, bytes or"
                        + " Protocol Buffers"
                    : contentType.equals(ContentTypes.TEXT)
                        ? "a String is sent as text/plain: send a value, or"
                            + " Message.of(\"application/json\", …) for a text of JSON"
                        : "add a codec that takes the type, or send a Message";
    return new CodecException(
        StatusCode.FAILED_PRECONDITION,
        Delivered.NO,
        what + "; installed here: " + contentTypes + ": " + remedy,
        null);
  }

  /** The media type in lower case, without parameters. */
  private static String bare(String contentType) {
    int semicolon = contentType.indexOf(';');
    String type = semicolon < 0 ? contentType : contentType.substring(0, semicolon).strip();
    return type.toLowerCase(Locale.ROOT);
  }
}
