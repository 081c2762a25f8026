const express = require('express');
const app = express();
app.get('/', (request, response) => response.send('Hello World!'));
const server = app.listen(3000, () => console.log('listening on port 3000'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
