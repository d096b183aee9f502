package io.carrick.integration;

import io.carrick.testkit.FaultProxy;
import java.util.Optional;

/** How the path of a session breaks. */
enum PathFault {
  CLIENT_KILLS {
    @Override
    void happenTo(TestPath path) {
      path.clientKills();
    }
  },
  SERVER_KILLS {
    @Override
    void happenTo(TestPath path) {
      path.serverKills();
    }
  },
  PROXY_RESETS {
    @Override
    void happenTo(TestPath path) {
      path.proxy().reset();
    }

    @Override
    Optional<String> impossible(boolean bytes) {
      return bytes ? Optional.empty() : Optional.of("there is no socket between the two ends");
    }
  },
  BLACK_HOLE {
    @Override
    void happenTo(TestPath path) {
      path.blackHole();
    }
  },
  HALF_CLOSE {
    @Override
    void happenTo(TestPath path) {
      path.proxy().halfClose(FaultProxy.Direction.TO_CLIENT);
    }

    @Override
    Optional<String> impossible(boolean bytes) {
      return bytes ? Optional.empty() : Optional.of("a connection without bytes closes as a whole");
    }
  };

  abstract void happenTo(TestPath path);

  /** Why it cannot happen to a path that has bytes on a socket, or has none. */
  Optional<String> impossible(boolean bytes) {
    return Optional.empty();
  }
}
