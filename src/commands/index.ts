/** The one command table: a family's file is listed here once. */
import { cluster } from './cluster.js';
import { strings } from './strings.js';
import { CommandTable } from './table.js';
import { transactions } from './transactions.js';

export const commandTable = new CommandTable([strings, transactions, cluster]);
