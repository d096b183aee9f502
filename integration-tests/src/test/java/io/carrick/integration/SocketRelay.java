package io.carrick.integration;

import io.carrick.testkit.FaultProxy;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A program that passes a Unix socket {@code args[0]} on to another one, {@code args[1]}. */
final class SocketRelay {

  private SocketRelay() {}

  public static void main(String[] args) throws InterruptedException {
    try (FaultProxy relay = FaultProxy.unix(Path.of(args[0]), Path.of(args[1]), 1)) {
      System.out.println("relaying");
      new CountDownLatch(1).await();
    }
  }
}
