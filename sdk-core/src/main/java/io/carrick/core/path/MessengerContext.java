package io.carrick.core.path;

import io.carrick.Remote;
import io.carrick.core.message.Codecs;
import io.carrick.core.message.Interceptors;
import io.carrick.core.run.ApplicationExecutor;
import io.carrick.core.run.Delays;
import io.carrick.core.serve.Router;
import io.carrick.core.session.Session;
import io.carrick.core.session.SessionRuntime;
import io.carrick.core.session.state.SessionConfig;
import java.time.Duration;
import java.util.function.LongBinaryOperator;

/**
 * What the parts of one messenger share.
 *
 * @param tasks where handlers and callbacks run
 * @param delays what happens later
 * @param codecs the installed codecs
 * @param router where calls that come in go
 * @param calls interceptors around the calls that go out
 * @param transports the installed transports
 * @param runtime what sessions share
 * @param config the limits of sessions
 * @param connectTimeout for one attempt to connect
 * @param random for back-off
 * @param remotes how peers are called back
 */
public record MessengerContext(
    ApplicationExecutor tasks,
    Delays delays,
    Codecs codecs,
    Router router,
    Interceptors calls,
    Transports transports,
    SessionRuntime runtime,
    SessionConfig config,
    Duration connectTimeout,
    LongBinaryOperator random,
    PeerRemotes remotes) {

  /** Makes the remote by which the peer of a session is called back. */
  public interface PeerRemotes {

    Remote of(MessengerContext node, Session session, PeerLink link);
  }
}
