package io.carrick.transport.support.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.carrick.Message;
import io.carrick.StatusCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Items of a publisher as the answers of a call. */
final class ItemWriterTest {

  private static final Message ITEM = Message.of(new byte[1]);

  private final List<String> told = new ArrayList<>();
  private final UnreadStreams unread = new UnreadStreams(1);
  private final Source source = new Source();
  private @Nullable EdgeFailure failure;
  private boolean ready = true;
  private int itemBytes = 1;

  private final EdgeResponse response =
      new EdgeResponse() {
        @Override
        public boolean isReady() {
          return ready;
        }

        @Override
        public Item item(Message message) {
          return new Item() {
            @Override
            public int bytes() {
              return itemBytes;
            }

            @Override
            public void send() {
              told.add("item");
            }
          };
        }

        @Override
        public void accepted() {
          told.add("accepted");
        }

        @Override
        public void end() {
          told.add("end");
        }

        @Override
        public void end(EdgeFailure why) {
          failure = why;
          told.add("failure");
        }
      };

  private static final class Source implements Flow.Publisher<Message>, Flow.Subscription {

    long asked;
    boolean cancelled;

    @Override
    public void subscribe(Flow.Subscriber<? super Message> subscriber) {
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      asked += n;
    }

    @Override
    public void cancel() {
      cancelled = true;
    }
  }

  private ItemWriter writer() {
    return new ItemWriter(response, unread, () -> false);
  }

  @Test
  void itIsAcceptedOnceAndEndsOnce() {
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    writer.onNext(ITEM);
    writer.onComplete();
    writer.onComplete();
    writer.fail(new IllegalStateException());

    assertThat(told).containsExactly("accepted", "item", "end");
  }

  @Test
  void oneIsAskedForAndThenAsManyAsAreSmall() {
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    assertThat(source.asked).isEqualTo(1);
    writer.onNext(ITEM);
    assertThat(source.asked).isEqualTo(1 + ItemWriter.MOST_AHEAD);
  }

  @Test
  void largeItemsAreAskedForOneByOne() {
    itemBytes = ItemWriter.BYTES_AHEAD;
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    writer.onNext(ITEM);
    writer.onNext(ITEM);
    assertThat(source.asked).isEqualTo(3);
  }

  @Test
  void nothingIsAskedForWhileTheProtocolTakesNoMore() {
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    ready = false;
    writer.onNext(ITEM);
    assertThat(source.asked).isEqualTo(1);
    ready = true;
    writer.ready();
    assertThat(source.asked).isEqualTo(1 + ItemWriter.MOST_AHEAD);
  }

  @Test
  void whoStalledFirstEndsWhenTooManyDo() {
    ItemWriter first = writer();
    ItemWriter second = writer();
    first.subscribed(source, null);
    second.subscribed(new Source(), null);
    ready = false;
    first.onNext(ITEM);
    assertThat(failure).isNull();

    second.onNext(ITEM);

    assertThat(failure).extracting(EdgeFailure::code).isEqualTo(StatusCode.RESOURCE_EXHAUSTED);
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void whatNobodyAskedForEndsTheCall() {
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    ready = false;
    writer.onNext(ITEM);
    writer.onNext(ITEM);

    assertThat(told).containsExactly("accepted", "item", "failure");
    assertThat(failure).extracting(EdgeFailure::message).asString().contains("rule 1.1");
    assertThat(source.cancelled).isTrue();
  }

  @Test
  void whoIsHeldEndsWhenReleased() {
    AtomicBoolean held = new AtomicBoolean(true);
    ItemWriter writer = new ItemWriter(response, unread, held::get);
    writer.subscribed(source, null);
    writer.onComplete();
    assertThat(told).containsExactly("accepted");
    held.set(false);
    writer.release();
    assertThat(told).containsExactly("accepted", "end");
  }

  @Test
  void aCallerThatHasGoneCancels() {
    ItemWriter writer = writer();
    writer.subscribed(source, null);
    writer.cancel();
    writer.onNext(ITEM);

    assertThat(source.cancelled).isTrue();
    assertThat(told).containsExactly("accepted");
  }

  @Test
  void whatIsRefusedIsNotAccepted() {
    writer().subscribed(null, EdgeFailure.refusal(StatusCode.NOT_FOUND, "nobody"));

    assertThat(told).containsExactly("failure");
    assertThat(failure).extracting(EdgeFailure::message).isEqualTo("nobody");
  }
}
