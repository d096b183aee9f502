package io.carrick.transport.grpc;

import com.google.protobuf.Descriptors;
import com.google.protobuf.Message;
import com.google.protobuf.UnknownFieldSet;
import io.carrick.wire.v1.Call;
import io.carrick.wire.v1.Done;
import io.carrick.wire.v1.FromResponder;
import io.carrick.wire.v1.Reply;
import io.carrick.wire.v1.ToResponder;
import io.carrick.wire.v1.Wire;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoServiceDescriptorSupplier;
import io.grpc.protobuf.ProtoUtils;
import java.io.InputStream;

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

  /** The largest number that a field can have (protobuf), which wire.proto never gives to one. */
  private static final int MALFORMED = (1 << 29) - 1;

  private PlainMethods() {}

  private static <Q extends Message, R extends Message> MethodDescriptor<Q, R> method(
      MethodType type, String name, Q request, R response) {
    return MethodDescriptor.<Q, R>newBuilder()
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SessionMethod.SERVICE, name))
        .setRequestMarshaller(new Requests<>(request))
        .setResponseMarshaller(ProtoUtils.marshaller(response))
        .build();
  }

  /** Whether a request was no message of its kind, which its call is to be told. */
  static boolean isMalformed(Message request) {
    return request.getUnknownFields().hasField(MALFORMED);
  }

  /** To throw here would be an error of this side, and a trace in the log for each. */
  private static final class Requests<Q extends Message> implements MethodDescriptor.Marshaller<Q> {

    private final MethodDescriptor.Marshaller<Q> marshaller;
    private final Q malformed;

    @SuppressWarnings("unchecked")
    Requests(Q prototype) {
      marshaller = ProtoUtils.marshaller(prototype);
      UnknownFieldSet.Field mark = UnknownFieldSet.Field.newBuilder().addVarint(1).build();
      malformed =
          (Q)
              prototype
                  .newBuilderForType()
                  .setUnknownFields(UnknownFieldSet.newBuilder().addField(MALFORMED, mark).build())
                  .build();
    }

    @Override
    public InputStream stream(Q value) {
      return marshaller.stream(value);
    }

    @Override
    public Q parse(InputStream stream) {
      try {
        return marshaller.parse(stream);
      } catch (StatusRuntimeException e) {
        return malformed;
      }
    }
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
