/**
 * Cuts the byte stream of a bus link into whole frames.
 *
 * A frame that lies whole inside a received chunk is handed out as a view of it; only what a chunk leaves over is
 * copied. The buffer grows with the bytes that really came, never to a length that a peer merely declared.
 * "Not yet whole" and "not a bus stream" are different answers: the first waits, the second ends the link.
 */

import { HEADER_SIZE, read32 } from './bus-frame.js';
import { allocate, type Bytes, copy } from './bytes.js';

const SIGNATURE = 0x52436d62; // RCmb
const PREFIX_SIZE = 8;
const FIRST_BUFFER_SIZE = 4096;

/** Longest frame accepted: a PUBLISH of a value of 512 MB and its channel. */
export const MAX_FRAME_SIZE = 2 ** 29 + 2 ** 24;

export class BusFrameSplitter {
  private buffer: Bytes | null = null;
  private used = 0;

  /** Bytes held of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.used;
  }

  /**
   * Takes bytes[start, end) and calls `onFrame` for each frame that is whole, until it answers false. A frame is
   * valid only during the call. Answers false when the stream is not a bus stream: wrong signature or length.
   */
  push(bytes: Bytes, start: number, end: number, onFrame: (frame: Bytes) => boolean): boolean {
    while (this.used > 0 && start < end) {
      start = this.absorb(bytes, start, end);
      const buffer = this.buffer!;
      const size = frameSize(buffer, 0, this.used);
      if (size < 0) return false;
      if (size === 0 || this.used < size) continue;
      this.buffer = null;
      this.used = 0;
      if (!onFrame(buffer.subarray(0, size))) return true;
    }
    while (start < end) {
      const size = frameSize(bytes, start, end);
      if (size < 0) return false;
      if (size === 0 || end - start < size) {
        this.absorb(bytes, start, end);
        return true;
      }
      if (!onFrame(bytes.subarray(start, start + size))) return true;
      start += size;
    }
    return true;
  }

  /** Takes what the current frame still needs, as far as it is known and there; answers the new start. */
  private absorb(bytes: Bytes, start: number, end: number): number {
    const size = this.buffer ? frameSize(this.buffer, 0, this.used) : 0;
    const wanted = size > 0 ? size - this.used : this.buffer ? PREFIX_SIZE - this.used : end - start;
    const taken = Math.min(wanted, end - start);
    const needed = this.used + taken;
    if (!this.buffer || this.buffer.length < needed) {
      const grown = allocate(Math.max(FIRST_BUFFER_SIZE, 2 * needed));
      if (this.buffer) copy(grown, 0, this.buffer, 0, this.used);
      this.buffer = grown;
    }
    copy(this.buffer, this.used, bytes, start, start + taken);
    this.used = needed;
    return start + taken;
  }
}

/** Size of the frame at `start`: 0 when its prefix is not there yet, -1 when this can't be a frame. */
function frameSize(bytes: Bytes, start: number, end: number): number {
  if (end - start < PREFIX_SIZE) return 0;
  if (read32(bytes, start) !== SIGNATURE) return -1;
  const size = read32(bytes, start + 4);
  return size < HEADER_SIZE || size > MAX_FRAME_SIZE ? -1 : size;
}
