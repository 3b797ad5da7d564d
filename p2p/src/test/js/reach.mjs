// js-libp2p as the other end in tests of identify push, relays, reachability and hole punching. It
// obeys one JSON command per line on stdin, in order, and answers each with one JSON line on stdout.
// It ends when stdin ends.
//
//   {"do":"start","listen":[...],"relay":{...},"autonat":bool,"holepunch":bool}  → {"id"}
//   {"do":"addresses"}                          → {"addresses"}
//   {"do":"dial","address"}                     → {"peer"}
//   {"do":"known","peer"}                       → {"protocols","certified","seq"}
//   {"do":"handle","protocol"}                  → {}
//   {"do":"echo","peer","protocol","bytes"}     → {"same"}
//   {"do":"connections","peer"}                 → {"connections":[{"address","limited","direction"}]}
//   {"do":"reservations"}                       → {"peers"}
//
// The services of js refuse addresses of one machine, so these speak the protocols by hand, with the
// codecs of js:
//   {"do":"serveAutonat"}                       → {}
//   {"do":"askAutonat","peer","version","addresses"}  → the answer of the server
//   {"do":"punchAsA"}                           → {}
//   {"do":"punched"}                            → {"steps"}
//   {"do":"punchAsB","peer"}                    → {"addresses"}
import { randomBytes } from 'node:crypto'
import { obey } from './obey.mjs'

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

const { pbStream } = await import('@libp2p/utils')
const PACKAGES = './node_modules/@libp2p'
const v1 = await import(`${PACKAGES}/autonat/dist/src/pb/index.js`)
const v2 = await import(`${PACKAGES}/autonat-v2/dist/src/pb/index.js`)

const { HolePunch } = await import(`${PACKAGES}/dcutr/dist/src/pb/message.js`)

const DCUTR = '/libp2p/dcutr'
const AUTONAT = '/libp2p/autonat/1.0.0'
const DIAL_REQUEST = '/libp2p/autonat/2/dial-request'
const DIAL_BACK = '/libp2p/autonat/2/dial-back'
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
    // Not by dialling, which would not be content with a connection over a relay.
    const stream = await node.getConnections(peerIdFromString(peer))[0].newStream(ECHO, ANYWHERE)
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

const direct = () => node.getMultiaddrs().filter(a => !a.toString().includes('p2p-circuit'))

const steps = []

async function dialled (address) {
  try {
    return await node.dial(address, { force: true, signal: AbortSignal.timeout(5000) })
  } catch {
    return null
  }
}

Object.assign(commands, {
  async serveAutonat () {
    await node.handle(AUTONAT, async stream => {
      const messages = pbStream(stream).pb(v1.Message)
      const { dial } = await messages.read()
      const address = multiaddr(dial.peer.addrs[0])
      const connection = await dialled(address)
      await messages.write({
        type: v1.Message.MessageType.DIAL_RESPONSE,
        dialResponse: connection != null
          ? { status: v1.Message.ResponseStatus.OK, addr: address.bytes }
          : { status: v1.Message.ResponseStatus.E_DIAL_ERROR, statusText: 'no', addr: address.bytes }
      })
      await stream.close()
    })
    await node.handle(DIAL_REQUEST, async stream => {
      const messages = pbStream(stream).pb(v2.Message)
      const { dialRequest } = await messages.read()
      const numBytes = 50_000
      await messages.write({ dialDataRequest: { addrIdx: 0, numBytes: BigInt(numBytes) } })
      for (let got = 0; got < numBytes;) {
        got += (await messages.read()).dialDataResponse.data.byteLength
      }
      const connection = await dialled(multiaddr(dialRequest.addrs[0]))
      let dialStatus = v2.DialStatus.E_DIAL_ERROR
      if (connection != null) {
        const back = await connection.newStream(DIAL_BACK)
        const pb = pbStream(back)
        await pb.write({ nonce: dialRequest.nonce }, v2.DialBack)
        await pb.read(v2.DialBackResponse)
        dialStatus = v2.DialStatus.OK
      }
      await messages.write({
        dialResponse: { addrIdx: 0, status: v2.DialResponse.ResponseStatus.OK, dialStatus }
      })
      await stream.close()
    })
    return {}
  },

  async askAutonat ({ peer, version, addresses }) {
    const addrs = addresses.map(a => multiaddr(a).bytes)
    if (version === 1) {
      const stream = await node.dialProtocol(peerIdFromString(peer), AUTONAT)
      const messages = pbStream(stream).pb(v1.Message)
      await messages.write({
        type: v1.Message.MessageType.DIAL,
        dial: { peer: { id: node.peerId.toMultihash().bytes, addrs } }
      })
      return { status: (await messages.read()).dialResponse.status }
    }
    const nonce = 1234567890123n
    let dialledBack = false
    await node.unhandle(DIAL_BACK)
    await node.handle(DIAL_BACK, async stream => {
      const pb = pbStream(stream)
      dialledBack = (await pb.read(v2.DialBack)).nonce === nonce
      await pb.write({ status: v2.DialBackResponse.DialBackStatus.OK }, v2.DialBackResponse)
      await stream.close()
    })
    const stream = await node.dialProtocol(peerIdFromString(peer), DIAL_REQUEST)
    const messages = pbStream(stream).pb(v2.Message)
    await messages.write({ dialRequest: { addrs, nonce } })
    let answer = await messages.read()
    let paid = 0
    if (answer.dialDataRequest != null) {
      for (; paid < Number(answer.dialDataRequest.numBytes); paid += 4000) {
        await messages.write({ dialDataResponse: { data: new Uint8Array(4000) } })
      }
      answer = await messages.read()
    }
    const { status, addrIdx, dialStatus } = answer.dialResponse
    return { status, addrIdx, dialStatus, dialledBack, paid }
  }
})

Object.assign(commands, {
  async punchAsA () {
    await node.handle(DCUTR, async (stream, connection) => {
      const messages = pbStream(stream).pb(HolePunch)
      const connect = await messages.read()
      steps.push(connect.type)
      await messages.write({
        type: HolePunch.Type.CONNECT,
        observedAddresses: direct().map(a => a.bytes)
      })
      steps.push((await messages.read()).type)
      for (const bytes of connect.observedAddresses) {
        const address = multiaddr(bytes).encapsulate(`/p2p/${connection.remotePeer}`)
        steps.push(await dialled(address) != null ? 'dialled' : 'failed')
      }
      await stream.close()
    }, ANYWHERE)
    return {}
  },

  punched: async () => ({ steps }),

  async punchAsB ({ peer }) {
    const connection = node.getConnections(peerIdFromString(peer)).find(c => c.limits != null)
    const stream = await connection.newStream(DCUTR, ANYWHERE)
    const messages = pbStream(stream).pb(HolePunch)
    await messages.write({
      type: HolePunch.Type.CONNECT,
      observedAddresses: direct().map(a => a.bytes)
    })
    const connect = await messages.read()
    await messages.write({ type: HolePunch.Type.SYNC, observedAddresses: [] })
    await stream.close()
    return { addresses: connect.observedAddresses.map(b => multiaddr(b).toString()) }
  }
})

await obey(commands, () => node?.stop())
