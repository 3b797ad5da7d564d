// js-libp2p with Kademlia and gossipsub as the other end of a test. Like peer.mjs it obeys one JSON
// command per line on stdin and answers each with one JSON line. Bytes are hex.
//
//   {"do":"start","listen":bool,"client":bool}  → {"id","addresses"}
//   {"do":"dial","address"}                     → {"peer"}
//   {"do":"tableSize"}                          → {"size"}
//   {"do":"closest","key"}                      → {"peers":[...]}
//   {"do":"findPeer","peer"}                    → {"addresses":[...]}
//   {"do":"put","key","value"}                  → {"stored"}
//   {"do":"get","key"}                          → {"value"}
//   {"do":"provide","hash"}                     → {"sent"}
//   {"do":"providers","hash"}                   → {"peers":[...]}
//   {"do":"subscribe","topic"}, {"do":"unsubscribe","topic"}   → {}
//   {"do":"publish","topic","data"}             → {"id"}
//   {"do":"messages"}                           → {"messages":[{"topic","from","data","id"}]}
//   {"do":"mesh","topic"}                       → {"mesh":[...],"subscribers":[...]}
import { obey } from './obey.mjs'

const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@libp2p/noise')
const { yamux } = await import('@libp2p/yamux')
const { identify } = await import('@libp2p/identify')
const { ping } = await import('@libp2p/ping')
const { kadDHT, passthroughMapper } = await import('@libp2p/kad-dht')
const { gossipsub } = await import('@libp2p/gossipsub')
const { multiaddr } = await import('@multiformats/multiaddr')
const { peerIdFromString } = await import('@libp2p/peer-id')
const { CID } = await import('multiformats/cid')
const Digest = await import('multiformats/hashes/digest')

const hex = bytes => Buffer.from(bytes).toString('hex')
const bytes = text => new Uint8Array(Buffer.from(text, 'hex'))
const messages = []
let node

// The specification's id: js-libp2p's own default is another one.
function messageId (message) {
  const seqno = Buffer.alloc(8)
  seqno.writeBigUInt64BE(message.sequenceNumber)
  return new Uint8Array(Buffer.concat([message.from.toMultihash().bytes, seqno]))
}

const cid = hash => CID.createV1(0x55, Digest.create(0x12, bytes(hash)))

async function events (query, onEvent) {
  for await (const event of query) onEvent(event)
}

const commands = {
  async start ({ listen, client }) {
    node = await createLibp2p({
      addresses: { listen: listen ? ['/ip4/127.0.0.1/tcp/0'] : [] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: {
        identify: identify(),
        ping: ping(),
        dht: kadDHT({
          protocol: '/atoll/kad/1.0.0',
          clientMode: client === true,
          peerInfoMapper: passthroughMapper,
          validators: { atoll: async () => {} },
          selectors: { atoll: () => 0 }
        }),
        pubsub: gossipsub({
          allowPublishToZeroTopicPeers: true,
          msgIdFn: messageId,
          scoreParams: { IPColocationFactorWeight: 0 }
        })
      },
      connectionMonitor: { enabled: false },
      connectionManager: { inboundConnectionThreshold: 1000 },
      connectionGater: { denyDialMultiaddr: () => false }
    })
    node.services.pubsub.addEventListener('message', ({ detail }) => {
      messages.push({
        topic: detail.topic,
        from: detail.from.toString(),
        data: hex(detail.data),
        id: hex(messageId(detail))
      })
    })
    return { id: node.peerId.toString(), addresses: node.getMultiaddrs().map(a => a.toString()) }
  },

  async dial ({ address }) {
    return { peer: (await node.dial(multiaddr(address))).remotePeer.toString() }
  },

  async tableSize () {
    return { size: node.services.dht.routingTable.size }
  },

  async closest ({ key }) {
    const peers = []
    await events(node.services.dht.getClosestPeers(bytes(key)), event => {
      if (event.name === 'FINAL_PEER') peers.push(event.peer.id.toString())
    })
    return { peers }
  },

  async findPeer ({ peer }) {
    let addresses = []
    await events(node.services.dht.findPeer(peerIdFromString(peer)), event => {
      if (event.name === 'FINAL_PEER') addresses = event.peer.multiaddrs.map(a => a.toString())
    })
    return { addresses }
  },

  async put ({ key, value }) {
    let stored = 0
    await events(node.services.dht.put(bytes(key), bytes(value)), event => {
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'PUT_VALUE') stored++
    })
    return { stored }
  },

  async get ({ key }) {
    let value = null
    await events(node.services.dht.get(bytes(key)), event => {
      if (event.name === 'VALUE') value = hex(event.value)
    })
    return { value }
  },

  async provide ({ hash }) {
    let sent = 0
    await events(node.services.dht.provide(cid(hash)), event => {
      if (event.name === 'PEER_RESPONSE' && event.messageName === 'ADD_PROVIDER') sent++
    })
    return { sent }
  },

  async providers ({ hash }) {
    const peers = []
    await events(node.services.dht.findProviders(cid(hash)), event => {
      if (event.name === 'PROVIDER') peers.push(...event.providers.map(p => p.id.toString()))
    })
    return { peers }
  },

  async subscribe ({ topic }) {
    node.services.pubsub.subscribe(topic)
    return {}
  },

  async unsubscribe ({ topic }) {
    node.services.pubsub.unsubscribe(topic)
    return {}
  },

  async publish ({ topic, data }) {
    await node.services.pubsub.publish(topic, bytes(data))
    return {}
  },

  async messages () {
    return { messages }
  },

  async mesh ({ topic }) {
    return {
      mesh: node.services.pubsub.getMeshPeers(topic),
      subscribers: node.services.pubsub.getSubscribers(topic).map(p => p.toString())
    }
  }
}

await obey(commands, () => node?.stop())
