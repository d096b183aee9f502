package io.carrick.serialization;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.BeanProperty;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.jsonFormatVisitors.JsonBooleanFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitable;
import tools.jackson.databind.jsonFormatVisitors.JsonFormatVisitorWrapper;
import tools.jackson.databind.jsonFormatVisitors.JsonIntegerFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonNumberFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonObjectFormatVisitor;
import tools.jackson.databind.jsonFormatVisitors.JsonStringFormatVisitor;

/**
 * Makes the schema of one type, by what Jackson says that it writes. What it does not say, as of an
 * interface, is of any shape. Everything but primitives may be null.
 */
final class AvroShapes {

  /** The record that holds what has any shape; a reader takes what is in it. */
  static final String ANY = "io.carrick.Any";

  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  private final ObjectMapper mapper;
  private final Map<JavaType, Schema> records = new HashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private @Nullable Schema any;

  AvroShapes(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  Schema of(JavaType type) {
    Class<?> raw = type.getRawClass();
    if (type.isReferenceType()) {
      return nullable(of(type.getReferencedType()));
    }
    if (raw == byte[].class) {
      return nullable(Schema.create(Schema.Type.BYTES));
    }
    if (raw == char[].class) {
      return nullable(Schema.create(Schema.Type.STRING));
    }
    if (raw.isAnnotationPresent(JsonFormat.class) || raw.isAnnotationPresent(JsonSerialize.class)) {
      return any();
    }
    if (type.isMapLikeType()) {
      return nullable(Schema.createMap(of(type.getContentType())));
    }
    if (type.isCollectionLikeType() || type.isArrayType()) {
      return nullable(Schema.createArray(of(type.getContentType())));
    }
    if (type.isPrimitive()) {
      return scalar(type);
    }
    Schema known = records.get(type);
    if (known != null) {
      return nullable(known);
    }
    boolean open =
        raw == Object.class || (Modifier.isAbstract(raw.getModifiers()) && !raw.isEnum());
    return open || isPolymorphic(raw) ? any() : scalar(type);
  }

  private static boolean isPolymorphic(Class<?> raw) {
    for (Class<?> c = raw; c != null; c = c.getSuperclass()) {
      if (c.isAnnotationPresent(JsonTypeInfo.class)) {
        return true;
      }
      for (Class<?> of : c.getInterfaces()) {
        if (isPolymorphic(of)) {
          return true;
        }
      }
    }
    return false;
  }

  private Schema scalar(JavaType type) {
    Shape shape = new Shape();
    mapper.acceptJsonFormatVisitor(type, shape);
    Schema seen = shape.seen;
    if (seen == null && shape.properties != null) {
      seen = record(type, shape.properties);
    }
    if (seen == null) {
      return any();
    }
    return type.isPrimitive() || seen.getType() == Schema.Type.UNION ? seen : nullable(seen);
  }

  private @Nullable Schema record(JavaType type, Map<String, @Nullable JavaType> properties) {
    if (!properties.keySet().stream().allMatch(name -> NAME.matcher(name).matches())) {
      return null;
    }
    String name = type.getRawClass().getSimpleName();
    int count = names.merge(name, 1, Integer::sum);
    if (!NAME.matcher(name).matches()) {
      return null;
    }
    Schema made = Schema.createRecord(count == 1 ? name : name + "_" + count, null, null, false);
    records.put(type, made);
    List<Schema.Field> fields = new ArrayList<>();
    properties.forEach(
        (property, of) -> fields.add(new Schema.Field(property, of == null ? any() : of(of))));
    made.setFields(fields);
    return made;
  }

  private static Schema nullable(Schema schema) {
    return schema.getType() == Schema.Type.UNION || schema.getFullName().equals(ANY)
        ? schema
        : Schema.createUnion(Schema.create(Schema.Type.NULL), schema);
  }

  private Schema any() {
    Schema made = any;
    if (made == null) {
      made = Schema.createRecord("Any", null, "io.carrick", false);
      any = made;
      List<Schema> kinds = new ArrayList<>();
      for (Schema.Type kind :
          List.of(
              Schema.Type.NULL,
              Schema.Type.BOOLEAN,
              Schema.Type.LONG,
              Schema.Type.DOUBLE,
              Schema.Type.STRING,
              Schema.Type.BYTES)) {
        kinds.add(Schema.create(kind));
      }
      kinds.add(Schema.createArray(made));
      kinds.add(Schema.createMap(made));
      made.setFields(List.of(new Schema.Field("value", Schema.createUnion(kinds))));
    }
    return made;
  }

  /** What Jackson says of one type; nothing of what may be anything. */
  private static final class Shape extends JsonFormatVisitorWrapper.Base {

    private @Nullable Schema seen;
    private @Nullable Map<String, @Nullable JavaType> properties;

    @Override
    public @Nullable JsonBooleanFormatVisitor expectBooleanFormat(JavaType type) {
      seen = Schema.create(Schema.Type.BOOLEAN);
      return null;
    }

    @Override
    public @Nullable JsonStringFormatVisitor expectStringFormat(JavaType type) {
      seen = Schema.create(Schema.Type.STRING);
      return null;
    }

    @Override
    public @Nullable JsonIntegerFormatVisitor expectIntegerFormat(JavaType type) {
      Class<?> raw = type.getRawClass();
      boolean small =
          List.<Class<?>>of(
                  int.class, Integer.class, short.class, Short.class, byte.class, Byte.class)
              .contains(raw);
      if (small || raw == long.class || raw == Long.class) {
        seen = Schema.create(small ? Schema.Type.INT : Schema.Type.LONG);
      }
      return null;
    }

    @Override
    public @Nullable JsonNumberFormatVisitor expectNumberFormat(JavaType type) {
      Class<?> raw = type.getRawClass();
      if (raw == float.class || raw == Float.class) {
        seen = Schema.create(Schema.Type.FLOAT);
      } else if (raw == double.class || raw == Double.class) {
        seen = Schema.create(Schema.Type.DOUBLE);
      }
      return null;
    }

    @Override
    public JsonObjectFormatVisitor expectObjectFormat(JavaType type) {
      Map<String, @Nullable JavaType> found = new LinkedHashMap<>();
      properties = found;
      return new JsonObjectFormatVisitor.Base(getContext()) {
        @Override
        public void property(BeanProperty property) {
          boolean otherwise =
              property.getAnnotation(JsonFormat.class) != null
                  || property.getAnnotation(JsonSerialize.class) != null
                  || property.getAnnotation(JsonTypeInfo.class) != null;
          found.put(property.getName(), otherwise ? null : property.getType());
        }

        @Override
        public void optionalProperty(BeanProperty property) {
          property(property);
        }

        @Override
        public void property(String name, JsonFormatVisitable handler, JavaType hint) {
          found.put(name, null);
        }

        @Override
        public void optionalProperty(String name, JsonFormatVisitable handler, JavaType hint) {
          found.put(name, null);
        }
      };
    }
  }
}
