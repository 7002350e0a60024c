/** `hexis cluster call`, `set-timeout`. */
import { type Answer, callEverywhere, formatAddress, setNodeTimeout } from '../../manager/index.js';
import { plainReply, rawText } from './reply.js';
import { type Action, addressOf, type CommonOptions, DONE, FAILED } from './session.js';

export interface CallWords extends CommonOptions {
  readonly onlyMasters?: boolean;
  readonly onlyReplicas?: boolean;
}

export const call: Action<CallWords> = async (session, [seed, ...command], options) => {
  const only = options.onlyMasters ? 'masters' : options.onlyReplicas ? 'replicas' : undefined;
  session.print([`>>> Calling ${command.join(' ')}`]);
  const answers = await callEverywhere(addressOf([seed]), command, { ...session.connect, only });
  for (const answer of answers) {
    const text = 'error' in answer ? reasonOf(answer.error) : rawText(answer.reply);
    session.print([`${formatAddress(answer.node)}: ${text}`]);
  }
  session.result(answers.map(plainAnswer));
  return answers.every((answer) => 'reply' in answer) ? DONE : FAILED;
};

export const setTimeout: Action = async (session, [seed, milliseconds]) => {
  session.print(['>>> Reconfiguring node timeout in every cluster node...']);
  const answers = await setNodeTimeout(addressOf([seed]), Number(milliseconds), session.connect);
  for (const answer of answers) {
    const node = formatAddress(answer.node);
    session.print([
      'error' in answer
        ? `[ERR] setting node-timeout for ${node}: ${reasonOf(answer.error)}`
        : `*** New timeout set for ${node}`,
    ]);
  }
  const failed = answers.filter((answer) => 'error' in answer).length;
  session.print([`>>> New node timeout set. ${answers.length - failed} OK, ${failed} ERR.`]);
  session.result(answers.map(plainAnswer));
  return failed === 0 ? DONE : FAILED;
};

/** The node's own words, without the sentence around them. */
function reasonOf({ message }: Error): string {
  return message.replace(/^Node \S+ replied with error:\n/, '');
}

function plainAnswer(answer: Answer) {
  const { node } = answer;
  return 'error' in answer
    ? { node, error: reasonOf(answer.error) }
    : { node, reply: plainReply(answer.reply) };
}
