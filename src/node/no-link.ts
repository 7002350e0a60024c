/** The link of sessions that nobody is connected to: who replays the append-only file, or speaks for the node. */
import type { Link } from './host.js';

export const NO_LINK: Link = {
  remoteAddress: '',
  remotePort: 0,
  localAddress: '',
  localPort: 0,
  buffered: 0,
  write: () => true,
  close() {},
  destroy() {},
  pause() {},
  resume() {},
};
