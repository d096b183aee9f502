package io.carrick.integration;

import io.carrick.Message;
import io.carrick.Messenger;
import io.carrick.serialization.Compressors;
import io.carrick.serialization.DeflateCompressor;
import io.carrick.serialization.GzipCompressor;
import io.carrick.serialization.Lz4Compressor;
import io.carrick.serialization.SnappyCompressor;
import io.carrick.serialization.ZstdCompressor;

/** A node that undoes everything, and takes messages of up to 1 GiB. */
final class BombedNode {

  private BombedNode() {}

  public static void main(String[] args) throws Exception {
    try (Messenger node =
        Messenger.builder("node")
            .listen(args[0])
            .maxMessageBytes(1 << 30)
            .compression(
                Compressors.of(
                    new ZstdCompressor(),
                    new Lz4Compressor(),
                    new SnappyCompressor(),
                    new GzipCompressor(),
                    new DeflateCompressor()))
            .build()) {
      node.handle("echo", Message.class, message -> message);
      System.out.println("ready");
      ChildJvm.awaitParent();
    }
  }
}
