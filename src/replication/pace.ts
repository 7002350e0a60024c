/** How far a master runs ahead of its replicas' connections. */

/** With more than this on its way to a replica what else there is waits. */
export const MOST_BUFFERED = 1024 * 1024;
/** After so many milliseconds it is looked at again. */
export const PATIENCE = 5;
