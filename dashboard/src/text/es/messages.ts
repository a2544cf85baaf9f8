import type { messages as English } from "../en/messages";

export const messages: typeof English = {};
