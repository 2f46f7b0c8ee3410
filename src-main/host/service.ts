import type { EventName, EventOf } from '../../src-shared/contract/contract.ts';
import { analysisHandlers } from './analysis-handlers.ts';
import { appHandlers } from './app-handlers.ts';
import { comparisonHandlers } from './comparison-handlers.ts';
import type { Handlers } from './conversation.ts';
import { filesHandlers } from './files-handlers.ts';
import type { HostParts } from './host-parts.ts';
import { imagesHandlers } from './images-handlers.ts';
import { modelsHandlers } from './models-handlers.ts';
import { reportsHandlers } from './reports-handlers.ts';
import { runsHandlers } from './runs-handlers.ts';

type Listener = <Name extends EventName>(event: Name, value: EventOf<Name>) => void;

/** The contract's machine side, as carriers serve it. */
export interface Service {
  readonly handlers: Handlers;
  /** Tells of events until the returned function is called. */
  subscribe(listener: Listener): () => void;
  emit: Listener;
}

/** The procedures of the contract, subject by subject. */
export function handlersOf(parts: HostParts): Handlers {
  return {
    ...appHandlers(parts),
    ...filesHandlers(parts),
    ...imagesHandlers(parts),
    ...modelsHandlers(parts),
    ...analysisHandlers(parts),
    ...runsHandlers(parts),
    ...comparisonHandlers(parts),
    ...reportsHandlers(parts),
  };
}

/** Those who want to be told of events. */
export function eventHub(): Pick<Service, 'emit' | 'subscribe'> {
  const listeners = new Set<Listener>();
  return {
    emit: (event, value) => {
      for (const listener of listeners) listener(event, value);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
