/** Publishes on one node what is heard on another. Prints `news: hello` and `news: goodbye`. */
import { connect } from 'hexis';

const client = await connect('localhost:7002');

const heard = await new Promise<string[]>((resolve, reject) => {
  const messages: string[] = [];
  client
    .subscribe('news', (message, channel) => {
      messages.push(`${channel}: ${message}`);
      if (message === 'goodbye') resolve(messages);
    })
    .then(() => Promise.all([client.publish('news', 'hello'), client.publish('news', 'goodbye')]))
    .catch(reject);
});
for (const line of heard) console.log(line);

await client.close();
