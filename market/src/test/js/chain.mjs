// A chain of this machine alone. Says on which port, and ends with its standard input.
import ganache from 'ganache'

const server = ganache.server({ logging: { quiet: true } })
await server.listen(0, '127.0.0.1')
console.log(JSON.stringify({ port: server.address().port }))
process.stdin.on('end', () => process.exit(0)).resume()
