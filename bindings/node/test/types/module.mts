// The same as an ES module.
import tlswrap, { connect, type ConnectionOptions } from 'tlswrap';

const options: ConnectionOptions = { port: 443, servername: 'localhost' };
connect(options).end();
tlswrap.connect(443).end();
