package io.carrick;

import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Objects;

/**
 * A type with its arguments, for what a class cannot say: {@code new TypeRef<List<Order>>() {}}.
 * Stands wherever a class does. Two of the same type are equal. Immutable.
 *
 * <p>JSON, CBOR and MessagePack carry such types; bytes, text and Protocol Buffers do not.
 *
 * @param <T> the type
 */
public abstract class TypeRef<T> {

  private final Type type;

  /**
   * The type that stands in angle brackets where this is extended.
   *
   * @throws IllegalArgumentException if none does, or one with a type variable, which nothing is
   *     known of at run time
   */
  protected TypeRef() {
    if (!(getClass().getGenericSuperclass() instanceof ParameterizedType above)
        || above.getRawType() != TypeRef.class) {
      throw new IllegalArgumentException(
          getClass().getName() + " must say its type: new TypeRef<List<Order>>() {}");
    }
    type = above.getActualTypeArguments()[0];
    check(type);
  }

  private TypeRef(Type type) {
    this.type = Objects.requireNonNull(type, "type");
  }

  /** The type that a class is. */
  public static <T> TypeRef<T> of(Class<T> type) {
    return new OfClass<>(type);
  }

  private static final class OfClass<T> extends TypeRef<T> {
    OfClass(Class<T> type) {
      super(type);
    }
  }

  private static void check(Type type) {
    if (type instanceof TypeVariable<?>) {
      throw new IllegalArgumentException(
          "a TypeRef with the type variable "
              + type.getTypeName()
              + " says nothing at run time: name the class in its place");
    } else if (type instanceof ParameterizedType generic) {
      check(generic.getActualTypeArguments());
    } else if (type instanceof GenericArrayType array) {
      check(array.getGenericComponentType());
    } else if (type instanceof WildcardType wildcard) {
      check(wildcard.getUpperBounds());
      check(wildcard.getLowerBounds());
    }
  }

  private static void check(Type[] types) {
    for (Type each : types) {
      check(each);
    }
  }

  /** The type: a class, or what reflection has for one with arguments. */
  public final Type type() {
    return type;
  }

  @Override
  public final boolean equals(Object other) {
    return other instanceof TypeRef<?> that && type.equals(that.type);
  }

  @Override
  public final int hashCode() {
    return type.hashCode();
  }

  @Override
  public final String toString() {
    return type.getTypeName();
  }
}
