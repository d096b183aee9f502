/** Sessions between peers that meet only at an MQTT broker. */
module io.carrick.transport.mqtt {
  requires transitive io.carrick;
  requires static transitive org.jspecify;
  requires io.carrick.tls;
  requires io.carrick.transport.support;
  requires java.logging; // Paho logs there, and does not say so.
  requires jdk.net;
  requires org.eclipse.paho.mqttv5.client;

  exports io.carrick.transport.mqtt;

  provides io.carrick.spi.TransportProvider with
      io.carrick.transport.mqtt.MqttTransportProvider;
}
