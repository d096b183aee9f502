package io.carrick.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.carrick.CallOptions;
import io.carrick.CodecException;
import io.carrick.ContentTypes;
import io.carrick.Flows;
import io.carrick.Message;
import io.carrick.OverflowPolicy;
import io.carrick.Remote;
import io.carrick.StatusCode;
import io.carrick.TypeRef;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Types with arguments, wherever a class may stand, as the Javadoc of TypeRef has them. */
@OverEachTransport
final class GenericTypesTest extends Semantics {

  record Order(String id, int count) {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Card.class, name = "card"),
    @JsonSubTypes.Type(value = Cash.class, name = "cash")
  })
  sealed interface Payment permits Card, Cash {}

  record Card(String number) implements Payment {}

  record Cash(int cents) implements Payment {}

  private static final TypeRef<List<Order>> ORDERS = new TypeRef<>() {};
  private static final TypeRef<Map<String, Order>> BY_ID = new TypeRef<>() {};
  private static final List<Order> TWO = List.of(new Order("a", 1), new Order("b", 2));

  GenericTypesTest(TestTransport transport) {
    super(transport);
  }

  @Test
  void everyPatternTakesThem() throws Exception {
    CompletableFuture<Order> sent = new CompletableFuture<>();
    CompletableFuture<Order> published = new CompletableFuture<>();
    CompletableFuture<Map<String, Order>> heard = new CompletableFuture<>();
    server.handle("count", ORDERS, orders -> orders.stream().mapToInt(Order::count).sum());
    server.handle("first", ORDERS, (orders, call) -> List.of(orders.get(0)));
    server.handleAsync("later", ORDERS, orders -> CompletableFuture.completedFuture(orders));
    server.handleSend("send", ORDERS, orders -> sent.complete(orders.get(1)));
    server.handleStream("stream", ORDERS, orders -> Flows.of(List.of(orders, orders)));
    server.handleChannel("channel", ORDERS, lists -> Flows.map(lists, list -> list));
    server.subscribe("news", BY_ID, orders -> published.complete(orders.get("a")));
    await(remote.subscribe("news", BY_ID, OverflowPolicy.FAIL, heard::complete));

    assertThat(remote.call("count", TWO, Integer.class)).isEqualTo(3);
    assertThat(remote.call("first", TWO, ORDERS)).containsExactly(new Order("a", 1));
    assertThat(await(remote.request("later", TWO, ORDERS))).isEqualTo(TWO);
    await(remote.send("send", TWO));
    assertThat(await(sent)).isEqualTo(new Order("b", 2));
    assertThat(Items.of(remote.stream("stream", TWO, ORDERS)).complete()).containsExactly(TWO, TWO);
    assertThat(Items.of(remote.channel("channel", Flows.of(List.of(TWO)), ORDERS)).complete())
        .containsExactly(TWO);
    await(remote.publish("news", Map.of("a", TWO.get(0))));
    assertThat(await(published)).isEqualTo(TWO.get(0));
    assertThat(await(heard)).isEqualTo(Map.of("a", TWO.get(0)));
  }

  @ParameterizedTest
  @ValueSource(strings = {ContentTypes.JSON, ContentTypes.CBOR, ContentTypes.MESSAGE_PACK})
  void documentsOfEachKindCarryThem(String contentType) {
    server.handle("echo", BY_ID, orders -> orders);
    Remote as = remote.with(CallOptions.DEFAULT.withContentType(contentType));
    Map<String, Order> orders = Map.of("a", TWO.get(0), "b", TWO.get(1));

    assertThat(await(as.request("echo", orders, BY_ID))).isEqualTo(orders);
    Message reply = await(as.request("echo", orders, Message.class));
    assertThat(reply.contentType()).isEqualTo(contentType);
    assertThat(client.decode(reply, BY_ID)).isEqualTo(orders);
  }

  /** Without its type a list is a list of anything, and says nothing of the kinds in it. */
  @Test
  void theTypeOfTheReplyIsWhatItIsEncodedAs() {
    TypeRef<List<Payment>> payments = new TypeRef<>() {};
    List<Payment> both = List.of(new Card("17"), new Cash(250));
    server.handle("typed", TypeRef.of(String.class), payments, text -> both);
    server.handle("seen", TypeRef.of(String.class), payments, (text, call) -> both);
    server.handle("class", String.class, Payment.class, text -> both.get(0));

    assertThat(await(remote.request("typed", "x", payments))).isEqualTo(both);
    assertThat(await(remote.request("seen", "x", payments))).isEqualTo(both);
    assertThat(await(remote.request("class", "x", Payment.class))).isEqualTo(both.get(0));
  }

  @Test
  void whatCannotCarryThemSaysSo() {
    server.handle("echo", String.class, text -> Message.ofText(text));

    assertThatThrownBy(() -> await(remote.request("echo", "x", ORDERS)))
        .hasMessageContaining(
            "no codec for java.util.List<io.carrick.integration.GenericTypesTest$Order> from"
                + " text/plain is installed")
        .hasMessageContaining("types with arguments go as JSON, CBOR or MessagePack");
    assertThatThrownBy(() -> client.decode(Message.of(ContentTypes.PROTOBUF, new byte[1]), ORDERS))
        .isInstanceOfSatisfying(
            CodecException.class,
            e -> assertThat(e.code()).isEqualTo(StatusCode.FAILED_PRECONDITION))
        .hasMessageContaining("not as text, bytes or Protocol Buffers");
  }
}
