package io.carrick.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LedgerTest {

  @Test
  void whatArrivesOnceAndInOrderIsClean() {
    Tally tally = tally(true, 3, 1, 2, 3);

    assertThat(tally).isEqualTo(new Tally(3, 3, 0, 0, 0));
    assertThat(tally.isClean()).isTrue();
  }

  @Test
  void whatDoesNotArriveIsLost() {
    assertThat(tally(true, 4, 1, 4)).isEqualTo(new Tally(4, 2, 2, 0, 0));
  }

  @Test
  void whatArrivesAgainIsADuplicate() {
    assertThat(tally(true, 2, 1, 2, 1, 2, 2)).isEqualTo(new Tally(2, 5, 0, 3, 0));
  }

  @Test
  void whatNobodySentIsADuplicate() {
    assertThat(tally(true, 1, 1, 7, 0, -1)).isEqualTo(new Tally(1, 4, 0, 3, 0));
  }

  @Test
  void whatArrivesBehindALaterOneIsReordered() {
    assertThat(tally(true, 4, 3, 1, 2, 4)).isEqualTo(new Tally(4, 4, 0, 0, 2));
    assertThat(tally(false, 4, 3, 1, 2, 4)).isEqualTo(new Tally(4, 4, 0, 0, 0));
  }

  @Test
  void repliesAreSentInAnyOrder() {
    Ledger ledger = new Ledger(false);

    ledger.send(2);
    ledger.receive(2);
    ledger.receive(1);
    ledger.send(1);

    assertThat(ledger.tally()).isEqualTo(new Tally(2, 2, 1, 1, 0));
  }

  @Test
  void talliesAddUp() {
    Tally sum = new Tally(1, 2, 3, 4, 5).plus(new Tally(10, 20, 30, 40, 50));

    assertThat(sum).isEqualTo(new Tally(11, 22, 33, 44, 55));
    assertThat(Tally.NONE.isClean()).isTrue();
    assertThat(sum.isClean()).isFalse();
  }

  private static Tally tally(boolean ordered, int sent, int... received) {
    Ledger ledger = new Ledger(ordered);
    for (int i = 1; i <= sent; i++) {
      assertThat(ledger.send()).isEqualTo(i);
    }
    for (int number : received) {
      ledger.receive(number);
    }
    return ledger.tally();
  }
}
