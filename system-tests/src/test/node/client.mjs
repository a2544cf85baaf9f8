// MQTT.js under the orders of the system tests: one line in, one command; words are separated by tabs and encoded in
// Base64. NUMBER open|subscribe|publish|close HANDLE ... is answered by NUMBER ok, NUMBER refused CODE or
// NUMBER failed TEXT; what arrives is told as `message HANDLE TOPIC QOS RETAIN PAYLOAD`.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import mqtt from 'mqtt';

const clients = new Map();
const encode = (value) => Buffer.from(String(value)).toString('base64');
const say = (...words) => process.stdout.write(words.join('\t') + '\n');

function open(handle, host, port, transport, version, id, persistent, authority, login, will, done) {
  const protocol = { tcp: 'mqtt', tls: 'mqtts', websocket: 'ws', 'secure-websocket': 'wss' }[transport];
  const ca = readFileSync(authority);
  const options = {
    protocol,
    host,
    port: Number(port),
    path: '/mqtt',
    clientId: id,
    protocolVersion: Number(version),
    protocolId: version === '3' ? 'MQIsdp' : 'MQTT',
    clean: persistent !== '1',
    reconnectPeriod: 0,
    connectTimeout: 10_000,
    ca,
    wsOptions: { ca },
  };
  if (version === '5' && persistent === '1') {
    options.properties = { sessionExpiryInterval: 600 };
  }
  if (login.length > 0) {
    [options.username, options.password] = login;
  }
  if (will.length > 0) {
    options.will = { topic: will[0], payload: will[1], qos: Number(will[2]), retain: will[3] === '1' };
  }
  const client = mqtt.connect(options);
  clients.set(handle, client);
  client.on('message', (topic, payload, packet) => {
    say('message', handle, encode(topic), packet.qos, packet.retain ? 1 : 0, payload.toString('base64'));
  });
  client.once('connect', () => done('ok'));
  client.on('error', (error) => {
    if (typeof error.code === 'number') {
      done('refused', error.code);
    } else {
      done('failed', encode(error.stack));
    }
  });
  client.once('close', () => done('failed', encode('the connection ended before CONNACK')));
}

function obey(number, command, handle, words) {
  let answered = false;
  const done = (...answer) => {
    if (!answered) {
      answered = true;
      say(number, ...answer);
    }
  };
  const acknowledged = (error) => (error ? done('failed', encode(error.stack)) : done('ok'));
  const text = (at) => words[at].toString();
  const client = clients.get(handle);
  switch (command) {
    case 'open': {
      const [host, port, transport, version, id, persistent, authority] = words.slice(0, 7).map(String);
      const login = text(7) === '1' ? [text(8), text(9)] : [];
      const will = text(10) === '1' ? [text(11), words[12], text(13), text(14)] : [];
      open(handle, host, port, transport, version, id, persistent, authority, login, will, done);
      break;
    }
    case 'subscribe':
      client.subscribe(text(0), { qos: Number(text(1)) }, acknowledged);
      break;
    case 'publish':
      client.publish(text(0), words[3], { qos: Number(text(1)), retain: text(2) === '1' }, acknowledged);
      break;
    case 'close':
      clients.delete(handle);
      client.end(!client.connected, {}, () => done('ok'));
      break;
    default:
      done('failed', encode('no such command: ' + command));
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [number, command, handle, ...words] = line.split('\t');
    try {
      obey(number, command, handle, words.map((word) => Buffer.from(word, 'base64')));
    } catch (error) {
      say(number, 'failed', encode(error.stack));
    }
  })
  .on('close', () => process.exit(0));
