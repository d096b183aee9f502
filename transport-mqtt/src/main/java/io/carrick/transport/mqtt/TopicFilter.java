package io.carrick.transport.mqtt;

import io.carrick.Topic;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** One filter that this side has subscribed to, for all its flows. On the loop. */
final class TopicFilter {

  /** The largest identifier of a subscription (MQTT 5, 3.8.2.1.2). */
  private static final int MOST_ID = 268_435_455;

  /** Retained messages come each time that it is subscribed to. */
  private static final int WITH_RETAINED = 0;

  final String whole;
  private final String filter;
  private final int id;

  /** Whether it was unsubscribed, and has what still comes. */
  boolean leaving;

  final List<TopicFlow> flows = new ArrayList<>(1);

  /**
   * A filter.
   *
   * @param whole the filter as the broker is told it, with the group that shares it
   */
  TopicFilter(String whole, String filter) {
    this.whole = whole;
    this.filter = filter;
    // The same in the next life of this process, which a broker may remember.
    this.id = 1 + Math.floorMod(whole.hashCode(), MOST_ID);
  }

  MqttSubscription subscription() {
    int qos = flows.stream().anyMatch(TopicFlow::isReliable) ? 1 : 0;
    MqttSubscription subscription = new MqttSubscription(whole, qos);
    subscription.setRetainHandling(WITH_RETAINED);
    return subscription;
  }

  MqttProperties properties(boolean identifiers) {
    MqttProperties properties = new MqttProperties();
    if (identifiers) {
      properties.setSubscriptionIdentifier(id);
    }
    return properties;
  }

  /** Whether a broker sent it for this filter: by its identifiers where it has some. */
  boolean selects(String topic, MqttMessage message) {
    List<Integer> ids = message.getProperties().getSubscriptionIdentifiers();
    return (ids.isEmpty() || ids.contains(id)) && Topic.matches(filter, topic);
  }
}
