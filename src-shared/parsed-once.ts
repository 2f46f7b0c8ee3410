/** For zod, of what a process reads once: to generate code for its schema, as zod otherwise does, takes longer than it saves. */
export const PARSED_ONCE = { jitless: true } as const;
