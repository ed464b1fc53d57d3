// The peer: a WebSocket server in Node with the library ws, which sends what is posted to it to
// every socket. It signs nobody in, keeps no log and resumes nothing.

const { createServer } = require("node:http");
const { WebSocketServer } = require("ws"); // found through NODE_PATH, which `import` ignores

const server = createServer((request, response) => {
  const parts = [];
  request.on("data", (part) => parts.push(part));
  request.on("end", () => {
    const text = Buffer.concat(parts).toString();
    for (const socket of sockets.clients) socket.send(text);
    response.end();
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on("connection", (socket) => socket.send('{"type": "welcome", "position": 0}'));
server.listen(0, "127.0.0.1", () =>
  console.info(`Listening on TCP address 127.0.0.1:${server.address().port}`),
);
