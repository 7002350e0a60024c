/** Commands that redis-server doesn't have, by full name: there is nothing to compare them with. None so far. */
export const OWN_COMMANDS: readonly string[] = [];
