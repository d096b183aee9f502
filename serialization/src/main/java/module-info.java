/**
 * The codecs that come with Carrick: bytes, text, JSON, CBOR, MessagePack, Avro and Protocol
 * Buffers; and its compressors.
 */
module io.carrick.serialization {
  requires static com.github.luben.zstd_jni;
  requires static com.google.protobuf;
  requires static com.google.protobuf.util;
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires static msgpack.core;
  requires static org.apache.avro;
  requires static org.lz4.java;
  requires static org.xerial.snappy;
  requires static transitive tools.jackson.databind;
  requires static tools.jackson.dataformat.cbor;

  exports io.carrick.serialization;

  provides io.carrick.spi.Codec with
      io.carrick.serialization.BytesCodec,
      io.carrick.serialization.TextCodec,
      io.carrick.serialization.ProtobufCodec,
      io.carrick.serialization.ProtobufJsonCodec,
      io.carrick.serialization.InstalledJsonCodec,
      io.carrick.serialization.CborCodec,
      io.carrick.serialization.MessagePackCodec,
      io.carrick.serialization.AvroCodec;
}
