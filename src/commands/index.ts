/** The one command table: a family's file is listed here once. */
import { strings } from './strings.js';
import { CommandTable } from './table.js';

export const commandTable = new CommandTable([strings]);
