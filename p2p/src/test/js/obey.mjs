// What every js peer of the tests begins and ends with: it obeys one JSON command per line on stdin, in
// order, and answers each with one JSON line on stdout. It ends when stdin ends.
import { createInterface } from 'node:readline'
import WebSocket from 'ws'

// What js-libp2p expects of newer versions of Node.
Promise.withResolvers ??= function () {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}
globalThis.WebSocket ??= WebSocket

export async function obey (commands, end) {
  for await (const line of createInterface({ input: process.stdin })) {
    const command = JSON.parse(line)
    try {
      console.log(JSON.stringify(await commands[command.do](command)))
    } catch (err) {
      console.log(JSON.stringify({ failed: `${err.stack ?? err}` }))
    }
  }
  await end()
  process.exit(0)
}
