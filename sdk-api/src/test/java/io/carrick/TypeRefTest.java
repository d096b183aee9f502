package io.carrick;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TypeRefTest {

  @Test
  void theSameTypesAreEqual() {
    TypeRef<List<String>> one = new TypeRef<>() {};
    TypeRef<List<String>> other = new TypeRef<>() {};

    assertThat(one).isEqualTo(other).hasSameHashCodeAs(other);
    assertThat(one).isNotEqualTo(new TypeRef<List<Integer>>() {});
    assertThat(TypeRef.of(String.class)).isEqualTo(new TypeRef<String>() {});
    assertThat(new TypeRef<Map<String, int[]>>() {})
        .hasToString("java.util.Map<java.lang.String, int[]>");
  }

  @Test
  @SuppressWarnings("rawtypes") // The point is that it is refused.
  void oneThatSaysNoTypeIsRefused() {
    assertThatThrownBy(() -> new TypeRef() {})
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must say its type: new TypeRef<List<Order>>() {}");
    assertThatThrownBy(TypeRefTest::<String>ofVariable)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("type variable T says nothing at run time");
  }

  private static <T> TypeRef<List<T[]>> ofVariable() {
    return new TypeRef<>() {};
  }
}
