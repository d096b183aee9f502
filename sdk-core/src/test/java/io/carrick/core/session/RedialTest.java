package io.carrick.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Places in the spread of a service (T18), as its clients take them. */
class RedialTest {

  private static final long SECOND = 1_000_000_000L;

  @Test
  void placesThatAreTooLateAreSpreadOverTheTimeThatThereIs() {
    int clients = 3_600;
    long spread = 36 * SECOND;
    int[] inSecond = new int[7];
    IntStream.rangeClosed(1, clients)
        .mapToLong(i -> Session.placeWithin(i * spread / clients, 7 * SECOND))
        .forEach(place -> inSecond[(int) ((place - 1) / SECOND)]++);

    assertThat(IntStream.of(inSecond).boxed()).allSatisfy(n -> assertThat(n).isBetween(400, 700));
  }

  @Test
  void otherPlacesStayAndNoPlaceStaysNone() {
    assertThat(Session.placeWithin(0, SECOND)).isZero();
    assertThat(Session.placeWithin(SECOND, SECOND)).isEqualTo(SECOND);
    assertThat(Session.placeWithin(5, 0)).isZero();
    assertThat(Session.placeWithin(2 * SECOND, SECOND)).isEqualTo(SECOND);
  }
}
