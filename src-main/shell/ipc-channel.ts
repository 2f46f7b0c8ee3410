/** The one channel between the page and the machine; messages are those of the contract. */
export const IPC_CHANNEL = 'fovea';
