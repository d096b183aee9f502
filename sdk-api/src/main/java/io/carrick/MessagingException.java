package io.carrick;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Why a call, a connection or a listener failed. Every failure says whether the message may have
 * been delivered, and whether the same call may safely be made again.
 */
public abstract sealed class MessagingException extends RuntimeException
    permits CallException,
        CodecException,
        ConnectException,
        DeadlineExceededException,
        CallCancelledException,
        EndpointException,
        NoPathException,
        OverloadedException,
        ProtocolException,
        SessionLostException {

  private static final long serialVersionUID = 1L;

  private final StatusCode code;
  private final Delivered delivered;

  MessagingException(
      StatusCode code, Delivered delivered, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.delivered = delivered;
  }

  /** The outcome by its gRPC name; never {@link StatusCode#OK}. */
  public final StatusCode code() {
    return code;
  }

  /** Whether the receiver may have taken the message. */
  public final Delivered delivered() {
    return delivered;
  }

  /**
   * Whether the same call may be made again without the risk of a second effect, and could succeed
   * then. Waiting a little first is the caller's duty.
   */
  public boolean retrySafe() {
    return delivered == Delivered.NO;
  }

  /** What the failing side added for programs to read; empty where it added nothing. */
  public Map<String, String> details() {
    return Map.of();
  }
}
