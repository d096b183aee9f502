package io.carrick.transport.grpc;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Done;
import io.carrick.wire.v1.FromResponder;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import io.carrick.wire.v1.Wire;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;

/** The methods of wire.proto that programs without the SDK call. */
final class PlainMethods {

  static final MethodDescriptor<Call, Reply> REQUEST =
      method(MethodType.UNARY, "Request", Call.getDefaultInstance(), Reply.getDefaultInstance());
  static final MethodDescriptor<Call, Done> SEND =
      method(MethodType.UNARY, "Send", Call.getDefaultInstance(), Done.getDefaultInstance());
  static final MethodDescriptor<Call, Done> PUBLISH =
      method(MethodType.UNARY, "Publish", Call.getDefaultInstance(), Done.getDefaultInstance());
  static final MethodDescriptor<Call, Reply> STREAM =
      method(
          MethodType.SERVER_STREAMING,
          "Stream",
          Call.getDefaultInstance(),
          Reply.getDefaultInstance());
  static final MethodDescriptor<Call, Reply> SUBSCRIBE =
      method(
          MethodType.SERVER_STREAMING,
          "Subscribe",
          Call.getDefaultInstance(),
          Reply.getDefaultInstance());
  static final MethodDescriptor<Call, Reply> CHANNEL =
      method(
          MethodType.BIDI_STREAMING,
          "Channel",
          Call.getDefaultInstance(),
          Reply.getDefaultInstance());
  static final MethodDescriptor<FromResponder, ToResponder> SERVE =
      method(
          MethodType.BIDI_STREAMING,
          "Serve",
          FromResponder.getDefaultInstance(),
          ToResponder.getDefaultInstance());

  /** What reflection shows of the service. */
  static final ProtoServiceDescriptorSupplier SCHEMA = new Schema();

  private PlainMethods() {}

  private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
      MethodType type, String name, Q request, R response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SessionMethod.SERVICE, name))
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(response))
        .build();
  }

  private static final class Schema implements ProtoServiceDescriptorSupplier {

    @Override
    public Descriptors.FileDescriptor getFileDescriptor() {
      return Wire.getDescriptor();
    }

    @Override
    public Descriptors.ServiceDescriptor getServiceDescriptor() {
      return getFileDescriptor().findServiceByName("Carrick");
    }
  }
}
