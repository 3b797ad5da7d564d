// js-libp2p as the other end of a test. It obeys one JSON command per line on stdin, in order, and
// answers each with one JSON line on stdout. It ends when stdin ends.
//
//   {"do":"start","listen":bool,"stack","psk"}  → {"id","addresses"}
//       stack = tcp, ws or quic, then -tls in place of noise, such as "tcp-tls";
//       psk = the key file of a private network, if any
//   {"do":"dial","address"}                     → {"peer"}
//   {"do":"peer","id"}                          → {"peer"}
//   {"do":"identify"}                           → {"agent","protocols","listen","observed"}
//   {"do":"ping","count"}                       → {"millis":[...]}
//   {"do":"echo","bytes"}                       → {"sent","received"}  (SHA-256, hex)
//   {"do":"count","bytes"}                      → {"reply"}
//   {"do":"abort"}                              → {}
//   {"do":"expectReset"}                        → {"error"}
//   {"do":"perf","up","down"}                   → {"bytes","millis"}
//   {"do":"upload","bytes"}                     → {"millis"}
//   {"do":"download","bytes"}                   → {"millis"}
//   {"do":"redial","address","count"}           → {"p50"}
//   {"do":"pingStream","count"}                 → {"p50"}
import { createHash, randomBytes } from 'node:crypto'
import { obey } from './obey.mjs'

const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { webSockets } = await import('@libp2p/websockets')
const { noise } = await import('@libp2p/noise')
const { tls } = await import('@libp2p/tls')
const { preSharedKey } = await import('@libp2p/pnet')
const { yamux } = await import('@libp2p/yamux')
const { identify } = await import('@libp2p/identify')
const { ping } = await import('@libp2p/ping')

const ECHO = '/test/echo/1'
const COUNT = '/test/count/1'
const RESET = '/test/reset/1'
const HOLD = '/test/hold/1'
const SINK = '/test/sink/1'
const SOURCE = '/test/source/1'
const PERF = '/perf/1.0.0'
const BLOCK = 64 * 1024

let node
let peer

async function sendAll (stream, total, onChunk) {
  for (let left = total; left > 0;) {
    const chunk = onChunk(Math.min(left, BLOCK))
    left -= chunk.byteLength
    if (!stream.send(chunk)) await stream.onDrain()
  }
}

const transports = {
  tcp: { listen: '/ip4/127.0.0.1/tcp/0', make: async () => tcp() },
  ws: { listen: '/ip4/127.0.0.1/tcp/0/ws', make: async () => webSockets() },
  // Loaded where it is wanted: it has a native part.
  quic: { listen: '/ip4/127.0.0.1/udp/0/quic-v1', make: async () => (await import('@chainsafe/libp2p-quic')).quic() }
}

async function start (listen, stack = 'tcp', psk) {
  const [transport, security] = stack.split('-')
  const { listen: address, make } = transports[transport]
  node = await createLibp2p({
    addresses: { listen: listen ? [address] : [] },
    transports: [await make()],
    connectionEncrypters: [security === 'tls' ? tls() : noise()],
    ...(psk && { connectionProtector: preSharedKey({ psk: new TextEncoder().encode(psk) }) }),
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping() },
    connectionMonitor: { enabled: false },
    connectionManager: { inboundConnectionThreshold: 1000 },
    connectionGater: { denyDialMultiaddr: () => false }
  })
  await node.handle(ECHO, async stream => {
    for await (const chunk of stream) {
      if (!stream.send(chunk)) await stream.onDrain()
    }
    await stream.close()
  })
  await node.handle(COUNT, async stream => {
    let count = 0
    for await (const chunk of stream) count += chunk.byteLength
    stream.send(new TextEncoder().encode(`${count}`))
    await stream.close()
  })
  await node.handle(RESET, async stream => {
    for await (const _ of stream) break
    stream.abort(new Error('as the test wants it'))
  })
  await node.handle(SINK, async stream => {
    for await (const _ of stream);
    stream.send(new Uint8Array([1]))
    await stream.close()
  })
  await node.handle(SOURCE, async stream => {
    let request = []
    for await (const chunk of stream) request.push(...chunk.subarray())
    await sendAll(stream, Number(Buffer.from(request).readBigUInt64BE()), n => new Uint8Array(n))
    await stream.close()
  })
  // The perf protocol; its package is not on the registry.
  await node.handle(PERF, async stream => {
    const head = Buffer.alloc(8)
    let got = 0
    for await (const chunk of stream) {
      if (got < 8) head.set(chunk.subarray().subarray(0, 8 - got), got)
      got += chunk.byteLength
    }
    if (got < 8) throw new Error('a perf stream without a request')
    const block = new Uint8Array(BLOCK)
    await sendAll(stream, Number(head.readBigUInt64BE()), n => block.subarray(0, n))
    await stream.close()
  })
  return { id: node.peerId.toString(), addresses: node.getMultiaddrs().map(a => a.toString()) }
}

