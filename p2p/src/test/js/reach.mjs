// js-libp2p as the other end in tests of identify push, relays, reachability and hole punching. It
// obeys one JSON command per line on stdin, in order, and answers each with one JSON line on stdout.
// It ends when stdin ends.
//
//   {"do":"start","listen":[...],"relay":bool,"autonat":bool}  → {"id"}
//   {"do":"addresses"}                          → {"addresses"}
//   {"do":"dial","address"}                     → {"peer"}
//   {"do":"known","peer"}                       → {"protocols","certified","seq"}
//   {"do":"handle","protocol"}                  → {}
//   {"do":"echo","peer","protocol","bytes"}     → {"same"}
//   {"do":"connections","peer"}                 → {"connections":[{"address","limited","direction"}]}
//   {"do":"reservations"}                       → {"peers"}
import { randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import WebSocket from 'ws'

// What js-libp2p expects of newer versions of Node.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}
globalThis.WebSocket ??= WebSocket

const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@libp2p/noise')
const { yamux } = await import('@libp2p/yamux')
const { identify, identifyPush } = await import('@libp2p/identify')
const { ping } = await import('@libp2p/ping')
const { circuitRelayServer, circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
const { autoNAT } = await import('@libp2p/autonat')
const { autoNATv2 } = await import('@libp2p/autonat-v2')
const { dcutr } = await import('@libp2p/dcutr')
const { peerIdFromString } = await import('@libp2p/peer-id')
const { RecordEnvelope, PeerRecord } = await import('@libp2p/peer-record')
const { multiaddr } = await import('@multiformats/multiaddr')

const ECHO = '/test/echo/1'
const ANYWHERE = { runOnLimitedConnection: true }

let node

async function serveEcho (stream) {
  for await (const chunk of stream) {
    if (!stream.send(chunk)) await stream.onDrain()
  }
  await stream.close()
}

const commands = {
  async start ({ listen = [], relay, autonat, holepunch }) {
    const services = { identify: identify(), identifyPush: identifyPush(), ping: ping() }
    if (relay != null) services.relay = circuitRelayServer({ reservations: relay })
    if (autonat) {
      services.autonat = autoNAT()
      services.autonatV2 = autoNATv2()
    }
    if (holepunch) services.dcutr = dcutr()
    node = await createLibp2p({
      addresses: { listen },
      transports: [tcp(), circuitRelayTransport()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services,
      connectionMonitor: { enabled: false },
      connectionManager: { inboundConnectionThreshold: 1000 },
      connectionGater: { denyDialMultiaddr: () => false }
    })
    await node.handle(ECHO, serveEcho, ANYWHERE)
    return { id: node.peerId.toString() }
  },

  addresses: async () => ({ addresses: node.getMultiaddrs().map(a => a.toString()) }),

  async dial ({ address }) {
    const connection = await node.dial(multiaddr(address))
    return { peer: connection.remotePeer.toString() }
  },

  async known ({ peer }) {
    const known = await node.peerStore.get(peerIdFromString(peer))
    let seq = null
    if (known.peerRecordEnvelope != null) {
      const envelope = await RecordEnvelope.openAndCertify(known.peerRecordEnvelope, PeerRecord.DOMAIN)
      seq = PeerRecord.createFromProtobuf(envelope.payload).seqNumber.toString()
    }
    return {
      protocols: known.protocols,
      certified: known.addresses.filter(a => a.isCertified).map(a => a.multiaddr.toString()),
      seq
    }
  },

  async handle ({ protocol }) {
    await node.handle(protocol, serveEcho)
    return {}
  },

  async echo ({ peer, bytes }) {
    const stream = await node.dialProtocol(peerIdFromString(peer), ECHO, ANYWHERE)
    const sent = randomBytes(bytes)
    const got = []
    const reading = (async () => { for await (const chunk of stream) got.push(chunk.subarray()) })()
    for (let at = 0; at < bytes; at += 16384) {
      if (!stream.send(sent.subarray(at, at + 16384))) await stream.onDrain()
    }
    await stream.close()
    await reading
    return { same: Buffer.concat(got).equals(sent) }
  },

  connections: async ({ peer }) => ({
    connections: node.getConnections(peerIdFromString(peer)).map(c => ({
      address: c.remoteAddr.toString(),
      limited: c.limits != null,
      direction: c.direction
    }))
  }),

  reservations: async () => ({ peers: [...node.services.relay.reservations.keys()].map(p => p.toString()) })
}

for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line)
  try {
    console.log(JSON.stringify(await commands[command.do](command)))
  } catch (err) {
    console.log(JSON.stringify({ failed: `${err.stack ?? err}` }))
  }
}
await node?.stop()
process.exit(0)
