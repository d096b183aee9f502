package io.carrick.core.frame;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import io.carrick.wire.v1.Frame;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Draws frames within the limits of docs/wire-format.md. */
final class Samples {

  /** The fields of the body in Frame: one for each type of frame. */
  static final List<FieldDescriptor> BODIES =
      List.copyOf(Frame.getDescriptor().getOneofs().get(0).getFields());

  private final Random random;

  Samples(Random random) {
    this.random = random;
  }

  /** A frame with a body of this type; most of its fields are set. */
  Frame frame(FieldDescriptor body) {
    Frame.Builder frame = Frame.newBuilder();
    if (FrameType.ofField(body.getNumber()).sequenced()) {
      frame.setSeq(1 + (number() >>> 1));
    }
    return frame.setField(body, message(frame.newBuilderForField(body), 0)).build();
  }

  private Message message(Message.Builder message, int index) {
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (field.isRepeated()) {
        int count = random.nextInt(5);
        for (int i = 0; i < count; i++) {
          message.addRepeatedField(field, value(message, field, i));
        }
      } else if (always(field) || random.nextInt(4) > 0) {
        message.setField(field, value(message, field, index));
      }
    }
    return message.build();
  }

  private static boolean always(FieldDescriptor field) {
    return field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
        || field.getJavaType() == FieldDescriptor.JavaType.ENUM
        || field.getName().equals("name");
  }

  private Object value(Message.Builder message, FieldDescriptor field, int index) {
    return switch (field.getJavaType()) {
      case LONG -> number();
      case INT -> (int) number() & Integer.MAX_VALUE;
      case BOOLEAN -> random.nextBoolean();
      case ENUM -> constant(field.getEnumType().getValues());
      case STRING -> field.getName().equals("name") ? "name-" + index : text();
      case BYTE_STRING -> bytes();
      case MESSAGE -> message(message.newBuilderForField(field), index);
      default -> throw new AssertionError(field);
    };
  }

  private EnumValueDescriptor constant(List<EnumValueDescriptor> values) {
    List<EnumValueDescriptor> known = new ArrayList<>(values);
    known.removeIf(v -> v.getName().endsWith("_UNSPECIFIED"));
    return known.get(random.nextInt(known.size()));
  }

  private long number() {
    return random.nextLong() >>> 1 + random.nextInt(63);
  }

  private ByteString bytes() {
    byte[] bytes = new byte[random.nextInt(8) == 0 ? random.nextInt(40_000) : random.nextInt(40)];
    random.nextBytes(bytes);
    return ByteString.copyFrom(bytes);
  }

  private String text() {
    String[] parts = {"a", "topic/", "\u00e9", "\u4e16", "\ud83d\ude00", " ", "z", "0"};
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(parts[random.nextInt(parts.length)]);
    }
    return text.toString();
  }
}