const median = values => values.sort((a, b) => a - b)[values.length >> 1]

const open = protocol => node.dialProtocol(peer, protocol)

const commands = {
  start: ({ listen, stack, psk }) => start(listen, stack, psk),

  async dial ({ address }) {
    const { multiaddr } = await import('@multiformats/multiaddr')
    const connection = await node.dial(multiaddr(address))
    peer = connection.remotePeer
    return { peer: peer.toString() }
  },

  // Whose connection the following commands use, where the other end dialled.
  async peer ({ id }) {
    for (let i = 0; i < 100; i++) {
      peer = node.getPeers().find(each => each.toString() === id)
      if (peer) return { peer: peer.toString() }
      await new Promise(resolve => setTimeout(resolve, 50))
    }
    throw new Error(`not connected to ${id}`)
  },

  async identify () {
    const connection = node.getConnections(peer)[0]
    const said = await node.services.identify.identify(connection)
    return {
      agent: said.agentVersion,
      protocols: said.protocols,
      listen: said.listenAddrs.map(a => a.toString()),
      observed: said.observedAddr?.toString()
    }
  },

  async ping ({ count }) {
    const millis = []
    for (let i = 0; i < count; i++) {
      const start = performance.now()
      await node.services.ping.ping(peer)
      millis.push(performance.now() - start)
    }
    return { millis }
  },

  async echo ({ bytes }) {
    const stream = await open(ECHO)
    const sent = createHash('sha256')
    const received = createHash('sha256')
    const reading = (async () => {
      for await (const chunk of stream) received.update(chunk.subarray())
    })()
    await sendAll(stream, bytes, n => { const c = randomBytes(n); sent.update(c); return c })
    await stream.close()
    await reading
    return { sent: sent.digest('hex'), received: received.digest('hex') }
  },

  async count ({ bytes }) {
    const stream = await open(COUNT)
    await sendAll(stream, bytes, n => new Uint8Array(n))
    await stream.close()
    let reply = ''
    for await (const chunk of stream) reply += new TextDecoder().decode(chunk.subarray())
    return { reply }
  },

  async abort () {
    const stream = await open(HOLD)
    stream.send(new TextEncoder().encode('hello'))
    await new Promise(resolve => setTimeout(resolve, 200))
    stream.abort(new Error('as the test wants it'))
    return {}
  },

  async expectReset () {
    const stream = await open(RESET)
    stream.send(new Uint8Array([1]))
    try {
      for await (const _ of stream);
      return { error: null }
    } catch (err) {
      return { error: `${err.name}` }
    }
  },

  async redial ({ address, count }) {
    const { multiaddr } = await import('@multiformats/multiaddr')
    const target = multiaddr(address)
    const millis = []
    for (let i = 0; i < count; i++) {
      await Promise.all(node.getConnections().map(c => c.close()))
      const start = performance.now()
      peer = (await node.dial(target)).remotePeer
      millis.push(performance.now() - start)
    }
    return { p50: median(millis) }
  },

  // Pings on one stream, as the protocol allows: the service opens a stream for each.
  async pingStream ({ count }) {
    const stream = await open('/ipfs/ping/1.0.0')
    const chunks = stream[Symbol.asyncIterator]()
    const millis = []
    for (let i = 0; i < count; i++) {
      const start = performance.now()
      stream.send(new Uint8Array(32))
      for (let got = 0; got < 32;) got += (await chunks.next()).value.byteLength
      millis.push(performance.now() - start)
    }
    await stream.close()
    return { p50: median(millis) }
  },

  async perf ({ up, down }) {
    const stream = await open(PERF)
    const head = Buffer.alloc(8)
    head.writeBigUInt64BE(BigInt(down))
    let count = 0
    const done = (async () => { for await (const chunk of stream) count += chunk.byteLength })()
    const start = performance.now()
    stream.send(new Uint8Array(head))
    const block = new Uint8Array(BLOCK)
    await sendAll(stream, up, n => block.subarray(0, n))
    await stream.close()
    await done
    return { bytes: count, millis: performance.now() - start }
  },

  async upload ({ bytes }) {
    const stream = await open(SINK)
    const start = performance.now()
    const done = (async () => { for await (const _ of stream); })()
    const block = new Uint8Array(BLOCK)
    await sendAll(stream, bytes, n => block.subarray(0, n))
    await stream.close()
    await done
    return { millis: performance.now() - start }
  },

  async download ({ bytes }) {
    const stream = await open(SOURCE)
    const start = performance.now()
    const request = Buffer.alloc(8)
    request.writeBigUInt64BE(BigInt(bytes))
    let count = 0
    const done = (async () => { for await (const chunk of stream) count += chunk.byteLength })()
    stream.send(new Uint8Array(request))
    await stream.close()
    await done
    if (count !== bytes) throw new Error(`${count} bytes instead of ${bytes}`)
    return { millis: performance.now() - start }
  }
}

await obey(commands, () => node?.stop())
