"""Paho's Python client under the orders of the system tests.

One line in, one command; words are separated by tabs and encoded in Base64. NUMBER open|subscribe|publish|close HANDLE
... is answered by NUMBER ok, NUMBER refused CODE or NUMBER failed TEXT; what arrives is told as
`message HANDLE TOPIC QOS RETAIN PAYLOAD`.
"""

import base64
import sys
import threading
import traceback

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

clients = {}
writing = threading.Lock()


def encode(value):
    return base64.b64encode(value if isinstance(value, bytes) else value.encode()).decode()


def say(*words):
    with writing:
        sys.stdout.write("\t".join(str(word) for word in words) + "\n")
        sys.stdout.flush()


class Client:
    def __init__(self, number, handle, words):
        host, port, transport, version, name, persistent, authority = [word.decode() for word in words[:7]]
        self.handle = handle
        self.opening = number
        self.lock = threading.Lock()
        self.waiting = {}
        v5 = version == "5"
        kind = "websockets" if "websocket" in transport else "tcp"
        arguments = {} if v5 else {"clean_session": persistent != "1"}
        self.mqtt = mqtt.Client(
            name, protocol=int(version), transport=kind, reconnect_on_failure=False, **arguments)
        if kind == "websockets":
            self.mqtt.ws_set_options(path="/mqtt")
        if transport in ("tls", "secure-websocket"):
            self.mqtt.tls_set(ca_certs=authority)
        if words[7] == b"1":
            self.mqtt.username_pw_set(words[8].decode(), words[9].decode())
        if words[10] == b"1":
            self.mqtt.will_set(words[11].decode(), words[12], int(words[13]), words[14] == b"1")
        self.mqtt.on_connect = self.on_connect
        self.mqtt.on_message = self.on_message
        self.mqtt.on_publish = lambda client, data, mid: self.acknowledged(mid)
        self.mqtt.on_subscribe = lambda client, data, mid, *granted: self.acknowledged(mid)
        if v5:
            properties = Properties(PacketTypes.CONNECT)
            if persistent == "1":
                properties.SessionExpiryInterval = 600
            self.mqtt.connect(host, int(port), clean_start=persistent != "1", properties=properties)
        else:
            self.mqtt.connect(host, int(port))
        self.mqtt.loop_start()

    def on_connect(self, client, data, flags, reason, properties=None):
        code = reason if isinstance(reason, int) else reason.value
        if code == 0:
            say(self.opening, "ok")
        else:
            say(self.opening, "refused", code)

    def on_message(self, client, data, message):
        say("message", self.handle, encode(message.topic), message.qos, int(message.retain), encode(message.payload))

    def asked(self, number, mid):
        """Remembers which command waits for the ack with this id."""
        with self.lock:
            if mid not in self.waiting:
                self.waiting[mid] = number
                return
            del self.waiting[mid]
        say(number, "ok")

    def acknowledged(self, mid):
        with self.lock:
            number = self.waiting.pop(mid, None)
            if number is None:
                self.waiting[mid] = None  # came before publish() had returned
                return
        say(number, "ok")


def obey(number, command, handle, words):
    if command == "open":
        clients[handle] = Client(number, handle, words)
        return
    client = clients[handle]
    if command == "subscribe":
        code, mid = client.mqtt.subscribe(words[0].decode(), int(words[1]))
        if code != mqtt.MQTT_ERR_SUCCESS:
            raise RuntimeError(mqtt.error_string(code))
        client.asked(number, mid)
    elif command == "publish":
        # Not under the lock: Paho calls back under a lock of its own, which this takes too.
        sent = client.mqtt.publish(words[0].decode(), words[3], int(words[1]), words[2] == b"1")
        if sent.rc != mqtt.MQTT_ERR_SUCCESS:
            raise RuntimeError(mqtt.error_string(sent.rc))
        client.asked(number, sent.mid)
    elif command == "close":
        del clients[handle]
        client.mqtt.disconnect()
        client.mqtt.loop_stop()
        say(number, "ok")
    else:
        raise RuntimeError("no such command: " + command)


for line in sys.stdin:
    number, command, handle, *words = line.rstrip("\n").split("\t")
    try:
        obey(number, command, handle, [base64.b64decode(word) for word in words])
    except Exception:  # told to the test, which fails with it
        say(number, "failed", encode(traceback.format_exc()))
