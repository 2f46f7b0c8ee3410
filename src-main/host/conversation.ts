import {
  isProcedureName,
  PROCEDURES,
  type EventName,
  type EventOf,
  type ParsedInputOf,
  type ProcedureName,
  type ResultOf,
} from '../../src-shared/contract/contract.ts';
import { pageMessageSchema, type HostMessage } from '../../src-shared/contract/messages.ts';
import type { Work } from '../../src-shared/work.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';

type Handler<Name extends ProcedureName> = (
  input: ParsedInputOf<Name>,
  /** Its signal is aborted when the page cancels or is gone. */
  work: Work,
) => Promise<ResultOf<Name>> | ResultOf<Name>;

/** The machine's end of the contract: one function a procedure. */
export type Handlers = { readonly [Name in ProcedureName]: Handler<Name> };
/** Those of one subject. */
export type HandlersOf<Procedures> = Pick<Handlers, keyof Procedures & ProcedureName>;

/** Requests of one page in work at a time; a page that asks for more has lost count of itself. */
const MAX_REQUESTS = 1000;

/** One page's conversation with the handlers, whatever carries it. */
export interface Conversation {
  /**
   * Takes a message of the page, as yet unchecked.
   * @throws FoveaError `message-invalid` for what is no message at all; a bad request is answered instead
   */
  receive(raw: unknown): void;
  emit<Name extends EventName>(event: Name, value: EventOf<Name>): void;
  /** Cancels everything the page waits for. */
  close(): void;
}

export function openConversation(handlers: Handlers, send: (message: HostMessage) => void): Conversation {
  const requests = new Map<number, AbortController>();
  let open = true;

  const reply = (message: HostMessage) => {
    if (open) send(message);
  };

  const answer = async (id: number, procedure: string, input: unknown) => {
    const controller = new AbortController();
    try {
      if (requests.has(id)) throw new FoveaError('message-invalid', `request ${id} is already in work`);
      if (requests.size >= MAX_REQUESTS)
        throw new FoveaError('not-allowed', `more than ${MAX_REQUESTS} requests are in work`, 'Wait for some answers.');
    } catch (error) {
      return reply({ kind: 'error', id, error: toErrorRecord(error) });
    }
    requests.set(id, controller);
    const work: Work = {
      signal: controller.signal,
      progress: (figures) => {
        if (requests.get(id) === controller) reply({ kind: 'progress', id, figures });
      },
      // What notes tell a page asks for itself.
      note: () => undefined,
    };
    let message: HostMessage;
    try {
      if (!isProcedureName(procedure)) throw new FoveaError('message-invalid', `there is no procedure ${procedure}`);
      message = { kind: 'result', id, value: await callHandler(handlers, procedure, input, work) };
      controller.signal.throwIfAborted();
    } catch (error) {
      message = { kind: 'error', id, error: toErrorRecord(controller.signal.aborted ? cancelled() : error) };
    }
    requests.delete(id);
    reply(message);
  };

  return {
    receive(raw) {
      const parsed = pageMessageSchema.safeParse(raw);
      if (!parsed.success)
        throw new FoveaError('message-invalid', 'the message is neither a request nor a cancellation');
      const message = parsed.data;
      if (message.kind === 'cancel') requests.get(message.id)?.abort();
      else void answer(message.id, message.procedure, message.input);
    },
    emit: (event, value) => reply({ kind: 'event', event, value }),
    close() {
      open = false;
      for (const controller of requests.values()) controller.abort();
    },
  };
}

async function callHandler<Name extends ProcedureName>(
  handlers: Handlers,
  name: Name,
  input: unknown,
  work: Work,
): Promise<ResultOf<Name>> {
  const parsed = PROCEDURES[name].input.safeParse(input);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new FoveaError('message-invalid', `${name}: ${issue.path.join('.') || 'input'}: ${issue.message}`);
  }
  // The compiler cannot pair a schema with its handler through a type parameter; the table pairs them by name.
  return handlers[name](parsed.data as ParsedInputOf<Name>, work);
}

function cancelled(): FoveaError {
  return new FoveaError('cancelled', 'the request was cancelled');
}
