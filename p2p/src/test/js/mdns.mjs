// js-libp2p as the other end in tests of mDNS. It obeys one JSON command per line on stdin, in order,
// and answers each with one JSON line on stdout. It ends when stdin ends.
//
//   {"do":"start","tag":"_p2p._udp.local"}  → {"id","addresses"}
//   {"do":"found"}                          → {"peers":[{"id","addresses"}]}
//   {"do":"dialFound","peer"}               → {"ms"}: dialled by what was found, and pinged
//   {"do":"stop"}                           → {}
import { obey } from './obey.mjs'

const { createLibp2p } = await import('libp2p')
const { tcp } = await import('@libp2p/tcp')
const { noise } = await import('@libp2p/noise')
const { yamux } = await import('@libp2p/yamux')
const { identify } = await import('@libp2p/identify')
const { ping } = await import('@libp2p/ping')
const { mdns } = await import('@libp2p/mdns')
const { peerIdFromString } = await import('@libp2p/peer-id')

let node
const found = new Map()

const commands = {
  async start ({ tag }) {
    found.clear()
    node = await createLibp2p({
      addresses: { listen: ['/ip4/0.0.0.0/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), ping: ping() },
      peerDiscovery: [components => {
        const service = mdns({ interval: 1000, serviceTag: tag })(components)
        // What it hears: the node's own event comes once for a peer, without addresses if that dialled first.
        service.addEventListener('peer', ({ detail }) => {
          found.set(detail.id.toString(), detail.multiaddrs.map(a => a.toString()))
        })
        return service
      }],
      connectionMonitor: { enabled: false },
      connectionGater: { denyDialMultiaddr: () => false }
    })
    return {
      id: node.peerId.toString(),
      addresses: node.getMultiaddrs().map(a => a.toString())
    }
  },

  found: async () => ({ peers: [...found].map(([id, addresses]) => ({ id, addresses })) }),

  dialFound: async ({ peer }) => ({ ms: await node.services.ping.ping(peerIdFromString(peer)) }),

  async stop () {
    await node.stop()
    return {}
  }
}

await obey(commands, () => node?.stop())
