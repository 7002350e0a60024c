/**
 * The part of Node.js below `net.Socket` that the fast path uses, found at run time. When any of it is missing (another
 * Node.js, Bun, Deno) or HEXIS_PLAIN_SOCKETS=1 is set, `fastStreams` is undefined and links use the public API.
 */

/** A stream's native handle. */
export interface StreamHandle {
  /** Writes at once what the system takes; keeps hold of `bytes` for the rest. Answers 0 or an error number. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** Called when something has been read, or can't be; the socket's own to begin with. */
  onread: (this: StreamHandle, bytes: ArrayBuffer | undefined) => unknown;
}

/** The native side's record of one write. It can be used again once its write has ended. */
export interface WriteRequest {
  handle?: StreamHandle;
  /** Keeps the bytes from being collected while the system still needs them. */
  bytes?: Uint8Array;
  oncomplete?: (status: number) => void;
}

interface StreamBinding {
  WriteWrap: new () => WriteRequest;
  streamBaseState: ArrayLike<number>;
  kLastWriteWasAsync: number;
  kReadBytesOrError: number;
}

export interface FastStreams {
  newRequest(): WriteRequest;
  /** Whether the last `writeBuffer` of any handle is still under way. */
  lastWasUnfinished(): boolean;
  /** In `onread`: how many bytes have been read; negative: that was the end, or an error. */
  lastRead(): number;
}

function find(): FastStreams | undefined {
  if (process.env.HEXIS_PLAIN_SOCKETS === '1') return undefined;
  try {
    const { binding } = process as unknown as { binding(name: string): Partial<StreamBinding> };
    const { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError } = binding('stream_wrap');
    if (WriteWrap === undefined || streamBaseState === undefined) return undefined;
    if (kLastWriteWasAsync === undefined || kReadBytesOrError === undefined) return undefined;
    return {
      newRequest: () => new WriteWrap(),
      lastWasUnfinished: () => streamBaseState[kLastWriteWasAsync] !== 0,
      lastRead: () => streamBaseState[kReadBytesOrError],
    };
  } catch {
    return undefined;
  }
}

export const fastStreams = find();
