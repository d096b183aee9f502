/** The codecs that come with Carrick: bytes, text, JSON and Protocol Buffers. */
module io.carrick.serialization {
  requires static com.google.protobuf;
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires static tools.jackson.databind;

  exports io.carrick.serialization;

  provides io.carrick.spi.Codec with
      io.carrick.serialization.BytesCodec,
      io.carrick.serialization.TextCodec,
      io.carrick.serialization.ProtobufCodec,
      io.carrick.serialization.JsonCodec;
}
