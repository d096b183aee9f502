package io.carrick.core.session.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TokenLifeTest {

  private static final long SECOND = 1_000_000_000L;

  private static List<Long> asks(TokenLife life, long from) {
    List<Long> asked = new ArrayList<>();
    long now = from;
    while (!life.isOver(now)) {
      if (life.asks(now)) {
        asked.add(now / SECOND);
      }
      now = Math.max(now + 1, life.nextTick());
    }
    return asked;
  }

  @Test
  void aPeerIsAskedWhenAFifthIsLeftAndLessThanADozenTimes() {
    assertThat(asks(new TokenLife(3_600 * SECOND, 0), 0))
        .containsExactly(
            2_880L, 3_240L, 3_420L, 3_510L, 3_555L, 3_577L, 3_588L, 3_594L, 3_597L, 3_598L, 3_599L);
  }

  @Test
  void aPeerIsAskedAMinuteAheadAtTheLatest() {
    assertThat(asks(new TokenLife(200 * SECOND, 0), 0)).startsWith(140L);
  }

  @Test
  void aShortTokenIsAskedForWhenHalfOfItsTimeHasPassed() {
    assertThat(asks(new TokenLife(100 * SECOND, 0), 0)).startsWith(50L);
    assertThat(asks(new TokenLife(10 * SECOND, 0), 0)).containsExactly(5L, 7L, 8L, 9L);
    assertThat(asks(new TokenLife(100, 0), 0)).containsExactly(0L);
    assertThat(asks(new TokenLife(0, 0), 0)).isEmpty();
  }

  @Test
  void eachQuestionMayBeAnsweredOnce() {
    TokenLife life = new TokenLife(10 * SECOND, 0);
    assertThat(life.answered()).isFalse();

    assertThat(life.asks(8 * SECOND)).isTrue();
    assertThat(life.asks(8 * SECOND)).isFalse();

    assertThat(life.answered()).isTrue();
    assertThat(life.answered()).isFalse();
  }

  @Test
  void aRenewedTokenBeginsAnew() {
    TokenLife life = new TokenLife(10 * SECOND, 0);
    life.renew(100 * SECOND, 9 * SECOND);

    assertThat(life.isOver(10 * SECOND)).isFalse();
    assertThat(life.nextTick()).isEqualTo(100 * SECOND - 91 * SECOND / 2);
  }
}
