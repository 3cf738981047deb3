// A web tier in Node, of one file and no dependency. It speaks plain HTTP to the server that it is on, whose
// terminator speaks TLS for it, and stops within seconds of SIGTERM.
'use strict'
const http = require('node:http')

const port = Number(process.env.PORT || 8080)
const release = process.env.RELEASE || 'development'

const server = http.createServer((request, response) => {
  if (request.url === '/healthz') {
    response.end('ok\n')
    return
  }
  if (request.url !== '/' || request.method !== 'GET') {
    response.writeHead(404).end('not found\n')
    return
  }
  response.setHeader('Content-Type', 'text/html; charset=utf-8')
  response.end(`<!doctype html><title>Node</title><h1>Hello from Node ${process.versions.node}</h1><p>Release ${release}</p>\n`)
})
// Longer than the load balancer keeps an idle connection: it must be the one that closes it.
server.keepAliveTimeout = 75_000
server.listen(port, '127.0.0.1', () => console.log(JSON.stringify({ msg: 'serving', port })))

process.on('SIGTERM', () => {
  server.close(() => process.exit(0))
  server.closeIdleConnections()
})
