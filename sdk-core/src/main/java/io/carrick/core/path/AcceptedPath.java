package io.carrick.core.path;

import io.carrick.PathEvent.What;
import io.carrick.core.session.Session;
import io.carrick.core.session.state.End;
import io.carrick.spi.PeerInfo;

/** Tells what happens to the path of a session that the peer dialled, who looks after it. */
public final class AcceptedPath implements PathWatcher {

  private final PathEvents events;

  // Told one thing at a time.
  private volatile String present = "";
  private volatile boolean broken;

  public AcceptedPath(PathEvents events) {
    this.events = events;
  }

  @Override
  public void began(Session session) {
    present = session.peer().path().address();
    events.add(What.CONNECTED, "", present, "session with " + session.peer().service());
  }

  @Override
  public void suspended(Session session, String reason) {
    broken = true;
    events.add(What.SUSPENDED, present, "", reason);
  }

  @Override
  public void suspect(Session session, String reason) {
    events.add(What.SUSPECT, present, "", reason);
  }

  @Override
  public void resumed(Session session, PeerInfo path) {
    What what = broken ? What.RESUMED : What.MOVED;
    broken = false;
    events.add(what, present, path.address(), "the peer came over another connection");
    present = path.address();
  }

  @Override
  public void draining(Session session) {
    events.add(What.DRAINING, present, "", "the peer goes away");
  }

  @Override
  public void ended(Session session, End reason) {
    events.add(What.LOST, present, "", reason.message());
  }
}
