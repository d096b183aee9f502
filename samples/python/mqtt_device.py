"""A lamp at an MQTT 5 broker, which knows nothing of Carrick: docs/mqtt.md.

    mqtt_device.py HOST PORT

Answers requests on lamp/set, and publishes what it is on lamp/state, retained.
"""

import sys

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties


def connected(client, userdata, flags, reason, properties):
    client.subscribe("lamp/set", qos=1)


def subscribed(client, userdata, mid, reasons, properties):
    print("ready", flush=True)


def asked(client, userdata, message):
    state = message.payload.decode()
    client.publish("lamp/state", state, qos=1, retain=True)
    reply_to = getattr(message.properties, "ResponseTopic", None)
    if reply_to is not None:
        reply = Properties(PacketTypes.PUBLISH)
        reply.CorrelationData = message.properties.CorrelationData
        reply.ContentType = "text/plain"
        reply.UserProperty = ("device", "lamp")
        client.publish(reply_to, "lamp is " + state, qos=1, properties=reply)


def main():
    host, port = sys.argv[1], int(sys.argv[2])
    if hasattr(mqtt, "CallbackAPIVersion"):  # From 2.0 on.
        lamp = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "lamp", protocol=mqtt.MQTTv5)
    else:
        lamp = mqtt.Client("lamp", protocol=mqtt.MQTTv5)
    lamp.on_connect = connected
    lamp.on_subscribe = subscribed
    lamp.on_message = asked
    lamp.connect(host, port)
    lamp.loop_forever()


if __name__ == "__main__":
    main()
