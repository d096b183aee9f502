package io.carrick.samples;

import io.carrick.Authorizer.Action;
import io.carrick.CallContext;
import io.carrick.Interceptor;
import io.carrick.Message;
import io.carrick.MessagingException;
import io.carrick.Messenger;
import io.carrick.Remote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** Code around every call: a caller marks its calls, a service prints them and refuses some. */
public final class InterceptorsAndAuthorizer {

  private InterceptorsAndAuthorizer() {}

  /** Runs the sample. */
  public static void main(String[] args) throws Exception {
    Path directory = Files.createTempDirectory("carrick");
    String endpoint = "unix:" + directory.resolve("vault.sock");

    try (Messenger vault =
            Messenger.builder("vault")
                .listen(endpoint)
                .interceptHandlers(new Printed())
                .authorizer((principal, action, topic) -> action != Action.SEND)
                .build();
        Messenger web = Messenger.builder("web").interceptCalls(new Marked()).build()) {
      vault.handle("vault/open", String.class, name -> name + " is open");
      vault.handleSend("vault/burn", String.class, name -> System.out.println(name + " burns"));

      Remote remote = web.connect(endpoint);
      System.out.println(remote.request("vault/open", "box 7", String.class).join());
      try {
        remote.send("vault/burn", "box 7").join();
      } catch (CompletionException e) {
        System.out.println(e.getCause() instanceof MessagingException m ? m.code() : e);
      }
    }
    Files.delete(directory);
  }

  private static final class Marked implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      return next.apply(message.withHeaders(message.headers().with("trace", "4711")));
    }
  }

  private static final class Printed implements Interceptor {
    @Override
    public CompletionStage<Message> unary(
        CallContext call, Message message, Function<Message, CompletionStage<Message>> next) {
      String trace = message.headers().first("trace").orElse("none");
      System.out.println(call.action() + " " + call.topic() + ", trace " + trace);
      return next.apply(message);
    }
  }
}
